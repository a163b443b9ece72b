// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/admin/router.hpp"
#include "harness/server/counters.hpp"

namespace uncut::harness {

/// One of a module's counters, as it describes itself.
struct ModuleCounter {
    std::string name;
    std::string cause;  // "": it has none
    std::string help;
    std::uint64_t value = 0;
};

/// All of an instance's, in the order of the ABI; those that a misbehaving module does not give are left out.
std::vector<ModuleCounter> read_module_counters(const uncut_module& module, uncut_instance* instance);

/// What one server of the program has counted, itself and its module.
struct ServerMetrics {
    std::string server;  // its name, as a label
    std::vector<ModuleCounter> module;
    ServerCounters counters;
};

/// A number that belongs to no server.
struct ProgramMetric {
    std::string name;  // without "uncut_"; of a counter without "_total" too
    std::string help;
    bool is_counter = false;  // else it is a gauge
    double value = 0;
};

struct Metrics {
    std::string harness_version;
    std::string module_version;
    std::string abi;  // as negotiated: "0.2"
    std::vector<ServerMetrics> servers;
    std::vector<ProgramMetric> program;
};

/// The text exposition format of Prometheus, 0.0.4.
std::string render_metrics(const Metrics& metrics);

/// /metrics, read anew for each request.
void add_metrics_resources(Router& router, std::function<Metrics()> read);

}  // namespace uncut::harness
