// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/scenarios.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <utility>

#include "harness/admin/policies.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"
#include "harness/admin/scenario_json.hpp"
#include "harness/admin/script_problem.hpp"
#include "harness/assets/assets.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

constexpr std::string_view folder = "scenarios/";
constexpr std::string_view ending = ".json";

/// The handlers' common room.
class ScenarioResources {
  public:
    ScenarioResources(std::shared_ptr<PolicyStore> policies, std::shared_ptr<ScriptStore> script)
        : policies_(std::move(policies)), script_(std::move(script)) {}

    HttpResponse get_built_in() const {
        json::array scenarios;
        for (const Asset& asset : assets()) {
            if (!asset.path.starts_with(folder)) continue;
            const json::object scenario = parse_json(asset.content).value().as_object();
            scenarios.push_back({{"name", scenario.at("name")},
                                 {"title", scenario.at("title")},
                                 {"description", scenario.at("description")}});
        }
        return json_response({{"scenarios", std::move(scenarios)}});
    }

    HttpResponse get_one_built_in(const std::string& name) const {
        const Asset* asset = find_asset(fmt::format("{}{}{}", folder, name, ending));
        if (asset == nullptr) {
            return problem(Problem::not_found,
                           fmt::format("there is no scenario {}", json_excerpt(json::string(name))));
        }
        return json_response(parse_json(asset->content).value().as_object());
    }

    HttpResponse get() const {
        ScriptView script = script_->read();
        PolicySetView policies = policies_->read();
        // The root has nobody to inherit from: its representation is whole.
        if (const auto root = policies_->read_zone(root_zone)) {
            policies.zones[std::string(root_zone)] = overrides_of(root->complete);
        }
        Scenario scenario{std::move(policies.zones),
                          {std::move(script.answers), {}, script.udp_octets_max, std::move(script.about)}};
        for (upstream::FaultState& state : script.faults) scenario.script.faults.push_back(std::move(state.fault));
        return json_response(scenario_to_json(scenario), tag());
    }

    HttpResponse put(const HttpRequest& request) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        const auto scenario = read_scenario(*body);
        if (!scenario) return problem(scenario.error());
        if (!precondition->holds(tag())) return precondition_failed(tag());
        // All or nothing: requests are served one at a time, so nobody writes between these.
        PolicySet before = policies_->read().zones;
        if (const auto written = policies_->replace(scenario->policies); !written) return problem_of(written.error());
        if (const auto written = script_->replace(scenario->script); !written) {
            const auto back = policies_->replace(std::move(before));
            return back ? problem_of(written.error()) : problem_of(back.error());
        }
        return get();
    }

  private:
    std::string tag() const { return fmt::format("{}.{}", policies_->read().revision, script_->read().revision); }

    std::shared_ptr<PolicyStore> policies_;
    std::shared_ptr<ScriptStore> script_;
};

}  // namespace

void add_scenario_resources(Router& router, std::shared_ptr<PolicyStore> policies,
                            std::shared_ptr<ScriptStore> script) {
    const ScriptStore* store = script.get();
    const auto scenarios = std::make_shared<ScenarioResources>(std::move(policies), std::move(script));
    const auto add = [&](Router::Route route) { add_script_route(router, store, std::move(route)); };
    add({"GET", "/v1/scenarios", "",
         [scenarios](const HttpRequest&, const Parameters&) { return scenarios->get_built_in(); }});
    add({"GET", "/v1/scenarios/{name}", "",
         [scenarios](const HttpRequest&, const Parameters& of) { return scenarios->get_one_built_in(of[0]); }});
    add({"GET", "/v1/scenario", "", [scenarios](const HttpRequest&, const Parameters&) { return scenarios->get(); }});
    add({"PUT", "/v1/scenario", "application/json",
         [scenarios](const HttpRequest& request, const Parameters&) { return scenarios->put(request); }});
}

}  // namespace uncut::harness
