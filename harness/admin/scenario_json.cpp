// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/scenario_json.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/admin/answer_json.hpp"
#include "harness/admin/fault_json.hpp"
#include "harness/admin/json_reading.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::string_view fields[] = {"name",    "title",  "description",    "policies",
                                       "answers", "faults", "udp_octets_max", "story"};
constexpr std::uint32_t udp_octets_most = 65535;

/// Reads a member if it is there.
template <typename T, typename Read>
std::expected<void, JsonError> take(const json::object& object, std::string_view field, T& into, Read read) {
    const json::value* value = object.if_contains(field);
    if (value == nullptr) return {};
    auto done = read(*value, json_pointer("", field));
    if (!done) return std::unexpected(std::move(done.error()));
    into = std::move(*done);
    return {};
}

std::expected<json::array, JsonError> read_story(const json::value& value, std::string_view pointer) {
    if (!value.is_array()) return wrong_json(pointer, "an array of steps", value);
    std::size_t index = 0;
    for (const json::value& step : value.get_array()) {
        if (!step.is_object()) return wrong_json(json_pointer(pointer, index), "a step: an object", step);
        ++index;
    }
    return value.get_array();
}

}  // namespace

std::expected<Scenario, JsonError> read_scenario(const json::value& value) {
    const auto object = read_object(value, "", "a scenario", fields);
    if (!object) return std::unexpected(object.error());
    Scenario scenario;
    Script& script = scenario.script;
    const auto text = [](const json::value& v, std::string_view pointer) { return read_text(v, pointer); };
    const auto octets = [](const json::value& v, std::string_view pointer) {
        return read_integer(v, 0, udp_octets_most, pointer);
    };
    auto done = take(**object, "name", script.about.name, text);
    if (done) done = take(**object, "title", script.about.title, text);
    if (done) done = take(**object, "description", script.about.description, text);
    if (done) done = take(**object, "policies", scenario.policies, read_policy_set);
    if (done) done = take(**object, "answers", script.answers, read_answers);
    if (done) done = take(**object, "faults", script.faults, read_faults);
    if (done) done = take(**object, "udp_octets_max", script.udp_octets_max, octets);
    if (done) done = take(**object, "story", script.about.story, read_story);
    if (!done) return std::unexpected(std::move(done.error()));
    return scenario;
}

json::object scenario_to_json(const Scenario& scenario) {
    const Script& script = scenario.script;
    json::object policies;
    for (const auto& [zone, overrides] : scenario.policies) policies[zone] = policy_to_json(overrides);
    json::array faults;
    for (const upstream::Fault& fault : script.faults) faults.push_back(fault_to_json(fault));
    return {{"name", script.about.name},
            {"title", script.about.title},
            {"description", script.about.description},
            {"policies", std::move(policies)},
            {"answers", answers_to_json(script.answers)},
            {"faults", std::move(faults)},
            {"udp_octets_max", script.udp_octets_max},
            {"story", script.about.story}};
}

}  // namespace uncut::harness
