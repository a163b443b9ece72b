// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/cli/running_log.hpp"

namespace uncut::harness {

/// The options of `uncut demo`: ADDR:PORT each, on loopback; port 0 is any free one.
struct DemoOptions {
    std::string dns = "127.0.0.1:5300";
    std::string before = "127.0.0.1:5302";
    std::string upstream = "127.0.0.1:5301";
    std::string admin = "127.0.0.1:8053";
    std::string module;
    LogOptions log;
};

/// Runs a scripted upstream that truncates, Uncut in front of it, and the same server without its help; prints what to
/// try; ends at SIGINT or SIGTERM. Returns the exit status: 0, or 2 with one line on standard error.
int run_demo(const DemoOptions& options);

}  // namespace uncut::harness
