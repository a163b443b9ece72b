// SPDX-License-Identifier: Apache-2.0
#include "harness/probe/probe_row.hpp"

#include <fmt/format.h>

#include "harness/message/text.hpp"

namespace uncut::harness {

std::string asked_how(const ProbeRow& row) {
    if (row.tcp) return "TCP";
    return row.bufsize ? fmt::format("UDP, {}", *row.bufsize) : "UDP, no EDNS";
}

std::string_view outcome_word(ProbeOutcome outcome) {
    static constexpr std::string_view words[] = {"answered",   "no_answer", "refused", "unreachable",
                                                 "no_connect", "stalled",   "closed",  "reset"};
    return words[static_cast<std::size_t>(outcome)];
}

std::string outcome_text(const ProbeRow& row) {
    switch (row.outcome) {
        case ProbeOutcome::answered:
            return std::string(verdict_text(row.verdict));
        case ProbeOutcome::no_answer:
            return "no answer";
        case ProbeOutcome::refused:
            return "refused";
        case ProbeOutcome::unreachable:
            return row.error.empty() ? "unreachable" : row.error;
        case ProbeOutcome::no_connect:
            return "no connection";
        case ProbeOutcome::stalled:
            return "connected, then stalled";
        case ProbeOutcome::closed:
            return "closed early";
        case ProbeOutcome::reset:
            return "reset";
    }
    return "unknown";
}

std::string probe_table(const std::vector<ProbeRow>& rows) {
    constexpr const char* format = "{:<13}  {:>6}  {:<3}  {:<9}  {:>6}  {:>9}  {:>10}  {:>10}  {}\n";
    std::string out = fmt::format(fmt::runtime(format), "asked over", "octets", "TC", "rcode", "answer", "authority",
                                  "additional", "time", "verdict");
    for (const ProbeRow& row : rows) {
        const std::string time = fmt::format("{:.2f} ms", row.time_ms);
        if (row.answered()) {
            out += fmt::format(fmt::runtime(format), asked_how(row), row.octets, row.tc ? "yes" : "-",
                               rcode_text(row.rcode), row.counts[0], row.counts[1], row.counts[2], time,
                               outcome_text(row));
        } else {
            out += fmt::format(fmt::runtime(format), asked_how(row), "-", "-", "-", "-", "-", "-", time,
                               outcome_text(row));
        }
    }
    return out;
}

}  // namespace uncut::harness
