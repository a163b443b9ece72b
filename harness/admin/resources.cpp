// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/resources.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "harness/admin/problem.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

// The revision is a strong validator: two snapshots never share one.
HttpHeader etag(std::uint64_t revision) {
    return {"ETag", fmt::format("\"{}\"", revision)};
}

HttpResponse json_response(const json::object& body, std::uint64_t revision) {
    HttpResponse response;
    response.content_type = "application/json";
    response.headers.push_back(etag(revision));
    response.body = json::serialize(body) + "\n";
    return response;
}

HttpResponse problem_of(const PolicyWriteError& error) {
    switch (error.kind) {
        case PolicyWriteError::Kind::invalid:
            return problem(error.json);
        case PolicyWriteError::Kind::no_such_zone:
            return problem(Problem::not_found, error.reason);
        case PolicyWriteError::Kind::root_stays:
            return problem(Problem::conflict, error.reason);
        case PolicyWriteError::Kind::precondition_failed: {
            HttpResponse response = problem(Problem::precondition_failed, error.reason);
            response.headers.push_back(etag(error.revision));
            return response;
        }
        case PolicyWriteError::Kind::refused:
            break;
    }
    return problem(Problem::wrong_value, error.reason);
}

void skip_spaces(std::string_view& text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
}

/// One entity tag off the front of a list. Nothing if there is none; a tag that is no revision, or a weak one, which
/// never matches here (RFC 9110 13.1.1), is read and left out.
bool take_tag(std::string_view& list, std::vector<std::uint64_t>& revisions) {
    const bool weak = list.starts_with("W/");
    if (weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;
    const std::size_t end = list.find('"', 1);
    if (end == std::string_view::npos) return false;
    const std::string_view tag = list.substr(1, end - 1);
    list.remove_prefix(end + 1);
    std::uint64_t revision = 0;
    const auto [last, error] = std::from_chars(tag.data(), tag.data() + tag.size(), revision);
    // "01" is another tag than "1": tags are compared as octets.
    if (!weak && error == std::errc{} && fmt::format("{}", revision) == tag) revisions.push_back(revision);
    return true;
}

std::expected<PolicyPrecondition, HttpResponse> precondition_of(const HttpRequest& request) {
    if (request.count("If-Match") == 0) return PolicyPrecondition{};
    std::string_view list = request.header("If-Match");
    skip_spaces(list);
    if (list == "*") return PolicyPrecondition{};  // any state of a resource that exists
    std::vector<std::uint64_t> revisions;
    while (request.count("If-Match") == 1) {
        if (!take_tag(list, revisions)) break;
        skip_spaces(list);
        if (list.empty()) return PolicyPrecondition{std::move(revisions)};
        if (!list.starts_with(',')) break;
        list.remove_prefix(1);
        skip_spaces(list);
    }
    return std::unexpected(problem(Problem::bad_request, "expected If-Match: \"REVISION\", a list of these, or *"));
}

}  // namespace

AdminApplication::AdminApplication(std::shared_ptr<PolicyStore> policies, AccessRules rules)
    : policies_(std::move(policies)), rules_(std::move(rules)) {
    using Parameters = Router::Parameters;
    router_.add({"GET", "/health", "", [](const HttpRequest&, const Parameters&) {
                     return HttpResponse{200, "application/json", {}, "{\"status\":\"ok\"}\n"};
                 }});
    router_.add({"GET", "/v1/policies/default", "",
                 [this](const HttpRequest&, const Parameters&) { return get_policy(root_zone); }});
    router_.add({"PATCH", "/v1/policies/default", "application/merge-patch+json",
                 [this](const HttpRequest& request, const Parameters&) { return patch_policy(request, root_zone); }});
    router_.add(
        {"POST", "/v1/reset", "", [this](const HttpRequest& request, const Parameters&) { return reset(request); }});
}

std::optional<HttpResponse> AdminApplication::refuse(const HttpRequest& head) {
    if (auto refused = refuse_access(head, rules_)) return refused;
    auto found = router_.find(head);
    if (!found) return std::move(found.error());
    return std::nullopt;
}

HttpResponse AdminApplication::handle(const HttpRequest& request) {
    const auto found = router_.find(request);
    if (!found) return found.error();
    return found->route->handle(request, found->parameters);
}

HttpResponse AdminApplication::get_policy(std::string_view zone) const {
    const auto view = policies_->read_zone(zone);
    if (!view) return problem(Problem::not_found, fmt::format("there is no policy for the zone \"{}\"", zone));
    return json_response(policy_to_json(view->complete), view->revision);
}

HttpResponse AdminApplication::patch_policy(const HttpRequest& request, std::string_view zone) {
    auto precondition = precondition_of(request);
    if (!precondition) return std::move(precondition.error());
    const auto patch = parse_json(request.body);
    if (!patch) return problem(patch.error());
    if (const auto written = policies_->patch_zone(zone, *patch, *precondition); !written) {
        return problem_of(written.error());
    }
    return get_policy(zone);
}

HttpResponse AdminApplication::reset(const HttpRequest& request) {
    if (!request.body.empty()) {
        const auto body = parse_json(request.body);
        if (!body) return problem(body.error());
        if (!body->is_object()) {
            return problem(JsonError{JsonError::Kind::wrong_value, "", "no body, or {}", json_excerpt(*body)});
        }
        if (!body->get_object().empty()) {
            const auto& key = body->get_object().begin()->key();
            return problem(JsonError{JsonError::Kind::unknown_field,
                                     json_pointer("", std::string_view(key.data(), key.size())), "no body, or {}",
                                     "a field"});
        }
    }
    const auto written = policies_->reset();
    if (!written) return problem_of(written.error());
    return json_response({{"revision", *written}}, *written);
}

}  // namespace uncut::harness
