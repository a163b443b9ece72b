// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/admin/router.hpp"
#include "harness/net/address.hpp"

namespace uncut::harness {

/// Where one of the program's own servers is asked: "uncut", "before", "upstream".
struct Listener {
    std::string name;
    Address address;
};

/// /v1/probe and /v1/ask: real queries, sent from here. They take as long as their answers do, so both routes are slow.
/// `module` judges, and lives as long as the router.
void add_asking_resources(Router& router, std::vector<Listener> listeners, const uncut_module& module);

}  // namespace uncut::harness
