// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace uncut::harness::upstream {

constexpr std::size_t header_octets = 12;
constexpr std::size_t opt_octets = 11;             // an OPT without options: RFC 6891 6.1.2
constexpr std::size_t message_octets_max = 65535;  // what the length before a TCP message can say: RFC 1035 4.2.2
constexpr std::size_t name_octets_max = 255;       // RFC 1035 2.3.4

inline std::uint16_t get_u16(std::span<const std::uint8_t> message, std::size_t at) {
    return static_cast<std::uint16_t>(message[at] << 8U | message[at + 1]);
}

inline void put_u16(std::span<std::uint8_t> message, std::size_t at, unsigned value) {
    message[at] = static_cast<std::uint8_t>(value >> 8U);
    message[at + 1] = static_cast<std::uint8_t>(value);
}

inline void append_u16(std::vector<std::uint8_t>& message, unsigned value) {
    message.push_back(static_cast<std::uint8_t>(value >> 8U));
    message.push_back(static_cast<std::uint8_t>(value));
}

/// The octet behind the name that begins at `at`; a pointer ends it. Only for messages that are well-formed.
inline std::size_t name_end(std::span<const std::uint8_t> message, std::size_t at) {
    while (message[at] != 0 && (message[at] & 0xC0U) == 0) at += message[at] + std::size_t{1};
    return at + (message[at] == 0 ? 1 : 2);
}

/// The octet behind the record that begins at `at`. Only for messages that are well-formed.
inline std::size_t record_end(std::span<const std::uint8_t> message, std::size_t at) {
    const std::size_t fixed = name_end(message, at);
    return fixed + 10 + get_u16(message, fixed + 8);
}

}  // namespace uncut::harness::upstream
