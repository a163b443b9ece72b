// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/journal/journal.hpp"
#include "harness/net/address.hpp"
#include "harness/net/cidr.hpp"
#include "harness/server/backend.hpp"

namespace uncut::harness {

/// What a server bounds, and why so.
struct ServerLimits {
    /// Queries in flight on one thread. Over 10,000 clients at a time, with room for bursts; a slot takes 104 octets.
    std::uint32_t in_flight_max = 16'384;
    /// TCP connections in all: a descriptor each, and some kilobytes while they are in use.
    std::uint32_t tcp_connections_max = 1'024;
    /// TCP connections of one client (an IPv6 /64 is one client: that is what one customer gets). A stub needs one or
    /// two, a carrier's NAT many; one client must not hold all.
    std::uint32_t tcp_connections_per_client_max = 128;
    /// Queries of one connection that wait for an answer. At the cap the server stops reading; it drops nothing.
    std::uint32_t tcp_queries_waiting_max = 128;
    /// Silence after which a connection is closed: RFC 7766 6.2.3 asks for a few seconds.
    std::uint32_t tcp_idle_ms = 10'000;
    /// Unsent octets of one connection above which the server reads no more of its queries: one message of the largest
    /// size may always wait.
    std::size_t tcp_unsent_pause_octets = 65'537;
    /// Unsent octets of one connection above which it is closed: its queries in flight, or a zone transfer, produce
    /// more than the client reads.
    std::size_t tcp_unsent_max_octets = 8 << 20;
    /// Unsent octets of all connections of one thread above which the connection that would add more is closed.
    std::size_t tcp_unsent_total_max_octets = 64 << 20;
    /// How long a stop waits for what is in flight: the default deadline of an exchange, 4.5 s, and a margin.
    std::uint32_t drain_max_ms = 5'000;
};

/// More threads than this are a mistake: each has its own sockets at each address.
inline constexpr unsigned server_threads_max = 256;

struct ServerConfig {
    std::string name = "uncut";   ///< among the program's servers, for the journal
    Backend backend;              ///< to begin with
    std::vector<Address> listen;  ///< each over UDP and TCP; port 0: any free one, the same for both
    std::vector<Cidr> allow;      ///< who may ask at addresses other than loopback
    unsigned threads = 1;         ///< 1 to server_threads_max
    Journal* journal = nullptr;   ///< where exchanges are written down; none: nothing is spent on it. Outlives it
    ServerLimits limits;
    /// Changes what the module has for defaults; upstreams and in_flight_max are set afterwards. Called on each thread.
    std::function<void(uncut_engine_config&)> tune_engine;
};

}  // namespace uncut::harness
