// SPDX-License-Identifier: Apache-2.0
// TCP queries in flight, each for one exchange or for several that ask the same.
#pragma once

#include "module/engine/pool.hpp"
#include "module/engine/storage.hpp"
#include "module/wire/header.hpp"

namespace uncut::engine {

// A TCP query, from when it is asked for until it is answered or has failed. (The word is the design's: most are
// asked again because UDP truncated.)
struct Retry {
    std::uint64_t hash;
    std::uint64_t placed_us;  // when its connection took it
    Block query;              // as the first exchange wrote it
    std::uint32_t octets;
    std::uint32_t first_waiter;  // a slot
    std::uint32_t waiters;
    std::uint32_t next_alike;  // in its bucket
    std::uint32_t connection;
    std::uint32_t next_there;  // on its connection
    std::uint32_t previous_there;
    std::uint16_t wire_id;  // its ID on that connection
    std::uint8_t upstream;
    std::uint8_t cause;  // why it failed, while its waiters are being told
    bool joinable;       // in the table: more exchanges may wait for it
    bool keeps_id;       // of a transparent exchange: the ID is part of what must not change
    bool moved;          // from a connection that was closed on it; never twice
    bool settled;        // its waiters are being told
    bool abandoned;      // nobody waits, but its answer may come: the ID stays taken

    Octets message() const noexcept { return {query.data, octets}; }
};

// Finds a TCP query by its upstream and octets. The ID counts for nothing, nor does the letter case of the question's
// name; every other octet does: the client subnet, DO, CD and class too (CVE-2025-5994).
class Retries {
  public:
    // At most `in_flight_max` with waiters, and as many abandoned ones. Throws std::bad_alloc.
    Retries(std::uint32_t in_flight_max, std::uint64_t seed);

    // The one for the same query that takes another waiter, or `none`: who fills it up closes it.
    std::uint32_t find(std::uint32_t upstream, Octets query) noexcept;
    // `none`: no room for it. One that keeps its ID is never found.
    std::uint32_t create(std::uint32_t upstream, Octets query, bool keeps_id) noexcept;
    // No exchange joins it from now on.
    void close(std::uint32_t retry) noexcept;
    // Its query is not needed again: nobody waits for it.
    void forget_query(std::uint32_t retry) noexcept;
    void destroy(std::uint32_t retry) noexcept;

    Retry& operator[](std::uint32_t retry) noexcept { return pool_[retry]; }

  private:
    std::uint64_t hash(std::uint32_t upstream, Octets query) const noexcept;
    std::uint32_t& bucket(std::uint64_t hash) noexcept {
        return reinterpret_cast<std::uint32_t*>(buckets_.data())[hash & mask_];
    }

    std::uint64_t seed_;
    std::uint32_t mask_;
    Mapping buckets_;  // index + 1 of the first; 0: empty
    Pool<Retry> pool_;
    Storage storage_;
};

}  // namespace uncut::engine
