// SPDX-License-Identifier: Apache-2.0
#include "module/engine/upstreams.hpp"

#include <algorithm>
#include <cstring>

namespace uncut::engine {
namespace {

// One lost datagram says nothing of an upstream; three in a row do.
constexpr std::uint32_t failures_allowed = 2;
// Behind the others for 1 s, then 2, 4, 8 and at most 16: long enough to spare clients the wait, short enough that an
// upstream which comes back is found soon.
constexpr std::uint64_t behind_us = 1'000'000;
constexpr std::uint32_t doublings_max = 4;
// How long the others keep away while one query finds out whether an upstream is back.
constexpr std::uint64_t probe_us = 1'000'000;

}  // namespace

Address address_of(const Upstream& upstream) noexcept {
    Address address;
    if (upstream.family == 6) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons(upstream.port);
        address.v6.sin6_scope_id = upstream.scope;
        std::memcpy(&address.v6.sin6_addr, upstream.octets.data(), 16);
        address.octets = sizeof address.v6;
    } else {
        address.v4 = {};
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons(upstream.port);
        std::memcpy(&address.v4.sin_addr, upstream.octets.data(), 4);
        address.octets = sizeof address.v4;
    }
    return address;
}

bool same_address(const Address& one, const Address& other) noexcept {
    if (one.any.sa_family != other.any.sa_family) return false;
    if (!one.is_v6()) {
        return one.v4.sin_port == other.v4.sin_port && one.v4.sin_addr.s_addr == other.v4.sin_addr.s_addr;
    }
    if (one.v6.sin6_port != other.v6.sin6_port) return false;
    if (std::memcmp(&one.v6.sin6_addr, &other.v6.sin6_addr, 16) != 0) return false;
    // Other addresses mean the same on every link, and the kernel leaves their scope 0.
    return !IN6_IS_ADDR_LINKLOCAL(&one.v6.sin6_addr) || one.v6.sin6_scope_id == other.v6.sin6_scope_id;
}

Upstreams::Upstreams(const std::vector<Upstream>& upstreams) noexcept
    : count_(static_cast<std::uint32_t>(std::min<std::size_t>(upstreams.size(), UNCUT_UPSTREAMS_MAX))) {
    for (std::uint32_t index = 0; index < count_; ++index) {
        entries_[index].address = address_of(upstreams[index]);
        entries_[index].canonical = at(entries_[index].address);
    }
}

std::uint32_t Upstreams::at(const Address& source) const noexcept {
    for (std::uint32_t index = 0; index < count_; ++index) {
        if (same_address(entries_[index].address, source)) return index;
    }
    return none;
}

std::uint32_t Upstreams::first(std::uint64_t now_us) noexcept {
    std::uint32_t soonest = 0;
    for (std::uint32_t index = 0; index < count_; ++index) {
        Entry& entry = entries_[index];
        if (entry.failures <= failures_allowed) return index;
        if (entry.behind_until_us <= now_us) {
            entry.behind_until_us = now_us + probe_us;
            entry.probed = true;
            return index;
        }
        if (entry.behind_until_us < entries_[soonest].behind_until_us) soonest = index;
    }
    return soonest;
}

void Upstreams::failed(std::uint32_t upstream, std::uint64_t now_us) noexcept {
    Entry& entry = entries_[upstream];
    // Others that were under way when it was put behind tell of the same outage.
    if (entry.failures > failures_allowed && entry.behind_until_us > now_us && !entry.probed) return;
    entry.probed = false;
    if (entry.failures < failures_allowed + 1 + doublings_max) ++entry.failures;
    if (entry.failures > failures_allowed) {
        entry.behind_until_us = now_us + (behind_us << (entry.failures - failures_allowed - 1));
    }
}

}  // namespace uncut::engine
