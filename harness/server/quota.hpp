// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "harness/net/address.hpp"
#include "harness/server/counters.hpp"

namespace uncut::harness {

/// Counts the TCP connections of all threads of a server, in all and by client: SO_REUSEPORT spreads one client's
/// connections over the threads. [any-thread]
class ConnectionQuota {
  public:
    ConnectionQuota(std::uint32_t total_max, std::uint32_t per_client_max)
        : total_max_(total_max), per_client_max_(per_client_max) {}

    /// Counts a connection in, or says which cap is reached.
    std::optional<RefusalCause> admit(const Address& client);
    /// Counts an admitted connection out.
    void release(const Address& client);

  private:
    const std::uint32_t total_max_;
    const std::uint32_t per_client_max_;
    std::mutex lock_;
    std::map<Address, std::uint32_t> by_client_;  // no entry without a connection
    std::uint32_t total_ = 0;
};

}  // namespace uncut::harness
