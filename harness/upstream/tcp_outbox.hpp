// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace uncut::harness::upstream {

/// The octets that a TCP connection still has to send. The loop's thread.
class TcpOutbox {
  public:
    enum class Sent { all, some, failed };

    /// `one_octet`: each octet in a segment of its own. The others leave in as few as they fit.
    void add(std::vector<std::uint8_t> octets, bool one_octet = false);
    /// Sends what the system takes. The socket has TCP_NODELAY, lest Nagle's algorithm gather single octets.
    Sent send_to(int fd);
    /// How many there are.
    std::size_t octets() const { return octets_; }

  private:
    struct Run {
        std::vector<std::uint8_t> octets;
        bool one_octet;
    };

    std::deque<Run> runs_;
    std::size_t first_sent_ = 0;  // of the first run
    std::size_t octets_ = 0;
};

}  // namespace uncut::harness::upstream
