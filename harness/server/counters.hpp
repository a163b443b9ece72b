// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/server/histogram.hpp"

namespace uncut::harness {

/// Why an accepted query got no answer. The first group is the module's word, the rest is the server's own.
enum class DropCause : std::uint8_t {
    short_query,         ///< under 12 octets
    is_response,         ///< QR is set
    no_question,         ///< malformed, and its question cannot be read
    silence,             ///< nobody answered a query that is relayed as it is
    engine_other,        ///< another cause of the module's
    engine_full,         ///< the engine took no more, and no SERVFAIL could be made of the query
    client_gone,         ///< the connection ended before the answer was written
    client_not_reading,  ///< the client left too much unread, its connection was closed
    send_blocked,        ///< the system's send buffer was full
    send_failed,         ///< the system would not send it
    stopped,             ///< unanswered when the time to drain was over
};
inline constexpr std::size_t drop_cause_count = 11;

/// The cause as a word for metrics, e.g. "client_gone".
std::string_view drop_cause_name(DropCause cause);

/// Why a connection was refused.
enum class RefusalCause : std::uint8_t {
    total_cap,    ///< tcp_connections_max
    client_cap,   ///< tcp_connections_per_client_max
    not_allowed,  ///< the client is outside of --allow
    system,       ///< no descriptor or memory left
};
inline constexpr std::size_t refusal_cause_count = 4;
std::string_view refusal_cause_name(RefusalCause cause);

/// What a server has counted, all at one moment of each of its threads, so that
/// queries_udp + queries_tcp = answered_udp + answered_tcp + the sum of dropped + in_flight.
struct ServerCounters {
    std::uint64_t queries_udp = 0;      ///< accepted: read, and from a client that may ask
    std::uint64_t queries_tcp = 0;      ///< accepted: whole messages
    std::uint64_t answered_udp = 0;     ///< the system took the answer
    std::uint64_t answered_tcp = 0;     ///< the system took the whole answer; a zone transfer counts once
    std::uint64_t stream_messages = 0;  ///< messages of zone transfers, beside the last
    std::uint64_t refused_full = 0;     ///< answered with SERVFAIL because the engine was full (also in answered_*)
    std::uint64_t truncated_late = 0;   ///< answered with TC because the system found the datagram too long
    std::array<std::uint64_t, drop_cause_count> dropped{};
    std::uint64_t in_flight = 0;  ///< a gauge

    std::uint64_t datagrams_not_allowed = 0;  ///< from clients outside of --allow: silence; not accepted
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;  ///< a gauge
    std::uint64_t connections_idle_closed = 0;
    std::array<std::uint64_t, refusal_cause_count> connections_refused{};

    ResponseHistograms responses_udp;
    ResponseHistograms responses_tcp;

    void count(DropCause cause, std::uint64_t queries = 1) { dropped[static_cast<std::size_t>(cause)] += queries; }
    void count(RefusalCause cause) { ++connections_refused[static_cast<std::size_t>(cause)]; }
    std::uint64_t dropped_all() const;
    ServerCounters& operator+=(const ServerCounters& other);
};

}  // namespace uncut::harness
