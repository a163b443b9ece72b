// SPDX-License-Identifier: Apache-2.0
#include "harness/server/quota.hpp"

#include <algorithm>

namespace uncut::harness {
namespace {

// An IPv6 customer has a /64 to choose addresses from, so a /64 is one client.
Address client_key(const Address& client) {
    if (!client.is_v6()) return client.with_port(0);
    auto octets = client.octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return Address::v6(octets, 0, client.scope());
}

}  // namespace

std::optional<RefusalCause> ConnectionQuota::admit(const Address& client) {
    const std::lock_guard lock(lock_);
    if (total_ >= total_max_) return RefusalCause::total_cap;
    const auto [entry, added] = by_client_.try_emplace(client_key(client), 0);
    if (entry->second >= per_client_max_) {
        if (added) by_client_.erase(entry);
        return RefusalCause::client_cap;
    }
    ++entry->second;
    ++total_;
    return std::nullopt;
}

void ConnectionQuota::release(const Address& client) {
    const std::lock_guard lock(lock_);
    const auto entry = by_client_.find(client_key(client));
    if (entry == by_client_.end()) return;
    if (--entry->second == 0) by_client_.erase(entry);
    --total_;
}

}  // namespace uncut::harness
