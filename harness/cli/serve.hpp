// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/cli/running_log.hpp"

namespace uncut::harness {

/// The options of `uncut serve`, as given; what is empty comes from the config file or is a default.
struct ServeOptions {
    std::vector<std::string> upstreams;  ///< ADDR[:PORT], port 53 by default
    std::vector<std::string> dns;        ///< ADDR:PORT
    std::vector<std::string> allow;      ///< CIDR
    std::string admin;                   ///< ADDR:PORT
    std::string admin_token_file;        ///< its first line is what a client of the admin API must show
    std::string module;
    std::string preset;
    std::string config;
    std::optional<unsigned> threads;
    std::optional<std::uint32_t> journal;  ///< how many exchanges are kept for the admin API; none: off
    LogOptions log;
};

/// Serves until SIGINT or SIGTERM. Returns the exit status: 0, or 2 with one line on standard error.
int run_serve(const ServeOptions& options);

}  // namespace uncut::harness
