// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>
#include <string_view>
#include <vector>

#include "harness/admin/json_text.hpp"
#include "harness/upstream/plan.hpp"

namespace uncut::harness {

/// Reads a fault as it is posted: without what the store alone says of it, its id and how often it has struck.
std::expected<upstream::Fault, JsonError> read_fault(const boost::json::value& value, std::string_view pointer);

/// Reads an array of them.
std::expected<std::vector<upstream::Fault>, JsonError> read_faults(const boost::json::value& value,
                                                                   std::string_view pointer);

/// The fault with a merge patch (RFC 7396) applied: null takes a field back to its default.
std::expected<upstream::Fault, JsonError> patched_fault(const upstream::Fault& fault, const boost::json::value& patch);

/// As it can be posted.
boost::json::object fault_to_json(const upstream::Fault& fault);
/// With its id and how often it has struck.
boost::json::object fault_to_json(const upstream::FaultState& state);

/// A row of the table of kinds.
boost::json::object fault_kind_to_json(const upstream::FaultKindInfo& info);

}  // namespace uncut::harness
