// SPDX-License-Identifier: Apache-2.0
#include "bench/parse/walk.hpp"

namespace uncut::bench {

namespace {

constexpr std::size_t header_octets = 12;
constexpr std::size_t record_fixed_octets = 10;
constexpr unsigned type_opt = 41;

unsigned load16(const std::uint8_t* at) noexcept {
    return static_cast<unsigned>(at[0] << 8 | at[1]);
}

bool skip_name(const std::uint8_t* data, std::size_t octets, std::size_t& at) noexcept {
    for (std::size_t offset = at; offset < octets;) {
        const std::size_t octet = data[offset];
        if (octet == 0) {
            at = offset + 1;
            return true;
        }
        if (octet < 0x40) {
            offset += octet + 1;
            continue;
        }
        if (octet < 0xc0 || octets - offset < 2 || (load16(data + offset) & 0x3fff) >= offset) return false;
        at = offset + 2;
        return true;
    }
    return false;
}

}  // namespace

bool walk(const std::uint8_t* data, std::size_t octets, Walked& walked) noexcept {
    if (octets < header_octets) return false;
    walked = {};
    walked.tc = (data[2] & 0x02) != 0;
    std::size_t at = header_octets;
    for (unsigned left = load16(data + 4); left != 0; --left) {
        if (!skip_name(data, octets, at) || octets - at < 4) return false;
        at += 4;
    }
    for (unsigned left = load16(data + 6) + load16(data + 8) + load16(data + 10); left != 0; --left) {
        if (!skip_name(data, octets, at) || octets - at < record_fixed_octets) return false;
        if (load16(data + at) == type_opt) {
            walked.has_opt = true;
            walked.udp_payload_size = static_cast<std::uint16_t>(load16(data + at + 2));
            walked.dnssec_ok = (data[at + 6] & 0x80) != 0;
        }
        const std::size_t rdlength = load16(data + at + 8);
        at += record_fixed_octets;
        if (octets - at < rdlength) return false;
        at += rdlength;
    }
    return at == octets;
}

}  // namespace uncut::bench
