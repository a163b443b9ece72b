// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/learned.hpp"

#include <algorithm>
#include <bit>

#include "module/exchange/siphash.hpp"

namespace uncut::exchange {

namespace {

// Slots of one set: one cache line of keys and expiries is looked through for a name, and a set that is full loses
// the name that would expire first.
constexpr std::uint32_t ways = 4;

constexpr std::uint64_t memory_mask = 3;
constexpr std::uint64_t expiry_max_us = ~std::uint64_t{0} >> 2;

std::uint64_t expiry_us(std::uint64_t value) noexcept {
    return value >> 2;
}

std::uint64_t expires_at(std::uint64_t now_us, std::uint32_t ttl_s) noexcept {
    const std::uint64_t ttl_us = std::uint64_t{ttl_s} * 1000000;
    const std::uint64_t now = std::min(now_us, expiry_max_us);
    return expiry_max_us - now < ttl_us ? expiry_max_us : now + ttl_us;
}

}  // namespace

Learned::Learned(std::uint32_t names_max, const std::uint8_t (&secret)[16]) {
    const SipKey key = sip_key(secret);
    keys_[0] = key.k0;
    keys_[1] = ~key.k1;  // not the key of Instance::derive: what one shows tells nothing of the other
    if (names_max == 0) return;
    sets_ = std::bit_ceil((names_max + ways - 1) / ways);
    slots_ = std::make_unique<Slot[]>(std::size_t{sets_} * ways);
}

std::uint64_t Learned::fingerprint(const LearnedKey& key) const noexcept {
    SipHash hash({keys_[0], keys_[1]});
    // Type and class behind the name are not letters: only the name is folded.
    const std::size_t name = key.question.size() < 4 ? 0 : key.question.size() - 4;
    for (std::size_t at = 0; at < name; ++at) hash.add(wire::lower(key.question[at]));
    for (std::size_t at = name; at < key.question.size(); ++at) hash.add(key.question[at]);
    hash.add32(key.upstream << 1 | (key.dnssec_ok ? 1u : 0u));
    return hash.finish();
}

Memory Learned::recall(const LearnedKey& key, std::uint64_t now_us) const noexcept {
    if (sets_ == 0) return Memory::nothing;
    const std::uint64_t print = fingerprint(key);
    const Slot* const set = &slots_[(print & (sets_ - 1)) * ways];
    for (std::uint32_t way = 0; way < ways; ++way) {
        const std::uint64_t check = set[way].check.load(std::memory_order_relaxed);
        const std::uint64_t value = set[way].value.load(std::memory_order_relaxed);
        if (value == 0 || (check ^ value) != print) continue;
        return expiry_us(value) > now_us ? static_cast<Memory>(value & memory_mask) : Memory::nothing;
    }
    return Memory::nothing;
}

void Learned::remember(const LearnedKey& key, Memory memory, std::uint32_t ttl_s, std::uint64_t now_us) noexcept {
    if (sets_ == 0 || ttl_s == 0 || memory == Memory::nothing) return;
    const std::uint64_t print = fingerprint(key);
    Slot* const set = &slots_[(print & (sets_ - 1)) * ways];
    Slot* place = nullptr;
    std::uint64_t earliest = ~std::uint64_t{0};
    for (std::uint32_t way = 0; way < ways; ++way) {
        const std::uint64_t value = set[way].value.load(std::memory_order_relaxed);
        if (value != 0 && (set[way].check.load(std::memory_order_relaxed) ^ value) == print) {
            place = &set[way];
            break;
        }
        const std::uint64_t expiry = value == 0 ? 0 : expiry_us(value);
        if (expiry < earliest) {
            earliest = expiry;
            place = &set[way];
        }
    }
    if (place == nullptr) return;
    const std::uint64_t value = expires_at(now_us, ttl_s) << 2 | static_cast<std::uint64_t>(memory);
    place->check.store(print ^ value, std::memory_order_relaxed);
    place->value.store(value, std::memory_order_relaxed);
}

void Learned::forget_all() noexcept {
    for (std::size_t slot = 0; slot < std::size_t{sets_} * ways; ++slot) {
        slots_[slot].value.store(0, std::memory_order_relaxed);
        slots_[slot].check.store(0, std::memory_order_relaxed);
    }
}

}  // namespace uncut::exchange
