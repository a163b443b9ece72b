// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/admin/router.hpp"

namespace uncut::harness {

/// Where the program listens.
struct ListenerView {
    std::string name;     // "uncut", "before", "upstream", "admin"
    std::string address;  // with the real port
    std::vector<std::string> transports;
};

struct VersionView {
    std::string harness;
    std::string module;
    std::string abi_harness;  // "0.2", as the next two
    std::string abi_module;
    std::string abi_negotiated;
};

/// What the resources of the program itself show. Called on the router's thread, anew for each request. All or none:
/// without them there is no more than /health and the contract.
struct SystemView {
    std::function<VersionView()> versions;
    std::function<std::vector<ListenerView>()> listeners;
    std::function<std::vector<std::string>()> not_ready;  // what is not; empty: everything is
};

/// /health, /ready, /version, /v1, /v1/openapi.json, /v1/listeners. The router outlives its routes.
void add_system_resources(Router& router, SystemView view);

}  // namespace uncut::harness
