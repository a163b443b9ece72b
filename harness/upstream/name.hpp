// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace uncut::harness::upstream {

/// A domain name in uncompressed wire form, its root label included; held in a string because it is used as a key.
using WireName = std::string;

/// Reads a name in presentation form (escapes as in RFC 1035 5.1); without a final dot it counts as absolute all the
/// same. The error names the text and what is wrong with it.
std::expected<WireName, std::string> name_from_text(std::string_view text);

/// Writes a name in presentation form, with a final dot.
std::string name_to_text(std::string_view name);

/// ASCII letters in lower case. Length octets are at most 63 and so below 'A': the whole name can be treated alike.
WireName lower(std::string_view name);

/// The name without its first label; the root stays the root.
inline std::string_view parent(std::string_view name) {
    const auto first = static_cast<std::uint8_t>(name.front());
    return first == 0 ? name : name.substr(first + std::size_t{1});
}

/// The number of a type by its mnemonic ("A", "txt", "TYPE65280"); the error names the text.
std::expected<std::uint16_t, std::string> type_from_text(std::string_view text);

/// The mnemonic of a type, TYPEn for one without (RFC 3597 5).
std::string type_to_text(std::uint16_t type);

/// The mnemonic of a class, CLASSn for one without (RFC 3597 5).
std::string class_to_text(std::uint16_t dns_class);

}  // namespace uncut::harness::upstream
