// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/siphash.hpp"

#include <bit>

namespace uncut::exchange {

namespace {

std::uint64_t load_little_endian(const std::uint8_t* at) noexcept {
    std::uint64_t value = 0;
    for (int octet = 7; octet >= 0; --octet) value = value << 8 | at[octet];
    return value;
}

}  // namespace

SipKey sip_key(const std::uint8_t (&secret)[16]) noexcept {
    return {load_little_endian(secret), load_little_endian(secret + 8)};
}

SipHash::SipHash(const SipKey& key) noexcept
    : v0_(key.k0 ^ 0x736f6d6570736575u),
      v1_(key.k1 ^ 0x646f72616e646f6du),
      v2_(key.k0 ^ 0x6c7967656e657261u),
      v3_(key.k1 ^ 0x7465646279746573u) {}

void SipHash::round() noexcept {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
}

void SipHash::compress_tail() noexcept {
    v3_ ^= tail_;
    round();
    round();
    v0_ ^= tail_;
    tail_ = 0;
}

void SipHash::add32(std::uint32_t value) noexcept {
    for (int shift = 0; shift < 32; shift += 8) add(static_cast<std::uint8_t>(value >> shift));
}

void SipHash::add64(std::uint64_t value) noexcept {
    for (int shift = 0; shift < 64; shift += 8) add(static_cast<std::uint8_t>(value >> shift));
}

std::uint64_t SipHash::finish() noexcept {
    tail_ |= octets_ << 56;
    compress_tail();
    v2_ ^= 0xff;
    for (int rounds = 0; rounds < 4; ++rounds) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
}

}  // namespace uncut::exchange
