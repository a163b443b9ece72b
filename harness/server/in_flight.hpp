// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/net/address.hpp"

namespace uncut::harness {

class EngineSeat;
class TcpConnection;
class UdpListener;

/// What the server remembers of a query while the engine has it: whom to answer, and from where.
struct PendingQuery {
    static constexpr std::uint32_t none = UINT32_MAX;

    Address client;                       // UDP
    Address asked;                        // UDP: the address the query was sent to
    UdpListener* listener = nullptr;      // UDP
    TcpConnection* connection = nullptr;  // TCP
    EngineSeat* seat = nullptr;           // whose engine has it
    std::uint64_t ticket = 0;             // the engine's
    std::uint64_t started_us = 0;         // the round of the loop in which it was taken
    std::uint32_t generation = 0;         // tells the users of one slot apart; odd while in use
    std::uint32_t next = none;            // of the same connection, or in the list of free slots
    std::uint32_t previous = none;        // of the same connection
    bool streamed = false;                // a zone transfer of which something was written
};
// 10,000 in flight must stay far below the 24 MiB that the whole process may take.
static_assert(sizeof(PendingQuery) <= 128);

/// A fixed number of slots, allocated once; memory that no load has reached stays untouched.
class InFlight {
  public:
    explicit InFlight(std::uint32_t capacity);

    /// A free slot's index, or PendingQuery::none.
    std::uint32_t take();
    void release(std::uint32_t index);
    PendingQuery& operator[](std::uint32_t index) { return slots_[index]; }

    /// The engine's token for a slot in use, and the way back: none for a token that is of no slot in use.
    std::uint64_t token(std::uint32_t index) const;
    std::uint32_t index_of(std::uint64_t token) const;

    std::uint32_t size() const { return size_; }

  private:
    const std::uint32_t capacity_;
    std::vector<PendingQuery> slots_;  // reserved whole, grown as load reaches further
    std::uint32_t free_ = PendingQuery::none;
    std::uint32_t size_ = 0;
};

}  // namespace uncut::harness
