// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/json_text.hpp"

namespace uncut::harness {

/// Reads the members of an object one by one; the first fault is kept for error(). What was never asked for is one.
class JsonFields {
  public:
    /// `pointer` is where the object stands in its document.
    JsonFields(const boost::json::value& value, std::string_view pointer);

    /// Nothing where there is none, or where it is no such thing (a fault).
    std::optional<std::string> text(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::uint32_t> integer(std::string_view name, std::uint32_t minimum, std::uint32_t maximum);
    std::optional<std::string> word(std::string_view name, std::initializer_list<std::string_view> words);
    /// The member as it is; nullptr: there is none.
    const boost::json::value* value(std::string_view name);
    /// Whether the member is there and null.
    bool is_null(std::string_view name);

    /// For what only the caller can judge; `name` is a member, or a path below one ("list/0").
    void fault(std::string_view name, std::string expected, std::string got);
    /// The first fault, or an unknown member. After the last member has been asked for.
    std::optional<JsonError> error();

  private:
    std::string at(std::string_view name) const { return pointer_ + "/" + std::string(name); }  // names need no escape
    void keep(JsonError error);

    const boost::json::object* object_ = nullptr;
    std::string pointer_;
    std::vector<std::string_view> known_;
    std::optional<JsonError> error_;
};

}  // namespace uncut::harness
