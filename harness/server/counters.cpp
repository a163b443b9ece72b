// SPDX-License-Identifier: Apache-2.0
#include "harness/server/counters.hpp"

#include <numeric>

namespace uncut::harness {

std::string_view drop_cause_name(DropCause cause) {
    static constexpr std::array<std::string_view, drop_cause_count> names = {
        "short",       "response",           "no_question",  "silence",     "engine_other", "engine_full",
        "client_gone", "client_not_reading", "send_blocked", "send_failed", "stopped"};
    return names[static_cast<std::size_t>(cause)];
}

std::string_view refusal_cause_name(RefusalCause cause) {
    static constexpr std::array<std::string_view, refusal_cause_count> names = {"total_cap", "client_cap",
                                                                                "not_allowed", "system"};
    return names[static_cast<std::size_t>(cause)];
}

std::uint64_t ServerCounters::dropped_all() const {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

ServerCounters& ServerCounters::operator+=(const ServerCounters& other) {
    queries_udp += other.queries_udp;
    queries_tcp += other.queries_tcp;
    answered_udp += other.answered_udp;
    answered_tcp += other.answered_tcp;
    stream_messages += other.stream_messages;
    refused_full += other.refused_full;
    truncated_late += other.truncated_late;
    for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += other.dropped[i];
    in_flight += other.in_flight;
    datagrams_not_allowed += other.datagrams_not_allowed;
    connections_accepted += other.connections_accepted;
    connections_open += other.connections_open;
    connections_idle_closed += other.connections_idle_closed;
    for (std::size_t i = 0; i < connections_refused.size(); ++i) connections_refused[i] += other.connections_refused[i];
    responses_udp += other.responses_udp;
    responses_tcp += other.responses_tcp;
    return *this;
}

}  // namespace uncut::harness
