// SPDX-License-Identifier: Apache-2.0
// The instance: what all exchanges of a host share. Policies, learned memory, hold-offs, counters.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "module/exchange/counters.hpp"
#include "module/exchange/learned.hpp"
#include "module/policy/zones.hpp"

namespace uncut::exchange {

struct InstanceConfig {
    std::uint32_t learned_max_names = 65536;
    std::uint32_t tcp_holdoff_ms = 2000;
    std::uint8_t secret[16] = {};
};

// [any-thread]
class Instance {
  public:
    explicit Instance(const InstanceConfig& config);  // throws std::bad_alloc

    // The policy for an uncompressed name, by value: an exchange keeps it to its end, whatever is published since.
    policy::Policy policy_for(Octets name, std::uint64_t* revision = nullptr) const noexcept;

    // Publishes a new snapshot; every later policy_for sees it. Returns its revision (the first is 1).
    // Throws std::bad_alloc, having changed nothing.
    std::uint64_t publish(const std::vector<policy::ZonePolicy>& entries);

    // 64 bits that nobody outside can foretell from others that they have seen: SipHash-2-4 of (entropy, number)
    // under the instance's secret.
    std::uint64_t derive(std::uint64_t entropy, std::uint64_t number) const noexcept;

    // An upstream to which TCP could not be connected is left alone over TCP for tcp_holdoff_ms.
    bool tcp_held_off(std::uint32_t upstream, std::uint64_t now_us) const noexcept;
    void hold_off_tcp(std::uint32_t upstream, std::uint64_t now_us) noexcept;
    void tcp_connected(std::uint32_t upstream) noexcept;

    void forget_learned() noexcept;  // the learned memory and the hold-offs

    Learned learned;
    Counters counters;

  private:
    mutable std::shared_mutex mutex_;  // guards zones_ and revision_: held for one look-up, or to swap a pointer
    std::unique_ptr<const policy::Zones> zones_;
    std::uint64_t revision_ = 0;
    std::uint64_t keys_[2];
    std::uint32_t tcp_holdoff_ms_;
    std::array<std::atomic<std::uint64_t>, UNCUT_UPSTREAMS_MAX> tcp_holdoff_until_us_{};
};

}  // namespace uncut::exchange
