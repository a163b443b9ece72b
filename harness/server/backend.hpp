// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/net/address.hpp"

namespace uncut::harness {

/// What answers a server's queries: a module, an instance of it, and whom its engines ask. Never changed: a server
/// switches to another one, and what is in flight ends on the one it began with.
struct Backend {
    const uncut_module* module = nullptr;
    uncut_instance* instance = nullptr;
    std::vector<Address> upstreams;         ///< 1 to UNCUT_UPSTREAMS_MAX
    std::uint64_t revision_base = 0;        ///< added to the instance's revisions, so that they go on after a reload
    std::uint32_t minor = UNCUT_ABI_MINOR;  ///< of the ABI, as negotiated
    std::shared_ptr<const void> keeps;      ///< owns the two above, where nobody else does
};

}  // namespace uncut::harness
