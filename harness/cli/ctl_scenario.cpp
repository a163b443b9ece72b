// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/admin/json_text.hpp"
#include "harness/cli/ctl_script.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_verbs.hpp"
#include "harness/cli/input.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

// Names of scenarios have neither.
bool is_file(const std::string& word) {
    return word == "-" || word.contains('/') || word.ends_with(".json");
}

CtlResult<json::value> scenario_of_file(const std::string& file) {
    const auto octets = read_input(file);
    if (!octets) return ctl_misused(octets.error());
    auto document = parse_json({reinterpret_cast<const char*>(octets->data()), octets->size()});
    if (!document) return ctl_misused(fmt::format("{}: {}", printable(input_name(file)), document.error().text()));
    return std::move(*document);
}

CtlResult<json::value> scenario_of_name(const Ctl& ctl, const std::string& name) {
    auto reply = ctl.get(ctl_path("/v1/scenarios", {name}));
    if (reply) return std::move(reply->json);
    if (reply.error().http_status == 404) reply.error().text += " (a file has a slash in its name, or ends in .json)";
    return std::unexpected(std::move(reply.error()));
}

// A heading and what is under it; nothing for nothing.
std::string part_text(std::string_view heading, const std::string& lines) {
    return lines.empty() ? "" : fmt::format("\n{}\n{}", heading, lines);
}

std::string policies_text(const json::value& policies) {
    std::vector<std::vector<std::string>> rows;
    if (!policies.is_object()) return {};
    for (const auto& [zone, policy] : policies.get_object()) {
        std::string sets;
        if (policy.is_object()) {
            for (const auto& [name, value] : policy.get_object()) {
                sets += fmt::format("{}{}={}", sets.empty() ? "" : " ", printable({name.data(), name.size()}),
                                    ctl_text(value));
            }
        }
        rows.push_back({printable({zone.data(), zone.size()}), sets});
    }
    return ctl_table(rows);
}

std::string scenario_text(const json::value& scenario) {
    std::string text = fmt::format("{}: {}\n{}\n", ctl_text(scenario, "name"), ctl_text(scenario, "title"),
                                   ctl_text(scenario, "description"));
    text += part_text("policies", policies_text(member(scenario, "policies")));
    text += part_text("answers", ctl_answers_text(member(scenario, "answers")));
    text += part_text("faults", ctl_faults_text(member(scenario, "faults")));
    return text;
}

}  // namespace

CtlDone ctl_scenario_list(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/scenarios");
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& body) {
        std::vector<std::vector<std::string>> rows;
        for (const json::value& scenario : elements(member(body, "scenarios"))) {
            rows.push_back({ctl_text(scenario, "name"), ctl_text(scenario, "title")});
        }
        return ctl_table(rows);
    });
}

CtlDone ctl_scenario_show(const Ctl& ctl, const std::string& name) {
    const auto reply = ctl.get(ctl_path("/v1/scenarios", {name}));
    return reply ? ctl.show(*reply, scenario_text) : std::unexpected(reply.error());
}

CtlDone ctl_scenario_load(const Ctl& ctl, const std::string& word) {
    const auto scenario = is_file(word) ? scenario_of_file(word) : scenario_of_name(ctl, word);
    if (!scenario) return std::unexpected(scenario.error());
    const auto reply = ctl.put("/v1/scenario", *scenario);
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("scenario {}: {} answers, {} faults", ctl_text(reply->json, "name"),
                                        elements(member(reply->json, "answers")).size(),
                                        elements(member(reply->json, "faults")).size()));
}

CtlDone ctl_scenario_save(const Ctl& ctl, const std::string& file) {
    const auto reply = ctl.get("/v1/scenario");
    if (!reply) return std::unexpected(reply.error());
    const std::string document = ctl_document(reply->json);
    if (file == "-") return ctl.print(document);
    errno = 0;
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << document << std::flush;
    if (!out) return ctl_misused(fmt::format("{}: cannot be written: {}", printable(file), std::strerror(errno)));
    return ctl.done(*reply, fmt::format("saved to {}", printable(file)));
}

}  // namespace uncut::harness
