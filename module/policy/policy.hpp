// SPDX-License-Identifier: Apache-2.0
// A policy: the set of choices for one zone, as values. Defaults are those of the table in README.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "module/wire/header.hpp"

namespace uncut::policy {

struct Policy {
    bool enabled = true;
    bool retry_truncated = true;
    std::uint8_t upstream_transport = UNCUT_UPSTREAM_MATCH_CLIENT;
    std::uint8_t suspect = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;
    std::uint8_t upstream_edns = UNCUT_EDNS_KEEP;
    std::uint8_t fit = UNCUT_FIT_RRSET;
    std::uint8_t on_tcp_failure = UNCUT_ON_TCP_FAILURE_PARTIAL;
    std::uint8_t udp_tries = 3;
    std::uint16_t upstream_bufsize = 1232;  // RFC 9715: fits any path that IPv6 allows
    std::uint16_t client_bufsize = 1232;
    std::uint32_t udp_timeout_ms = 1000;
    std::uint32_t tcp_timeout_ms = 2000;
    std::uint32_t deadline_ms = 4500;  // glibc gives up at 5 s: answer before
    std::uint32_t learned_ttl_s = 300;
};

// Whether every field is in its range.
bool is_valid(const Policy& policy) noexcept;

// A preset by name ("default", "coredns-default", "coredns-prefer-udp", "coredns-force-tcp"); nullptr: none.
const Policy* preset(std::string_view name) noexcept;
// By index, in that order; nullptr past the last. NUL-terminated.
const char* preset_name(std::uint32_t index) noexcept;

}  // namespace uncut::policy
