// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/instance.hpp"

#include <limits>
#include <mutex>
#include <utility>

#include "module/exchange/siphash.hpp"

namespace uncut::exchange {

namespace {

constexpr std::uint64_t us_per_ms = 1000;

}  // namespace

Instance::Instance(const InstanceConfig& config)
    : learned(config.learned_max_names, config.secret),
      zones_(std::make_unique<const policy::Zones>(std::vector<policy::ZonePolicy>{})),
      tcp_holdoff_ms_(config.tcp_holdoff_ms) {
    const SipKey key = sip_key(config.secret);
    keys_[0] = key.k0;
    keys_[1] = key.k1;
}

policy::Policy Instance::policy_for(Octets name, std::uint64_t* revision) const noexcept {
    const std::shared_lock lock(mutex_);
    if (revision != nullptr) *revision = revision_;
    return zones_->find(name);
}

std::uint64_t Instance::publish(const std::vector<policy::ZonePolicy>& entries) {
    auto next = std::make_unique<const policy::Zones>(entries);
    std::uint64_t revision = 0;
    {
        const std::unique_lock lock(mutex_);
        std::swap(zones_, next);
        revision = ++revision_;
    }
    return revision;  // the snapshot that was replaced is freed here, when nobody waits for the lock
}

std::uint64_t Instance::derive(std::uint64_t entropy, std::uint64_t number) const noexcept {
    SipHash hash({keys_[0], keys_[1]});
    hash.add64(entropy);
    hash.add64(number);
    return hash.finish();
}

bool Instance::tcp_held_off(std::uint32_t upstream, std::uint64_t now_us) const noexcept {
    return upstream < UNCUT_UPSTREAMS_MAX && tcp_holdoff_until_us_[upstream].load(std::memory_order_relaxed) > now_us;
}

void Instance::hold_off_tcp(std::uint32_t upstream, std::uint64_t now_us) noexcept {
    if (upstream >= UNCUT_UPSTREAMS_MAX || tcp_holdoff_ms_ == 0) return;
    const std::uint64_t holdoff_us = tcp_holdoff_ms_ * us_per_ms;
    const std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
    tcp_holdoff_until_us_[upstream].store(end - now_us < holdoff_us ? end : now_us + holdoff_us,
                                          std::memory_order_relaxed);
}

void Instance::tcp_connected(std::uint32_t upstream) noexcept {
    // Read first: a line that everybody writes on every answer would travel between the cores.
    if (upstream >= UNCUT_UPSTREAMS_MAX) return;
    if (tcp_holdoff_until_us_[upstream].load(std::memory_order_relaxed) == 0) return;
    tcp_holdoff_until_us_[upstream].store(0, std::memory_order_relaxed);
}

void Instance::forget_learned() noexcept {
    learned.forget_all();
    for (auto& until_us : tcp_holdoff_until_us_) until_us.store(0, std::memory_order_relaxed);
}

}  // namespace uncut::exchange
