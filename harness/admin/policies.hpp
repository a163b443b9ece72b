// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/admin/policy_store.hpp"
#include "harness/admin/router.hpp"

namespace uncut::harness {

/// /v1/policies, /v1/policies/{zone}, /v1/policy-fields, /v1/presets, /v1/presets/{name}, /v1/presets/{name}/apply
void add_policy_resources(Router& router, std::shared_ptr<PolicyStore> policies);

/// The refusal that tells why a policy was not written.
HttpResponse problem_of(const PolicyWriteError& error);

}  // namespace uncut::harness
