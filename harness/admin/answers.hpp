// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/admin/router.hpp"
#include "harness/admin/script_store.hpp"

namespace uncut::harness {

/// /v1/answers: what the scripted upstream answers. Without a store they are in conflict with what runs here.
void add_answer_resources(Router& router, std::shared_ptr<ScriptStore> store);

}  // namespace uncut::harness
