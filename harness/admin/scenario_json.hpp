// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>

#include "harness/admin/json_text.hpp"
#include "harness/admin/policy_json.hpp"
#include "harness/admin/script_store.hpp"

namespace uncut::harness {

/// The whole state in one document.
struct Scenario {
    PolicySet policies;
    Script script;
};

/// Reads a scenario. What is left out is empty: no policies (those built in hold), no answers, no faults.
std::expected<Scenario, JsonError> read_scenario(const boost::json::value& value);

boost::json::object scenario_to_json(const Scenario& scenario);

}  // namespace uncut::harness
