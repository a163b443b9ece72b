// SPDX-License-Identifier: Apache-2.0
// What waits to leave: actions with their octets, in the order they came.
#pragma once

#include <cstring>

#include "module/engine/pool.hpp"
#include "module/exchange/exchange.hpp"

namespace uncut::engine {

class Outbox {
  public:
    struct Entry {
        exchange::Action action;
        std::uint64_t serial;  // never the same twice: the slot knows which entry it waits for
        std::uint32_t slot;
        std::uint8_t* message;  // action.octets of them
    };
    static_assert(std::is_trivially_copyable_v<Entry>);

    // Room for `entries` and `octets` of messages. Throws std::bad_alloc.
    Outbox(std::uint32_t entries, std::size_t octets)
        : entries_(entries * sizeof(Entry)), messages_(octets), entries_max_(entries) {}

    bool is_full() const noexcept { return count_ == entries_max_; }
    std::span<std::uint8_t> space() const noexcept { return messages_.span().subspan(used_); }

    // An action whose octets were written to the front of space(). There is room.
    void push(std::uint32_t slot, std::uint64_t serial, const exchange::Action& action) noexcept {
        entries()[count_++] = {action, serial, slot, messages_.data() + used_};
        used_ += action.octets;
    }

    std::uint32_t count() const noexcept { return count_; }
    const Entry& operator[](std::uint32_t place) const noexcept { return entries()[place]; }
    void clear() noexcept {
        count_ = 0;
        used_ = 0;
    }

  private:
    Entry* entries() const noexcept { return reinterpret_cast<Entry*>(entries_.data()); }

    Mapping entries_;
    Mapping messages_;
    std::uint32_t entries_max_;
    std::uint32_t count_ = 0;
    std::size_t used_ = 0;
};

}  // namespace uncut::engine
