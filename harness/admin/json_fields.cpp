// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/json_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace uncut::harness {

namespace json = boost::json;

JsonFields::JsonFields(const json::value& value, std::string_view pointer)
    : object_(value.if_object()), pointer_(pointer) {
    if (object_ == nullptr) keep({JsonError::Kind::wrong_value, pointer_, "an object", json_excerpt(value)});
}

const json::value* JsonFields::value(std::string_view name) {
    known_.push_back(name);
    return object_ == nullptr ? nullptr : object_->if_contains(name);
}

bool JsonFields::is_null(std::string_view name) {
    const json::value* member = value(name);
    return member != nullptr && member->is_null();
}

std::optional<std::string> JsonFields::text(std::string_view name) {
    const json::value* member = value(name);
    if (member == nullptr) return std::nullopt;
    if (member->is_string()) return std::string(member->get_string());
    fault(name, "a string", json_excerpt(*member));
    return std::nullopt;
}

std::optional<bool> JsonFields::boolean(std::string_view name) {
    const json::value* member = value(name);
    if (member == nullptr) return std::nullopt;
    auto truth = read_boolean(*member, at(name));
    if (truth) return *truth;
    keep(std::move(truth.error()));
    return std::nullopt;
}

std::optional<std::uint32_t> JsonFields::integer(std::string_view name, std::uint32_t minimum, std::uint32_t maximum) {
    const json::value* member = value(name);
    if (member == nullptr) return std::nullopt;
    auto number = read_integer(*member, minimum, maximum, at(name));
    if (number) return *number;
    keep(std::move(number.error()));
    return std::nullopt;
}

std::optional<std::string> JsonFields::word(std::string_view name, std::initializer_list<std::string_view> words) {
    const json::value* member = value(name);
    if (member == nullptr) return std::nullopt;
    if (member->is_string() && std::ranges::find(words, std::string_view(member->get_string())) != words.end()) {
        return std::string(member->get_string());
    }
    fault(name, fmt::format("one of \"{}\"", fmt::join(words, "\", \"")), json_excerpt(*member));
    return std::nullopt;
}

void JsonFields::fault(std::string_view name, std::string expected, std::string got) {
    keep({JsonError::Kind::wrong_value, at(name), std::move(expected), std::move(got)});
}

void JsonFields::keep(JsonError error) {
    if (!error_) error_ = std::move(error);
}

std::optional<JsonError> JsonFields::error() {
    if (error_ || object_ == nullptr) return error_;
    for (const auto& [key, member] : *object_) {
        const std::string_view name(key.data(), key.size());
        if (std::ranges::find(known_, name) != known_.end()) continue;
        return JsonError{JsonError::Kind::unknown_field, json_pointer(pointer_, name),
                         fmt::format("one of the members {}", fmt::join(known_, ", ")),
                         fmt::format("the unknown member {}", json_excerpt(json::string(name)))};
    }
    return std::nullopt;
}

}  // namespace uncut::harness
