// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/admin/policy_store.hpp"
#include "harness/admin/router.hpp"
#include "harness/admin/script_store.hpp"

namespace uncut::harness {

/// /v1/scenarios: those that are built in. /v1/scenario: policies, answers and faults in one document. Without a script
/// they are in conflict with what runs here.
void add_scenario_resources(Router& router, std::shared_ptr<PolicyStore> policies, std::shared_ptr<ScriptStore> script);

}  // namespace uncut::harness
