// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/net/address.hpp"
#include "harness/probe/probe_row.hpp"

namespace uncut::harness {

/// How long the probe waits. On a healthy path an answer takes milliseconds; a resolver that has to ask others may take
/// most of a second.
struct ProbeTimeouts {
    int udp_ms = 1000;  ///< for each try
    int udp_tries = 2;  ///< one datagram may be lost without a meaning
    int connect_ms = 2000;
    int tcp_ms = 3000;  ///< from connected to the whole answer
};

inline constexpr std::uint16_t probe_tcp_bufsize = 1232;

/// What is asked: name in wire form and type, class IN.
struct ProbeQuestion {
    std::string_view name;
    std::uint16_t type = 1;
    bool dnssec_ok = false;  // DO, where there is an OPT
};

/// A query with RD, a random ID, and an OPT that advertises `bufsize`, if given.
Octets make_query(const ProbeQuestion& question, std::optional<std::uint16_t> bufsize);

/// Asks once over UDP, waiting for an answer that is ours; one that is not, or is malformed, is reported only when no
/// other comes. Blocks for the time given at most. Any thread.
ProbeRow ask_udp(const Address& server, const ProbeQuestion& question, std::optional<std::uint16_t> bufsize,
                 const ProbeTimeouts& timeouts, const uncut_module& module);

/// Asks once over TCP, with an OPT of 1232 as an ordinary client has, or as `bufsize` says.
ProbeRow ask_tcp(const Address& server, const ProbeQuestion& question, const ProbeTimeouts& timeouts,
                 const uncut_module& module, std::optional<std::uint16_t> bufsize = probe_tcp_bufsize);

}  // namespace uncut::harness
