// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/json_reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/string.hpp>
#include <cmath>

namespace uncut::harness {

namespace json = boost::json;

std::unexpected<JsonError> wrong_json(std::string_view pointer, std::string expected, const json::value& got) {
    return std::unexpected(
        JsonError{JsonError::Kind::wrong_value, std::string(pointer), std::move(expected), json_excerpt(got)});
}

std::unexpected<JsonError> missing_json(std::string_view pointer, std::string expected) {
    return std::unexpected(JsonError{JsonError::Kind::missing_field, std::string(pointer), std::move(expected), ""});
}

std::expected<const json::object*, JsonError> read_object(const json::value& value, std::string_view pointer,
                                                          std::string_view what,
                                                          std::span<const std::string_view> known) {
    if (!value.is_object()) return wrong_json(pointer, fmt::format("an object: {}", what), value);
    for (const auto& member : value.get_object()) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::ranges::find(known, name) != known.end()) continue;
        return std::unexpected(JsonError{JsonError::Kind::unknown_field, json_pointer(pointer, name),
                                         fmt::format("a field of {} ({})", what, fmt::join(known, ", ")),
                                         fmt::format("the unknown field {}", json_excerpt(json::string(name)))});
    }
    return &value.get_object();
}

std::expected<std::string, JsonError> read_text(const json::value& value, std::string_view pointer,
                                                std::string_view expected) {
    if (!value.is_string()) return wrong_json(pointer, std::string(expected), value);
    return std::string(value.get_string());
}

std::expected<std::int64_t, JsonError> read_any_integer(const json::value& value, std::string_view pointer,
                                                        std::string_view expected) {
    constexpr double exact_max = 9007199254740992.0;  // up to 2^53 a double says which integer it is
    if (value.is_int64()) return value.get_int64();
    if (value.is_double() && std::trunc(value.get_double()) == value.get_double() &&
        std::abs(value.get_double()) <= exact_max) {
        return static_cast<std::int64_t>(value.get_double());
    }
    return wrong_json(pointer, std::string(expected), value);
}

}  // namespace uncut::harness
