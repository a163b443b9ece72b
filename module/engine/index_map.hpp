// SPDX-License-Identifier: Apache-2.0
// From a key of 64 bits to an index: open addressing in a table that never grows.
#pragma once

#include <bit>
#include <cstdint>

#include "module/engine/pool.hpp"

namespace uncut::engine {

// Keys are never 0. The table holds twice as many places as `entries_max` entries, so that a probe stays short.
class IndexMap {
  public:
    IndexMap(std::uint32_t entries_max, std::uint64_t seed)  // throws std::bad_alloc
        : seed_(seed | 1),
          mask_(std::bit_ceil(entries_max < 8 ? 16u : entries_max * 2) - 1),
          memory_((std::size_t{mask_} + 1) * sizeof(Entry)) {}

    std::uint32_t find(std::uint64_t key) const noexcept {
        for (std::uint32_t at = home(key);; at = (at + 1) & mask_) {
            const Entry& entry = entries()[at];
            if (entry.key == key) return entry.value;
            if (entry.key == 0) return none;
        }
    }

    // The key is not there yet, and fewer than entries_max are.
    void insert(std::uint64_t key, std::uint32_t value) noexcept {
        std::uint32_t at = home(key);
        while (entries()[at].key != 0) at = (at + 1) & mask_;
        entries()[at] = {key, value};
    }

    // Closes the gap behind it, so that no tombstones pile up.
    void erase(std::uint64_t key) noexcept {
        std::uint32_t at = home(key);
        while (entries()[at].key != key) {
            if (entries()[at].key == 0) return;
            at = (at + 1) & mask_;
        }
        for (std::uint32_t next = (at + 1) & mask_; entries()[next].key != 0; next = (next + 1) & mask_) {
            const std::uint32_t wanted = home(entries()[next].key);
            if (((next - wanted) & mask_) < ((next - at) & mask_)) continue;
            entries()[at] = entries()[next];
            at = next;
        }
        entries()[at].key = 0;
    }

  private:
    struct Entry {
        std::uint64_t key;
        std::uint32_t value;
    };
    // Seeded, so that nobody outside can choose keys that meet.
    std::uint32_t home(std::uint64_t key) const noexcept {
        std::uint64_t mixed = (key ^ seed_) * 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ (mixed >> 32)) * seed_;
        return static_cast<std::uint32_t>(mixed >> 32) & mask_;
    }
    Entry* entries() const noexcept { return reinterpret_cast<Entry*>(memory_.data()); }

    std::uint64_t seed_;
    std::uint32_t mask_;
    Mapping memory_;
};

}  // namespace uncut::engine
