// SPDX-License-Identifier: Apache-2.0
// Randomness of the system's generator, fetched in blocks. IDs, ports and letter case come from nowhere else: what a
// generator of our own would be seeded with could be learned from what it gave (RFC 5452 9.2 asks for no less).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace uncut::engine {

// [one thread]
class Random {
  public:
    // False: the system's generator failed, and `out` means nothing.
    [[nodiscard]] bool take(std::span<std::uint8_t> out) noexcept;
    [[nodiscard]] bool next64(std::uint64_t& out) noexcept;
    // Uniform in [0, bound); bound is 1 at least.
    [[nodiscard]] bool below(std::uint32_t bound, std::uint32_t& out) noexcept;

  private:
    static constexpr std::size_t block_octets = 4096;  // one system call for some 500 queries
    bool refill() noexcept;

    std::array<std::uint8_t, block_octets> block_{};
    std::size_t used_ = block_octets;
};

}  // namespace uncut::engine
