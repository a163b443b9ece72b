// SPDX-License-Identifier: Apache-2.0
// The snapshot: which policy a name gets. The longest matching suffix wins, letter case aside.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "module/policy/policy.hpp"
#include "module/wire/name.hpp"

namespace uncut::policy {

struct ZonePolicy {
    wire::Name zone;  // lower case
    Policy policy;
};

// Immutable once built; read by any thread.
class Zones {
  public:
    // A set without a root keeps the defaults for the root; of two entries for one zone the last wins.
    // Throws std::bad_alloc.
    explicit Zones(const std::vector<ZonePolicy>& entries);

    // `name` is uncompressed. At most 128 probes, whatever the number of zones.
    const Policy& find(Octets name) const noexcept;

    std::size_t count() const noexcept { return entries_.size(); }

  private:
    const ZonePolicy* exact(Octets lower_suffix, std::uint64_t hash) const noexcept;

    std::vector<ZonePolicy> entries_;
    std::vector<std::uint32_t> buckets_;  // open addressing: index + 1 into entries_, 0 is free
    Policy root_;
};

}  // namespace uncut::policy
