// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace uncut::harness {

/// Output buffers between two uses: a connection gives back what a burst has grown, and the next burst, of whichever
/// connection, grows nothing. One thread's.
class SpareBuffers {
  public:
    SpareBuffers() { spares_.reserve(buffers_max); }

    /// Puts a spare one in the place of an empty buffer, if there is one.
    void lend(std::vector<std::uint8_t>& empty) noexcept {
        if (spares_.empty() || empty.capacity() >= spares_.back().capacity()) return;
        empty = std::move(spares_.back());
        spares_.pop_back();
    }

    /// Takes a buffer whose content is done with; what is too large, or one too many, is freed.
    void take_back(std::vector<std::uint8_t>& done) noexcept {
        done.clear();
        if (spares_.size() < buffers_max && done.capacity() <= octets_max) spares_.push_back(std::move(done));
        done = {};
    }

  private:
    // As many as connections are usually answered in one round of the loop; together a megabyte.
    static constexpr std::size_t buffers_max = 16;
    static constexpr std::size_t octets_max = 64 << 10;

    std::vector<std::vector<std::uint8_t>> spares_;
};

}  // namespace uncut::harness
