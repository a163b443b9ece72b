// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/upstream/query.hpp"

namespace uncut::harness::upstream {

/// A query as it arrived.
struct SeenQuery {
    std::uint64_t number = 0;  ///< counts from 1, over both transports
    Transport transport = Transport::udp;
    Address client;  ///< with the source port
    std::uint16_t id = 0;
    std::string name;  ///< presentation form, in lower case; "" where no question could be read
    std::uint16_t type = 0;
    bool has_opt = false;
    bool dnssec_ok = false;
    std::uint16_t udp_payload_size = 0;  ///< octets; 0 without an OPT
    std::vector<std::uint8_t> octets;
};

/// The last so many queries. Once full it allocates no more. One thread at a time.
class QueryLog {
  public:
    explicit QueryLog(std::size_t capacity) : capacity_(capacity) { slots_.reserve(capacity); }

    void add(Transport transport, const Address& client, std::span<const std::uint8_t> octets);
    void clear();
    /// Oldest first.
    std::vector<SeenQuery> list() const;

  private:
    struct Slot {
        std::uint64_t number = 0;
        Transport transport = Transport::udp;
        Address client;
        std::vector<std::uint8_t> octets;
    };
    std::size_t capacity_;
    std::uint64_t seen_ = 0;
    std::vector<Slot> slots_;
};

}  // namespace uncut::harness::upstream
