// SPDX-License-Identifier: Apache-2.0
// Learned: the bounded, expiring memory of what truncates and of suspicions that were cleared.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "module/wire/name.hpp"

namespace uncut::exchange {

enum class Memory : std::uint8_t { nothing = 0, truncates = 1, suspicion_cleared = 2 };

struct LearnedKey {
    Octets question;  // name, type, class as in the query, in any letter case
    bool dnssec_ok = false;
    std::uint32_t upstream = 0;
};

// A set-associative table of keyed 64-bit fingerprints (SipHash-2-4 under the instance's secret): a collision costs
// one needless TCP query or one suspicion not raised, and nobody outside can make one. The oldest of a set goes
// first. No lock, no allocation after construction. [any-thread]
class Learned {
  public:
    // Room for at least `names_max` names (0: remembers nothing). Throws std::bad_alloc.
    Learned(std::uint32_t names_max, const std::uint8_t (&secret)[16]);

    Memory recall(const LearnedKey& key, std::uint64_t now_us) const noexcept;
    void remember(const LearnedKey& key, Memory memory, std::uint32_t ttl_s, std::uint64_t now_us) noexcept;
    void forget_all() noexcept;

  private:
    struct Slot {
        // check = fingerprint ^ value: a reader that meets a half-written slot finds a fingerprint that is not its
        // own, and nothing worse.
        std::atomic<std::uint64_t> check{0};
        std::atomic<std::uint64_t> value{0};  // expiry in us << 2 | Memory; 0: empty
    };
    std::uint64_t fingerprint(const LearnedKey& key) const noexcept;

    std::uint64_t keys_[2];
    std::unique_ptr<Slot[]> slots_;
    std::uint32_t sets_ = 0;  // a power of two, or 0
};

}  // namespace uncut::exchange
