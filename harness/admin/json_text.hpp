// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace uncut::harness {

/// What is wrong with a JSON value: where it is (RFC 6901), what was expected there, and what came instead.
struct JsonError {
    enum class Kind { unknown_field, duplicate_field, wrong_value, missing_field };
    Kind kind = Kind::wrong_value;
    std::string pointer;   // "" is the whole document
    std::string expected;  // "an integer from 512 to 4096"
    std::string got;       // "100"; empty where nothing came

    /// "/a/b: expected X, got Y"
    std::string text() const;
};

/// What keeps a text from being JSON at all, or what is wrong with its keys.
struct JsonSyntaxError {
    std::size_t line = 1;  // both from 1; column counts octets
    std::size_t column = 1;
    std::string reason;
    std::string pointer;  // set for a duplicate key, and only then

    /// "line 3, column 7: REASON"
    std::string text() const;
};

/// `base` + "/" + `key`, with "~" and "/" of the key escaped (RFC 6901, section 3).
std::string json_pointer(std::string_view base, std::string_view key);
std::string json_pointer(std::string_view base, std::size_t index);

/// The value as it would be quoted in an error: cut after a few dozen octets, without control characters.
std::string json_excerpt(const boost::json::value& value);

/// Parses one whole document. Refuses a key that occurs twice in an object: Boost.JSON keeps the last silently, and
/// the operator would never learn which of the two is obeyed.
std::expected<boost::json::value, JsonSyntaxError> parse_json(std::string_view text);

/// The integer that a value stands for: 5, and also 5.0, as JSON Schema has it.
std::expected<std::uint32_t, JsonError> read_integer(const boost::json::value& value, std::uint32_t minimum,
                                                     std::uint32_t maximum, std::string_view pointer);
std::expected<bool, JsonError> read_boolean(const boost::json::value& value, std::string_view pointer);

}  // namespace uncut::harness
