// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_values.hpp"
#include "harness/cli/ctl_verbs.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

std::string zone_path(const std::string& zone) {
    return ctl_path("/v1/policies", {zone});
}

std::string_view text_of(const json::string_view& text) {
    return {text.data(), text.size()};
}

// The row of /v1/policy-fields that describes a field, or null.
json::value field_row(const json::value& fields, std::string_view name) {
    for (const json::value& row : elements(member(fields, "fields"))) {
        if (ctl_text(row, "name") == name) return row;
    }
    return {};
}

// An empty set is a value too, and would be invisible.
std::string value_text(const json::value& value) {
    const std::string text = ctl_text(value);
    return text.empty() ? "(none)" : text;
}

std::vector<std::string> policy_row(std::string_view name, const json::value& value, const json::value& fields) {
    const json::value row = field_row(fields, name);
    return {printable(name), value_text(value), ctl_text(row, "unit"), ctl_text(row, "meaning")};
}

std::string policy_text(const json::value& policy, const json::value& fields) {
    if (!policy.is_object()) return ctl_text(policy) + "\n";
    if (policy.get_object().empty()) return "(sets nothing itself)\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, value] : policy.get_object()) rows.push_back(policy_row(text_of(name), value, fields));
    return ctl_table(rows);
}

// Prints a policy with units and meanings.
CtlDone show_policy(const Ctl& ctl, const CtlResult<CtlReply>& policy) {
    if (!policy) return std::unexpected(policy.error());
    if (ctl.json()) return ctl.print(policy->body);
    const auto fields = ctl.get("/v1/policy-fields");
    if (!fields) return std::unexpected(fields.error());
    return ctl.print(policy_text(policy->json, fields->json));
}

// PATCH, or PUT where the zone has no policy yet.
CtlResult<CtlReply> write_policy(const Ctl& ctl, const std::string& zone, const json::object& fields) {
    auto patched = ctl.patch(zone_path(zone), fields);
    if (patched || patched.error().http_status != 404) return patched;
    return ctl.put(zone_path(zone), fields);
}

}  // namespace

CtlDone ctl_policy_list(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/policies");
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& body) {
        std::vector<std::vector<std::string>> rows;
        if (!body.is_object()) return std::string();
        for (const auto& [zone, policy] : body.get_object()) {
            std::string shown = printable(text_of(zone));
            if (!policy.is_object()) continue;
            if (policy.get_object().empty()) rows.push_back({shown, "(sets nothing itself)"});
            for (const auto& [name, value] : policy.get_object()) {
                rows.push_back({std::exchange(shown, ""), printable(text_of(name)), value_text(value)});
            }
        }
        return ctl_table(rows);
    });
}

CtlDone ctl_policy_get(const Ctl& ctl, const std::string& zone, bool effective) {
    return show_policy(ctl, ctl.get(zone_path(zone) + (effective ? "?effective=true" : "")));
}

CtlDone ctl_policy_set(const Ctl& ctl, const std::string& zone, const std::vector<std::string>& words) {
    const auto assignments = ctl_assignments(words);
    if (!assignments) return std::unexpected(assignments.error());
    const auto fields = ctl.get("/v1/policy-fields");
    if (!fields) return std::unexpected(fields.error());
    json::object body;
    for (const CtlAssignment& assignment : *assignments) {
        body[assignment.name] = ctl_value(assignment.value, field_row(fields->json, assignment.name));
    }
    const auto written = write_policy(ctl, zone, body);
    if (!written) return std::unexpected(written.error());
    std::vector<std::string> now;
    for (const CtlAssignment& assignment : *assignments) {
        now.push_back(fmt::format("{}={}", printable(assignment.name), ctl_text(written->json, assignment.name)));
    }
    return ctl.done(*written, fmt::format("{}: {}", printable(zone), fmt::join(now, " ")));
}

CtlDone ctl_policy_unset(const Ctl& ctl, const std::string& zone, const std::vector<std::string>& fields) {
    json::object body;
    for (const std::string& field : fields) body[field] = nullptr;  // RFC 7396: null takes a member out
    const auto reply = ctl.patch(zone_path(zone), body);
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("{}: no longer sets {}", printable(zone),
                                        printable(fmt::format("{}", fmt::join(fields, ", ")))));
}

CtlDone ctl_policy_delete(const Ctl& ctl, const std::string& zone) {
    const auto reply = ctl.remove(zone_path(zone));
    return reply ? ctl.done(*reply, fmt::format("{}: deleted", printable(zone))) : std::unexpected(reply.error());
}

CtlDone ctl_preset_list(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/presets");
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& body) {
        std::string text;
        for (const json::value& name : elements(member(body, "presets"))) text += ctl_text(name) + "\n";
        return text;
    });
}

CtlDone ctl_preset_show(const Ctl& ctl, const std::string& name) {
    return show_policy(ctl, ctl.get(ctl_path("/v1/presets", {name})));
}

CtlDone ctl_preset_apply(const Ctl& ctl, const std::string& name) {
    const auto reply = ctl.post(ctl_path("/v1/presets", {name, "apply"}), json::object());
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("default: preset {}", printable(name)));
}

}  // namespace uncut::harness
