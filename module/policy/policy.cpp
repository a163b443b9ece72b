// SPDX-License-Identifier: Apache-2.0
#include "module/policy/policy.hpp"

#include <array>

namespace uncut::policy {

namespace {

struct Preset {
    const char* name;
    Policy policy;
};

constexpr std::uint32_t all_suspicions = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;

// What CoreDNS's forward plugin does: neither of its options, prefer_udp, force_tcp. It suspects nothing.
const std::array presets = {
    Preset{"default", {}},
    Preset{"coredns-default", {.retry_truncated = false, .suspect = 0}},
    Preset{"coredns-prefer-udp", {.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST, .suspect = 0}},
    Preset{"coredns-force-tcp", {.upstream_transport = UNCUT_UPSTREAM_TCP, .suspect = 0}},
};

constexpr std::uint32_t wait_max_ms = 60'000;         // no client waits for a minute
constexpr std::uint32_t upstream_bufsize_max = 4096;  // beyond it fragments are certain: RFC 6891 6.2.5
constexpr std::uint32_t learned_ttl_max_s = 86'400;   // what truncated a day ago is asked again

bool is_wait(std::uint32_t ms) noexcept {
    return ms >= 1 && ms <= wait_max_ms;
}

}  // namespace

bool is_valid(const Policy& policy) noexcept {
    return policy.upstream_transport <= UNCUT_UPSTREAM_LEARNED && (policy.suspect & ~all_suspicions) == 0 &&
           policy.upstream_bufsize >= wire::udp_octets_min && policy.upstream_bufsize <= upstream_bufsize_max &&
           policy.upstream_edns <= UNCUT_EDNS_ADD && policy.client_bufsize >= wire::udp_octets_min &&
           policy.fit <= UNCUT_FIT_SUBSET && policy.on_tcp_failure <= UNCUT_ON_TCP_FAILURE_SERVFAIL &&
           is_wait(policy.udp_timeout_ms) && is_wait(policy.tcp_timeout_ms) && is_wait(policy.deadline_ms) &&
           policy.udp_tries >= 1 && policy.udp_tries <= UNCUT_UDP_TRIES_MAX &&
           policy.learned_ttl_s <= learned_ttl_max_s;
}

const Policy* preset(std::string_view name) noexcept {
    for (const Preset& preset : presets)
        if (name == preset.name) return &preset.policy;
    return nullptr;
}

const char* preset_name(std::uint32_t index) noexcept {
    return index < presets.size() ? presets[index].name : nullptr;
}

}  // namespace uncut::policy
