// SPDX-License-Identifier: Apache-2.0
// Which additional records a referral cannot do without.
#pragma once

#include <array>

#include "module/wire/message.hpp"
#include "module/wire/name.hpp"

namespace uncut::policy {

// RFC 9471 3.1: a referral carries the addresses of all its in-domain name servers, or TC. The response was parsed and
// outlives this. In any other response nothing is required.
class Glue {
  public:
    explicit Glue(const wire::Message& response) noexcept;

    bool is_required(const wire::Record& additional) const noexcept;

  private:
    // Delegations name a dozen servers at most. Behind this many, or this many comparisons in all, names are no longer
    // compared one by one (that would be quadratic): then every address at or below the cut is required.
    static constexpr std::uint32_t servers_max = 64;
    static constexpr std::uint32_t comparisons_max = 4096;

    const std::uint8_t* data_;
    wire::Name cut_;                                  // the delegated zone, lower case
    std::array<std::uint32_t, servers_max> servers_;  // offsets of the in-domain names in NS data
    std::uint32_t count_ = 0;
    bool too_many_ = false;
};

}  // namespace uncut::policy
