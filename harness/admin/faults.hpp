// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/admin/router.hpp"
#include "harness/admin/script_store.hpp"

namespace uncut::harness {

/// /v1/faults: what is wrong with the scripted upstream; without a store they are in conflict with what runs here.
/// /v1/fault-kinds: what can be wrong with one.
void add_fault_resources(Router& router, std::shared_ptr<ScriptStore> store);

}  // namespace uncut::harness
