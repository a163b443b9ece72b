// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "harness/admin/router.hpp"
#include "harness/net/address.hpp"

namespace uncut::harness {

/// Where the program's own servers are asked: "uncut", "before", "upstream". Nothing for a name that is none.
using FindListener = std::function<std::optional<Address>(std::string_view name)>;

/// /v1/probe and /v1/ask: real queries, sent from here. They take as long as their answers do, so both routes are slow.
/// `module` judges, and lives as long as the router.
void add_asking_resources(Router& router, FindListener listener, const uncut_module& module);

}  // namespace uncut::harness
