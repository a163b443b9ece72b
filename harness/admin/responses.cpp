// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/responses.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "harness/admin/problem.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

void add_tag(HttpResponse& response, std::string_view tag) {
    if (!tag.empty()) response.headers.push_back({"ETag", fmt::format("\"{}\"", tag)});
}

}  // namespace

HttpResponse json_response(const json::object& body, std::string_view tag, unsigned status) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/json";
    add_tag(response, tag);
    response.body = json::serialize(body) + "\n";
    return response;
}

HttpResponse no_content(std::string_view tag) {
    HttpResponse response;
    response.status = 204;
    add_tag(response, tag);
    return response;
}

HttpResponse precondition_failed(std::string_view tag) {
    HttpResponse response = problem(Problem::precondition_failed, fmt::format("the revision is {} now", tag));
    add_tag(response, tag);
    return response;
}

std::expected<json::value, HttpResponse> json_body(const HttpRequest& request) {
    auto body = parse_json(request.body);
    if (!body) return std::unexpected(problem(body.error()));
    return std::move(*body);
}

std::optional<HttpResponse> refuse_body(const HttpRequest& request) {
    if (request.body.empty()) return std::nullopt;
    const auto body = json_body(request);
    if (!body) return body.error();
    if (!body->is_object()) {
        return problem(JsonError{JsonError::Kind::wrong_value, "", "no body, or {}", json_excerpt(*body)});
    }
    if (body->get_object().empty()) return std::nullopt;
    const auto& key = body->get_object().begin()->key();
    return problem(JsonError{JsonError::Kind::unknown_field, json_pointer("", std::string_view(key.data(), key.size())),
                             "no body, or {}", "a field"});
}

}  // namespace uncut::harness
