// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <array>
#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/admin/json_text.hpp"
#include "harness/admin/zone_name.hpp"

namespace uncut::harness {

/// A word of an enumeration or of a set, as JSON writes it, and the ABI's number for it.
struct PolicyWord {
    std::string_view text;
    std::uint32_t value;
};

enum class PolicyKind {
    boolean,  // true, false
    integer,  // minimum to maximum
    choice,   // one of `words`
    set       // an array of different `words`, whose values are bits
};

/// One row of the policy table: all that JSON, errors, forms and documentation need to know of a field.
struct PolicyField {
    std::string_view name;
    std::string_view unit;  // "octets", "ms", "s", or ""
    PolicyKind kind;
    std::uint32_t minimum;
    std::uint32_t maximum;
    std::span<const PolicyWord> words;
    std::string_view meaning;
    std::uint32_t uncut_policy::* member;
};

inline constexpr std::size_t policy_field_count = 14;  // all members of uncut_policy but `size`; asserted

/// The table, in the order of the ABI.
std::span<const PolicyField, policy_field_count> policy_fields();

/// What a field takes, in words: "an integer from 512 to 4096", "true or false", ...
std::string policy_field_expects(const PolicyField& field);

/// Some fields of a policy: those that a zone sets for itself.
using PolicyOverrides = std::array<std::optional<std::uint32_t>, policy_field_count>;

/// Zone to what it sets. Keys are as zone_key makes them; the root is "default".
using PolicySet = std::map<std::string, PolicyOverrides, std::less<>>;

/// Reads an object that may leave fields out. `pointer` is where the object stands in its document.
std::expected<PolicyOverrides, JsonError> read_policy(const boost::json::value& value, std::string_view pointer);

/// Reads {zone: policy, ...}. Two spellings of one zone are an error.
std::expected<PolicySet, JsonError> read_policy_set(const boost::json::value& value, std::string_view pointer);

/// Applies a merge patch (RFC 7396): null takes a field out of the overrides. With an error nothing is changed.
std::expected<void, JsonError> patch_policy(PolicyOverrides& target, const boost::json::value& patch,
                                            std::string_view pointer);

/// The base, with the overrides in place of its fields.
uncut_policy complete_policy(const PolicyOverrides& overrides, const uncut_policy& base);

/// Every field of a policy as an override.
PolicyOverrides overrides_of(const uncut_policy& policy);

boost::json::object policy_to_json(const PolicyOverrides& overrides);
boost::json::object policy_to_json(const uncut_policy& policy);

}  // namespace uncut::harness
