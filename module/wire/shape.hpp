// SPDX-License-Identifier: Apache-2.0
// The shape of a record whose owner is one pointer: what it shares with its neighbours in an RRset.
#pragma once

#include <bit>

#include "module/wire/header.hpp"

namespace uncut::wire {

inline constexpr std::uint32_t pointer_octets = 2;
inline constexpr std::uint32_t record_fixed_octets = 10;  // type, class, TTL, RDLENGTH

namespace detail {

inline std::uint64_t load_octets(const std::uint8_t* at) noexcept {
    std::uint64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

// The first six or last two octets of eight, in the order of memory.
inline constexpr std::uint64_t first_six =
    std::endian::native == std::endian::little ? 0x0000'ffff'ffff'ffff : 0xffff'ffff'ffff'0000;
inline constexpr std::uint64_t last_two = ~first_six;

}  // namespace detail

// Same pointer, type and class. Reads 8 octets of each: a record has 11 at least.
inline bool same_head(const std::uint8_t* one, const std::uint8_t* other) noexcept {
    return ((detail::load_octets(one) ^ detail::load_octets(other)) & detail::first_six) == 0;
}

// And same RDLENGTH. Reads the 12 octets before the data.
inline bool same_shape(const std::uint8_t* one, const std::uint8_t* other) noexcept {
    return same_head(one, other) &&
           ((detail::load_octets(one + 4) ^ detail::load_octets(other + 4)) & detail::last_two) == 0;
}

}  // namespace uncut::wire
