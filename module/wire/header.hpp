// SPDX-License-Identifier: Apache-2.0
// Octets in network order, and the twelve that open every message (RFC 1035 4.1.1).
#pragma once

#include <uncut.h>

#include <cstdint>
#include <cstring>
#include <span>

namespace uncut {
using Status = uncut_status;
using Octets = std::span<const std::uint8_t>;
}  // namespace uncut

namespace uncut::wire {

inline constexpr std::uint32_t header_octets = 12;
inline constexpr std::uint32_t message_octets_max = UNCUT_MESSAGE_OCTETS_MAX;
inline constexpr std::uint32_t udp_octets_min = 512;  // what every client takes over UDP: RFC 1035 4.2.1

// The flags, as they stand in octets 2 and 3.
namespace flag {
inline constexpr std::uint16_t qr = 0x8000;
inline constexpr std::uint16_t aa = 0x0400;
inline constexpr std::uint16_t tc = 0x0200;
inline constexpr std::uint16_t rd = 0x0100;
inline constexpr std::uint16_t ra = 0x0080;
inline constexpr std::uint16_t ad = 0x0020;
inline constexpr std::uint16_t cd = 0x0010;
inline constexpr std::uint16_t opcode_mask = 0x7800;
inline constexpr std::uint16_t rcode_mask = 0x000f;
}  // namespace flag

namespace opcode {
inline constexpr std::uint32_t query = 0;
inline constexpr std::uint32_t dso = 6;  // RFC 8490
}  // namespace opcode

namespace rcode {
inline constexpr std::uint16_t noerror = 0;
inline constexpr std::uint16_t formerr = 1;
inline constexpr std::uint16_t servfail = 2;
inline constexpr std::uint16_t nxdomain = 3;
inline constexpr std::uint16_t notimp = 4;
inline constexpr std::uint16_t refused = 5;
inline constexpr std::uint16_t badvers = 16;  // RFC 6891 9
}  // namespace rcode

namespace type {
inline constexpr std::uint16_t a = 1, ns = 2, md = 3, mf = 4, cname = 5, soa = 6, mb = 7, mg = 8, mr = 9, ptr = 12,
                               minfo = 14, mx = 15, txt = 16, rp = 17, afsdb = 18, rt = 21, sig = 24, px = 26,
                               aaaa = 28, nxt = 30, srv = 33, naptr = 35, kx = 36, dname = 39, opt = 41, rrsig = 46,
                               nsec = 47, tsig = 250, ixfr = 251, axfr = 252, any = 255;
}  // namespace type

inline constexpr std::uint16_t class_in = 1;

inline std::uint16_t load16(const std::uint8_t* at) noexcept {
    return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
inline std::uint32_t load32(const std::uint8_t* at) noexcept {
    return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}
inline void store16(std::uint8_t* at, std::uint32_t value) noexcept {
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}
inline void store32(std::uint8_t* at, std::uint32_t value) noexcept {
    store16(at, value >> 16);
    store16(at + 2, value);
}

// The header's fields in place. The message must have header_octets.
inline std::uint16_t id(const std::uint8_t* message) noexcept {
    return load16(message);
}
inline std::uint16_t flags(const std::uint8_t* message) noexcept {
    return load16(message + 2);
}
inline std::uint16_t count(const std::uint8_t* message, int section) noexcept {
    return load16(message + 4 + 2 * section);
}
inline void set_id(std::uint8_t* message, std::uint32_t value) noexcept {
    store16(message, value);
}
inline void set_flags(std::uint8_t* message, std::uint32_t value) noexcept {
    store16(message + 2, value);
}
inline void set_count(std::uint8_t* message, int section, std::uint32_t value) noexcept {
    store16(message + 4 + 2 * section, value);
}
inline std::uint32_t opcode_of(std::uint16_t flags) noexcept {
    return (flags & flag::opcode_mask) >> 11;
}

enum Section : int { question = 0, answer = 1, authority = 2, additional = 3 };

}  // namespace uncut::wire
