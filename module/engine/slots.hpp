// SPDX-License-Identifier: Apache-2.0
// What the engine knows of each exchange in flight.
#pragma once

#include "module/engine/pool.hpp"
#include "module/exchange/exchange.hpp"

namespace uncut::engine {

struct Slot {
    std::uint64_t token;
    std::uint64_t queued;          // the entry of the outbox that it waits for; 0: none
    exchange::Exchange* exchange;  // null: a zone transfer, which the engine relays itself
    std::uint32_t generation;      // odd while in use; a ticket names one use of the slot
    std::uint32_t state;           // handles of storage
    std::uint32_t kept;
    std::uint32_t query;                // zone transfers only
    std::uint32_t first_attempt;        // the UDP queries that may still be answered, the latest first
    std::uint32_t retry;                // the TCP query it waits for
    std::uint32_t next_waiter;          // of the same TCP query
    std::uint32_t relay;                // the connection of its zone transfer
    std::uint16_t tcp_id;               // what the exchange expects over TCP
    const std::uint8_t* query_message;  // zone transfers only
    std::uint16_t query_octets;
    std::uint8_t attempts;   // how many there are
    std::uint8_t upstream;   // asked last
    std::uint8_t transport;  // of the client
    bool streamed;           // a zone transfer of which something has been handed on
};

// A fixed number of slots. A ticket is never given out twice, as long as no slot is used two thousand million times.
class Slots {
  public:
    explicit Slots(std::uint32_t count) : pool_(count) {}  // throws std::bad_alloc

    // `none` when all are in use.
    std::uint32_t take(std::uint64_t token) noexcept {
        const std::uint32_t index = pool_.take();
        if (index == none) return none;
        Slot& slot = pool_[index];
        const std::uint32_t generation = slot.generation + 1;
        slot = {};
        slot.generation = generation;
        slot.token = token;
        slot.state = slot.kept = slot.query = none;
        slot.first_attempt = slot.retry = slot.next_waiter = slot.relay = none;
        return index;
    }
    void give(std::uint32_t index) noexcept {
        ++pool_[index].generation;
        pool_.give(index);
    }

    Slot& operator[](std::uint32_t index) noexcept { return pool_[index]; }
    std::uint64_t ticket(std::uint32_t index) noexcept { return std::uint64_t{pool_[index].generation} << 32 | index; }
    // `none`: the ticket is of no slot in use.
    std::uint32_t find(std::uint64_t ticket) noexcept {
        const std::uint32_t index = static_cast<std::uint32_t>(ticket);
        return is_used(index) && pool_[index].generation == ticket >> 32 ? index : none;
    }
    bool is_used(std::uint32_t index) noexcept { return index < pool_.fresh() && (pool_[index].generation & 1) != 0; }

    std::uint32_t used() const noexcept { return pool_.taken(); }
    std::uint32_t count() const noexcept { return pool_.count(); }
    std::uint32_t fresh() const noexcept { return pool_.fresh(); }  // those in use are below

  private:
    Pool<Slot> pool_;
};

}  // namespace uncut::engine
