// SPDX-License-Identifier: Apache-2.0
// The upstreams: their addresses as the kernel wants them, and which of them answer.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "module/engine/engine.hpp"
#include "module/engine/pool.hpp"

namespace uncut::engine {

struct Address {
    union {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    };
    socklen_t octets = 0;

    Address() noexcept : v6{} {}
    bool is_v6() const noexcept { return any.sa_family == AF_INET6; }
};

Address address_of(const Upstream& upstream) noexcept;
// The same address and port; of link-local ones the same link too.
bool same_address(const Address& one, const Address& other) noexcept;

// All indexes are those of the configuration.
class Upstreams {
  public:
    explicit Upstreams(const std::vector<Upstream>& upstreams) noexcept;

    std::uint32_t count() const noexcept { return count_; }
    const Address& address(std::uint32_t upstream) const noexcept { return entries_[upstream].address; }

    // Who sent this: the first upstream of that address, or none. Several may share one address.
    std::uint32_t at(const Address& source) const noexcept;
    // The first upstream with the same address: what identifies the sender of a datagram.
    std::uint32_t canonical(std::uint32_t upstream) const noexcept { return entries_[upstream].canonical; }

    // Where the tries of a new query begin: the first that answers, in the order of the configuration. One that was
    // put behind the others gets one query when its time is over, and the others keep away until that is answered. A
    // lone upstream is always tried (RFC 9520).
    std::uint32_t first(std::uint64_t now_us) noexcept;
    void answered(std::uint32_t upstream) noexcept { entries_[upstream].failures = 0; }
    void failed(std::uint32_t upstream, std::uint64_t now_us) noexcept;

  private:
    struct Entry {
        Address address;
        std::uint32_t canonical = 0;
        std::uint32_t failures = 0;  // in a row
        std::uint64_t behind_until_us = 0;
        bool probed = false;  // behind, and one query is finding out
    };
    std::array<Entry, UNCUT_UPSTREAMS_MAX> entries_;
    std::uint32_t count_;
};

}  // namespace uncut::engine
