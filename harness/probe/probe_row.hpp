// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::harness {

using Octets = std::vector<std::uint8_t>;

/// How an attempt to get an answer ended.
enum class ProbeOutcome : std::uint8_t {
    answered,     ///< an answer came, good or bad: the verdict says
    no_answer,    ///< UDP: nothing in time
    refused,      ///< nothing listens there
    unreachable,  ///< the system or the network says that there is no way
    no_connect,   ///< TCP: the connection was neither made nor refused in time
    stalled,      ///< TCP: connected, and then no whole answer in time
    closed,       ///< TCP: closed before a whole answer
    reset,        ///< TCP: reset before a whole answer
};

/// One way of asking, and what came of it. The fields from `octets` on mean something when it was answered.
struct ProbeRow {
    bool tcp = false;
    std::optional<std::uint16_t> bufsize;  ///< octets advertised; nothing: asked without EDNS
    ProbeOutcome outcome = ProbeOutcome::no_answer;
    double time_ms = 0;
    std::uint32_t octets = 0;
    bool tc = false;
    std::uint32_t rcode = 0;
    std::array<std::uint16_t, 3> counts{};  ///< answer, authority, additional, the OPT not counted
    std::uint32_t records = 0;              ///< of the type asked, in the answer
    std::uint32_t verdict = UNCUT_VERDICT_WHOLE;
    Octets message = {};     ///< the answer
    std::string error = {};  ///< the system's words, where it had any

    bool answered() const { return outcome == ProbeOutcome::answered; }
};

/// "no_answer", "refused", ... for programs.
std::string_view outcome_word(ProbeOutcome outcome);
/// "UDP, no EDNS", "UDP, 1232", "TCP".
std::string asked_how(const ProbeRow& row);
/// The verdict, or "no answer", "refused", ...
std::string outcome_text(const ProbeRow& row);

/// The rows under their headings, a line each, columns aligned; ends with a line feed.
std::string probe_table(const std::vector<ProbeRow>& rows);

}  // namespace uncut::harness
