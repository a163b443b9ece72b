// SPDX-License-Identifier: Apache-2.0
// The OPT pseudo-record (RFC 6891 6.1): reading, patching, building. It is hop by hop, so each hop's is made anew.
#pragma once

#include "module/wire/message.hpp"

namespace uncut::wire {

inline constexpr std::uint32_t opt_octets_min = 11;  // root, type, class, TTL, RDLENGTH
inline constexpr std::uint16_t edns_do = 0x8000;

namespace option {
inline constexpr std::uint16_t cookie = 10;          // RFC 7873: hop by hop
inline constexpr std::uint16_t tcp_keepalive = 11;   // RFC 7828: never over UDP, hop by hop
inline constexpr std::uint16_t padding = 12;         // RFC 7830: for one hop's length
inline constexpr std::uint16_t extended_error = 15;  // RFC 8914
}  // namespace option

// A size under 512 counts as 512: RFC 6891 6.2.3.
inline std::uint32_t effective_payload_size(const Message& message) noexcept {
    if (!message.has(UNCUT_FACT_OPT)) return udp_octets_min;
    return message.udp_payload_size < udp_octets_min ? udp_octets_min : message.udp_payload_size;
}

struct OptFields {
    std::uint16_t udp_payload_size = 1232;
    std::uint16_t rcode = 0;  // 12 bits; the upper 8 go here, the lower 4 into the header
    bool dnssec_ok = false;
};

// Whether an option's code concerns this hop only and is not copied to the next.
bool is_hop_by_hop(std::uint16_t option_code) noexcept;

// How many octets the OPT for the next hop takes: fixed part and those options of `from` that pass on.
std::uint32_t forwarded_opt_octets(const Message& from) noexcept;

// Writes that OPT, version 0; returns its end. `out` has room for forwarded_opt_octets.
std::uint8_t* write_forwarded_opt(const Message& from, const OptFields& fields, std::uint8_t* out) noexcept;

// Writes an OPT without options: opt_octets_min octets. With an extended error (RFC 8914) of no text: 6 more.
inline constexpr std::uint32_t extended_error_octets = 6;
inline constexpr std::uint16_t no_extended_error = 0xffff;
std::uint8_t* write_opt(const OptFields& fields, std::uint16_t extended_error, std::uint8_t* out) noexcept;

}  // namespace uncut::wire
