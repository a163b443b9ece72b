// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ctl_script.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_values.hpp"
#include "harness/cli/ctl_verbs.hpp"
#include "harness/cli/input.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Rows = std::vector<std::vector<std::string>>;

// In a list; one answer is shown whole.
constexpr std::size_t records_shown_max = 3;
constexpr std::size_t data_shown_max = 120;  // octets: what a wide terminal has beside a name

std::string answer_path(const std::string& name, const std::string& type) {
    return ctl_path("/v1/answers", {name, type});
}

// "22 addresses", "1500 octets", or the data of the first records.
std::string answer_data(const json::value& answer) {
    for (const char* size : {"addresses", "octets"}) {
        if (member(answer, size).is_number()) return fmt::format("{} {}", ctl_text(answer, size), size);
    }
    const json::array& records = elements(member(answer, "records"));
    std::string text;
    for (std::size_t i = 0; i < records.size() && i < records_shown_max; ++i) {
        text += (i == 0 ? "" : ", ") + ctl_text(records[i]);
    }
    if (text.size() > data_shown_max) text = utf8_text(text.substr(0, data_shown_max)).append(" ...");
    if (records.size() > records_shown_max) text += fmt::format(", ... {} in all", records.size());
    return text;
}

// "octets=512 name=www.example. times=3": all of it but what has a column of its own.
std::string fault_parameters(const json::value& fault) {
    std::string text;
    if (!fault.is_object()) return text;
    for (const auto& [key, value] : fault.get_object()) {
        const std::string_view name(key.data(), key.size());
        if (name == "id" || name == "kind" || name == "struck" || value.is_null()) continue;
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", printable(name), ctl_text(value));
    }
    return text;
}

std::string fault_line(const json::value& fault) {
    const std::string parameters = fault_parameters(fault);
    return fmt::format("fault {}: {}{}{}", ctl_text(fault, "id"), ctl_text(fault, "kind"),
                       parameters.empty() ? "" : " ", parameters);
}

// What a kind takes: "octets=12..65535", those that it needs in front and those that it does not in brackets.
std::string parameters_of(const json::value& kind) {
    std::string text;
    for (const json::value& parameter : elements(member(kind, "parameters"))) {
        std::string one = ctl_text(parameter, "name") + "=";
        if (member(parameter, "minimum").is_number() && member(parameter, "maximum").is_number()) {
            one += fmt::format("{}..{}", ctl_text(parameter, "minimum"), ctl_text(parameter, "maximum"));
        } else if (member(parameter, "words").is_array()) {
            one += ctl_text(parameter, "words");
        } else {
            one += "...";
        }
        const json::value& required = member(parameter, "required");
        if (!required.is_bool() || !required.get_bool()) one = fmt::format("[{}]", one);
        text += (text.empty() ? "" : " ") + one;
    }
    return text;
}

json::object body_of(const std::vector<CtlAssignment>& assignments, bool empty_removes) {
    json::object body;
    for (const CtlAssignment& assignment : assignments) {
        const bool removes = empty_removes && assignment.value.empty();
        body[assignment.name] = removes ? json::value(nullptr) : ctl_value(assignment.value);
    }
    return body;
}

}  // namespace

std::string ctl_answers_text(const json::value& answers) {
    Rows rows;
    for (const json::value& answer : elements(answers)) {
        rows.push_back(
            {ctl_text(answer, "name"), ctl_text(answer, "ttl_s"), ctl_text(answer, "type"), answer_data(answer)});
    }
    return ctl_table(rows);
}

std::string ctl_faults_text(const json::value& faults) {
    Rows rows;
    for (const json::value& fault : elements(faults)) {
        std::string struck = "struck " + ctl_text(fault, "struck");
        if (member(fault, "times").is_number()) struck += " of " + ctl_text(fault, "times");
        if (member(fault, "struck").is_null()) struck.clear();  // in a scenario that is not played
        rows.push_back({member(fault, "id").is_null() ? "" : ctl_text(fault, "id"), ctl_text(fault, "kind"),
                        fault_parameters(fault), struck});
    }
    return ctl_table(rows);
}

CtlDone ctl_answer_list(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/answers");
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& body) { return ctl_answers_text(member(body, "answers")); });
}

