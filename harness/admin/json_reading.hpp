// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "harness/admin/json_text.hpp"

namespace uncut::harness {

std::unexpected<JsonError> wrong_json(std::string_view pointer, std::string expected, const boost::json::value& got);
std::unexpected<JsonError> missing_json(std::string_view pointer, std::string expected);

/// The object that a value is, with no fields but `known`; `what` names it in errors: "a fault".
std::expected<const boost::json::object*, JsonError> read_object(const boost::json::value& value,
                                                                 std::string_view pointer, std::string_view what,
                                                                 std::span<const std::string_view> known);

std::expected<std::string, JsonError> read_text(const boost::json::value& value, std::string_view pointer,
                                                std::string_view expected = "a string");

/// An integer of either sign, also written as 5.0; its range is the caller's affair.
std::expected<std::int64_t, JsonError> read_any_integer(const boost::json::value& value, std::string_view pointer,
                                                        std::string_view expected = "an integer");

}  // namespace uncut::harness
