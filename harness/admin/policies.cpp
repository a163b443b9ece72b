// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/policies.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <utility>

#include "harness/admin/problem.hpp"
#include "harness/admin/query_parameters.hpp"
#include "harness/admin/responses.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

// The revision is a strong validator: two snapshots never share one.
std::string tag_of(std::uint64_t revision) {
    return fmt::format("{}", revision);
}

/// The handlers' common room.
class Policies {
  public:
    explicit Policies(std::shared_ptr<PolicyStore> store) : store_(std::move(store)) {}

    HttpResponse get_all() const {
        const PolicySetView view = store_->read();
        json::object body;
        for (const auto& [zone, overrides] : view.zones) body[zone] = policy_to_json(overrides);
        // The root has nobody to inherit from: its representation is whole.
        if (const auto root = store_->read_zone(root_zone)) body[root_zone] = policy_to_json(root->complete);
        return json_response(body, tag_of(view.revision));
    }

    HttpResponse put_all(const HttpRequest& request) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        auto zones = read_policy_set(*body, "");
        if (!zones) return problem(zones.error());
        const auto written = store_->replace(std::move(*zones), *precondition);
        return written ? get_all() : problem_of(written.error());
    }

    HttpResponse get(const HttpRequest& request, const std::string& zone) const {
        const auto query = QueryParameters::parse(request, {"effective"});
        if (!query) return query.error();
        const auto effective = query->word("effective", {"true", "false"});
        if (!effective) return effective.error();
        return represent(zone, *effective == "true", 200);
    }

    HttpResponse put(const HttpRequest& request, const std::string& zone) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        const auto overrides = read_policy(*body, "");
        if (!overrides) return problem(overrides.error());
        const bool existed = store_->read_zone(zone).has_value();
        // A resource that is not there has no current representation for If-Match to match (RFC 9110 13.1.1).
        if (!existed && request.count("If-Match") > 0) {
            return precondition_failed(tag_of(store_->read().revision));
        }
        const auto written = store_->put_zone(zone, *overrides, *precondition);
        return written ? represent(zone, false, existed ? 200 : 201) : problem_of(written.error());
    }

    HttpResponse patch(const HttpRequest& request, const std::string& zone) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        const auto written = store_->patch_zone(zone, *body, *precondition);
        return written ? represent(zone, false, 200) : problem_of(written.error());
    }

    HttpResponse remove(const HttpRequest& request, const std::string& zone) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto written = store_->delete_zone(zone, *precondition);
        return written ? no_content(tag_of(*written)) : problem_of(written.error());
    }

    HttpResponse get_presets() const {
        json::array names;
        for (const std::string& name : store_->presets()) names.emplace_back(name);
        return json_response({{"presets", std::move(names)}});
    }

    HttpResponse get_preset(const std::string& name) const {
        const auto policy = store_->preset(name);
        if (!policy) return problem(Problem::not_found, fmt::format("there is no preset \"{}\"", name));
        return json_response(policy_to_json(*policy));
    }

    HttpResponse apply_preset(const HttpRequest& request, const std::string& name) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        if (auto refused = refuse_body(request)) return std::move(*refused);
        const auto written = store_->apply_preset(name, *precondition);
        return written ? represent(std::string(root_zone), true, 200) : problem_of(written.error());
    }

    HttpResponse get_fields() const {
        const json::object defaults = policy_to_json(*store_->preset("default"));
        json::array fields;
        for (const PolicyField& field : policy_fields()) fields.push_back(describe(field, defaults));
        return json_response({{"fields", std::move(fields)}});
    }

  private:
    HttpResponse represent(const std::string& zone, bool effective, unsigned status) const {
        const auto view = store_->read_zone(zone);
        if (!view) return problem(Problem::not_found, fmt::format("there is no policy for the zone \"{}\"", zone));
        const bool whole = effective || zone_key(zone) == root_zone;
        return json_response(whole ? policy_to_json(view->complete) : policy_to_json(view->overrides),
                             tag_of(view->revision), status);
    }

    static json::object describe(const PolicyField& field, const json::object& defaults) {
        static constexpr std::string_view kinds[] = {"boolean", "integer", "choice", "set"};
        json::object row{{"name", json::string(field.name)},
                         {"unit", json::string(field.unit)},
                         {"kind", json::string(kinds[static_cast<std::size_t>(field.kind)])},
                         {"meaning", json::string(field.meaning)},
                         {"default", defaults.at(field.name)}};
        if (field.kind == PolicyKind::integer) {
            row["minimum"] = field.minimum;
            row["maximum"] = field.maximum;
        }
        if (!field.words.empty()) {
            json::array words;
            for (const PolicyWord& word : field.words) words.emplace_back(json::string(word.text));
            row["words"] = std::move(words);
        }
        return row;
    }

    std::shared_ptr<PolicyStore> store_;
};

}  // namespace

HttpResponse problem_of(const PolicyWriteError& error) {
    switch (error.kind) {
        case PolicyWriteError::Kind::invalid:
            return problem(error.json);
        case PolicyWriteError::Kind::no_such_zone:
            return problem(Problem::not_found, error.reason);
        case PolicyWriteError::Kind::root_stays:
            return problem(Problem::conflict, error.reason);
        case PolicyWriteError::Kind::precondition_failed:
            return precondition_failed(tag_of(error.revision));
        case PolicyWriteError::Kind::refused:
            break;
    }
    return problem(Problem::wrong_value, error.reason);
}

void add_policy_resources(Router& router, std::shared_ptr<PolicyStore> store) {
    const auto policies = std::make_shared<Policies>(std::move(store));
    constexpr auto json_type = "application/json";
    constexpr auto patch_type = "application/merge-patch+json";
    router.add(
        {"GET", "/v1/policies", "", [policies](const HttpRequest&, const Parameters&) { return policies->get_all(); }});
    router.add({"PUT", "/v1/policies", json_type,
                [policies](const HttpRequest& request, const Parameters&) { return policies->put_all(request); }});
    const std::string zone = "/v1/policies/{zone}";
    router.add({"GET", zone, "", [policies](const HttpRequest& request, const Parameters& of) {
                    return policies->get(request, of[0]);
                }});
    router.add({"PUT", zone, json_type, [policies](const HttpRequest& request, const Parameters& of) {
                    return policies->put(request, of[0]);
                }});
    router.add({"PATCH", zone, patch_type, [policies](const HttpRequest& request, const Parameters& of) {
                    return policies->patch(request, of[0]);
                }});
    router.add({"DELETE", zone, "", [policies](const HttpRequest& request, const Parameters& of) {
                    return policies->remove(request, of[0]);
                }});
    router.add({"GET", "/v1/policy-fields", "",
                [policies](const HttpRequest&, const Parameters&) { return policies->get_fields(); }});
    router.add({"GET", "/v1/presets", "",
                [policies](const HttpRequest&, const Parameters&) { return policies->get_presets(); }});
    router.add({"GET", "/v1/presets/{name}", "",
                [policies](const HttpRequest&, const Parameters& of) { return policies->get_preset(of[0]); }});
    router.add({"POST", "/v1/presets/{name}/apply", "", [policies](const HttpRequest& request, const Parameters& of) {
                    return policies->apply_preset(request, of[0]);
                }});
}

}  // namespace uncut::harness
