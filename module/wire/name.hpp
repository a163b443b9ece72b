// SPDX-License-Identifier: Apache-2.0
// Domain names in a message that parse accepted: found by offset, compared in place, never materialised unless asked.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "module/wire/header.hpp"

namespace uncut::wire {

inline constexpr std::uint32_t name_octets_max = 255;  // RFC 1035 2.3.4
inline constexpr std::uint32_t label_octets_max = 63;  // RFC 1035 2.3.4
inline constexpr std::uint32_t name_text_max = 1025;   // every octet as \DDD, dots, and a NUL

// A pointer may lead to a pointer, but each useful hop adds a label and a name has 127 at most. More is work for
// nothing, so a message that asks for it is over its budget.
inline constexpr std::uint32_t name_hops_max = 127;

constexpr std::uint8_t lower(std::uint8_t octet) noexcept {
    return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet | 0x20) : octet;
}

// A name on its own: uncompressed, with its root label.
struct Name {
    std::array<std::uint8_t, name_octets_max> octets;
    std::uint8_t length = 0;

    Octets span() const noexcept { return {octets.data(), length}; }
};

// Of a name in a message that parse accepted.
std::uint32_t skip_name(const std::uint8_t* data, std::uint32_t offset) noexcept;             // the offset behind it
bool names_equal(const std::uint8_t* data, std::uint32_t one, std::uint32_t other) noexcept;  // letter case aside
void expand_name(const std::uint8_t* data, std::uint32_t offset, Name& name) noexcept;        // keeps letter case
void expand_name_lower(const std::uint8_t* data, std::uint32_t offset, Name& name) noexcept;

// Whether uncompressed `name` is `zone` or below it, letter case aside.
bool at_or_below(Octets name, Octets zone) noexcept;

// Uncompressed names, equal but for the letter case of A to Z. No length octet (0 to 63) is a letter.
bool equal_fold(Octets one, Octets other) noexcept;

// Questions: name, type and class, the letter case of the name aside. Type and class are compared exactly: type 65
// is the letter A, and type 97 is another type.
bool same_question(Octets one, Octets other) noexcept;

// Validates the one name at `offset` of octets that nobody has parsed. `end` gets the offset behind it.
Status check_name(Octets message, std::uint32_t offset, std::uint32_t& end) noexcept;

// Presentation form with a final dot (RFC 1035 5.1, RFC 4343 2.1): NUL-terminated; returns the octets needed, NUL
// included, and writes nothing when `capacity` is less.
std::size_t name_to_text(Octets name, char* out, std::size_t capacity) noexcept;

// From presentation form, lower-cased; a final dot is optional; "" and "." are the root. False: not a name.
bool name_from_text(std::string_view text, Name& name) noexcept;

}  // namespace uncut::wire
