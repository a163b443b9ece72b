// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "harness/net/address.hpp"

namespace uncut::harness {

/// A block of addresses, as in 192.0.2.0/24 or 2001:db8::/32.
class Cidr {
  public:
    /// Reads ADDR/BITS, or ADDR for that one address. Bits set behind the prefix are an error: the block would not be
    /// what its writer thought.
    static std::expected<Cidr, std::string> parse(std::string_view text);

    /// An IPv4 address is never within an IPv6 block, nor the reverse. Ports and zones do not matter.
    bool contains(const Address& address) const;
    std::string text() const;

  private:
    Address base_;
    std::uint8_t bits_ = 0;
};

/// Whether any of the blocks contains the address.
bool any_contains(std::span<const Cidr> blocks, const Address& address);

}  // namespace uncut::harness
