// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "harness/host/module.hpp"
#include "harness/log/log.hpp"
#include "harness/server/server.hpp"

namespace uncut::harness {

/// --log-format and --log-level, as given; "" is the default.
struct LogOptions {
    std::string format;
    std::string level;
};

/// Starts the process's log. The error names the option and what was expected.
std::expected<void, std::string> start_log(const LogOptions& options, LogLevel default_level);

/// What runs, for the lines that say so.
struct RunningServer {
    std::string verb;       // "serve", "demo"
    std::string dns;        // where it listens
    std::string upstreams;  // whom it asks
    std::string admin;      // "": no admin API
    std::string module_path;
};

/// The first line of a server's log: where it listens, and which versions it is made of.
void log_start(const RunningServer& running, const Module& module);

/// Stops a server that a signal ended: what is in flight may end, a progress line says for how much that is waited;
/// the last lines of the log say why it ended and what it counted.
void stop_server(Server& server, int signal_number);

}  // namespace uncut::harness
