// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "harness/cli/ctl_message.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_verbs.hpp"
#include "harness/cli/probe.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

std::string answers_text(const json::value& body) {
    std::string text;
    for (const json::value& answer : elements(member(body, "answers"))) {
        text += fmt::format("{}over {}, {} us: {}\n", text.empty() ? "" : "\n", ctl_text(answer, "transport"),
                            ctl_text(answer, "time_us"), ctl_text(answer, "outcome"));
        if (member(answer, "message").is_object()) text += ctl_message_text(member(answer, "message"));
    }
    return text;
}

std::vector<std::string> probe_row(const json::value& row) {
    const json::array& counts = elements(member(row, "counts"));
    const auto count = [&counts](std::size_t at) { return at < counts.size() ? ctl_text(counts[at]) : "-"; };
    const json::value& bufsize = member(row, "udp_payload_size");
    const json::value& tc = member(row, "tc");
    const std::string how = ctl_text(row, "transport") == "tcp" ? "TCP"
                            : bufsize.is_null()                 ? "UDP, no EDNS"
                                                                : "UDP, " + ctl_text(bufsize);
    const json::value& time_ms = member(row, "time_ms");
    const bool answered = ctl_text(row, "outcome") == "answered";
    return {how,
            ctl_text(row, "octets"),
            tc.is_bool() && tc.get_bool() ? "yes" : "-",
            ctl_text(row, "rcode"),
            count(0),
            count(1),
            count(2),
            time_ms.is_number() ? fmt::format("{:.2f} ms", time_ms.to_number<double>()) : "-",
            ctl_text(row, answered ? "verdict" : "outcome")};
}

std::string probe_text(const json::value& body) {
    std::vector<std::vector<std::string>> rows{
        {"asked over", "octets", "TC", "rcode", "answer", "authority", "additional", "time", "verdict"}};
    for (const json::value& row : elements(member(body, "rows"))) rows.push_back(probe_row(row));
    const json::value& diagnosis = member(body, "diagnosis");
    const std::string remedy = ctl_text(diagnosis, "remedy");
    return fmt::format("{} {}, asked of {}\n\n{}\n{}\n{}{}", ctl_text(body, "name"), ctl_text(body, "type"),
                       ctl_text(body, "server"), ctl_table(rows), ctl_text(diagnosis, "text"), remedy,
                       remedy.empty() ? "" : "\n");
}

}  // namespace

CtlDone ctl_ask(const Ctl& ctl, const CtlQuestion& question) {
    json::object body{{"name", question.name}, {"type", question.type}};
    if (!question.server.empty()) body["server"] = question.server;
    if (question.tcp) body["transport"] = "tcp";
    if (question.bufsize) body["bufsize"] = *question.bufsize;
    if (question.no_edns) body["bufsize"] = nullptr;
    if (question.dnssec) body["dnssec"] = true;
    if (question.no_retry) body["retry"] = false;
    const auto reply = ctl.post("/v1/ask", body);
    return reply ? ctl.show(*reply, answers_text) : std::unexpected(reply.error());
}

CtlDone ctl_probe(const Ctl& ctl, const std::vector<std::string>& words) {
    const auto options = parse_probe_arguments(words);
    if (!options) return ctl_misused(options.error());
    json::object body{{"name", options->name}, {"type", options->type}};
    if (!options->server.empty()) body["server"] = options->server;
    const auto reply = ctl.post("/v1/probe", body);
    return reply ? ctl.show(*reply, probe_text) : std::unexpected(reply.error());
}

}  // namespace uncut::harness
