// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): a keyed hash whose values nobody without
// the key can foretell or make collide.
#pragma once

#include <cstdint>

#include "module/wire/header.hpp"

namespace uncut::exchange {

struct SipKey {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

// The first eight octets little-endian are k0, the others k1, as in the paper.
SipKey sip_key(const std::uint8_t (&secret)[16]) noexcept;

// Fed in pieces; the value depends on the octets, not on where the pieces begin. Pure, any thread.
class SipHash {
  public:
    explicit SipHash(const SipKey& key) noexcept;

    void add(std::uint8_t octet) noexcept {
        tail_ |= std::uint64_t{octet} << (8 * (octets_ & 7));
        if ((++octets_ & 7) == 0) compress_tail();
    }
    void add32(std::uint32_t value) noexcept;  // little-endian
    void add64(std::uint64_t value) noexcept;  // little-endian

    std::uint64_t finish() noexcept;

  private:
    void round() noexcept;
    void compress_tail() noexcept;

    std::uint64_t v0_, v1_, v2_, v3_;
    std::uint64_t tail_ = 0;
    std::uint64_t octets_ = 0;
};

}  // namespace uncut::exchange