CtlDone ctl_answer_get(const Ctl& ctl, const std::string& name, const std::string& type) {
    const auto reply = ctl.get(answer_path(name, type));
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& answer) {
        const json::array& records = elements(member(answer, "records"));
        if (records.empty()) return ctl_answers_text(json::array{answer});
        Rows rows;
        for (const json::value& record : records) {
            rows.push_back(
                {ctl_text(answer, "name"), ctl_text(answer, "ttl_s"), ctl_text(answer, "type"), ctl_text(record)});
        }
        return ctl_table(rows);
    });
}

CtlDone ctl_answer_set(const Ctl& ctl, const CtlAnswer& answer) {
    if ((answer.records.empty() ? 0 : 1) + (answer.addresses ? 1 : 0) + (answer.octets ? 1 : 0) != 1) {
        return ctl_misused("answer set: expected one of DATA..., --addresses N and --octets N");
    }
    json::object body;
    if (answer.addresses) body["addresses"] = *answer.addresses;
    if (answer.octets) body["octets"] = *answer.octets;
    if (!answer.records.empty()) {
        json::array records;
        for (const std::string& record : answer.records) records.emplace_back(record);
        body["records"] = std::move(records);
    }
    if (answer.ttl_s) body["ttl_s"] = *answer.ttl_s;
    const auto reply = ctl.put(answer_path(answer.name, answer.type), body);
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("{} {}: {}", ctl_text(reply->json, "name"), ctl_text(reply->json, "type"),
                                        answer_data(reply->json)));
}

CtlDone ctl_answer_delete(const Ctl& ctl, const std::string& name, const std::string& type) {
    const auto reply = ctl.remove(answer_path(name, type));
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("{} {}: deleted", printable(name), printable(type)));
}

CtlDone ctl_answer_clear(const Ctl& ctl) {
    const auto reply = ctl.remove("/v1/answers");
    return reply ? ctl.done(*reply, "no answer is left") : std::unexpected(reply.error());
}

CtlDone ctl_answer_load(const Ctl& ctl, const std::string& zone_file) {
    const auto zone = read_input(zone_file);
    if (!zone) return ctl_misused(zone.error());
    const auto reply = ctl.put("/v1/answers", json::object{{"zone", json::string(zone->begin(), zone->end())}});
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("{} answers of {}", elements(member(reply->json, "answers")).size(),
                                        printable(input_name(zone_file))));
}

CtlDone ctl_fault_kinds(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/fault-kinds");
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& body) {
        Rows rows;
        for (const json::value& kind : elements(member(body, "kinds"))) {
            rows.push_back(
                {ctl_text(kind, "kind"), ctl_text(kind, "transports"), parameters_of(kind), ctl_text(kind, "meaning")});
        }
        return ctl_table(rows);
    });
}

CtlDone ctl_fault_list(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/faults");
    if (!reply) return std::unexpected(reply.error());
    return ctl.show(*reply, [](const json::value& body) { return ctl_faults_text(member(body, "faults")); });
}

CtlDone ctl_fault_add(const Ctl& ctl, const std::string& kind, const std::vector<std::string>& words) {
    const auto assignments = ctl_assignments(words);
    if (!assignments) return std::unexpected(assignments.error());
    json::object body{{"kind", kind}};
    for (auto& [name, value] : body_of(*assignments, false)) body[name] = value;
    const auto reply = ctl.post("/v1/faults", body);
    return reply ? ctl.done(*reply, fault_line(reply->json)) : std::unexpected(reply.error());
}

CtlDone ctl_fault_set(const Ctl& ctl, const std::string& id, const std::vector<std::string>& words) {
    const auto assignments = ctl_assignments(words);
    if (!assignments) return std::unexpected(assignments.error());
    const auto reply = ctl.patch(ctl_path("/v1/faults", {id}), body_of(*assignments, true));
    return reply ? ctl.done(*reply, fault_line(reply->json)) : std::unexpected(reply.error());
}

CtlDone ctl_fault_delete(const Ctl& ctl, const std::string& id) {
    const auto reply = ctl.remove(ctl_path("/v1/faults", {id}));
    return reply ? ctl.done(*reply, fmt::format("fault {}: deleted", printable(id))) : std::unexpected(reply.error());
}

CtlDone ctl_fault_clear(const Ctl& ctl) {
    const auto reply = ctl.remove("/v1/faults");
    return reply ? ctl.done(*reply, "no fault is left") : std::unexpected(reply.error());
}

}  // namespace uncut::harness
