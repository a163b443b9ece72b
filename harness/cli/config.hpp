// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/policy_json.hpp"
#include "harness/net/address.hpp"
#include "harness/net/cidr.hpp"

namespace uncut::harness {

// Every zone that an instance takes, with every field written out and indented, needs about 2 MiB.
inline constexpr std::size_t config_octets_max = 4U << 20;
inline constexpr std::size_t config_listeners_max = 64;            // a socket for each, on each thread
inline constexpr std::size_t config_allow_max = 1024;              // looked through once a query
inline constexpr std::uint32_t config_threads_max = 256;           // far more than one machine's queues can feed
inline constexpr std::uint32_t server_connections_max = 1U << 20;  // what a process may have of descriptors at most
inline constexpr std::uint32_t server_waiting_max = 4096;          // as many as an engine pipelines
inline constexpr std::uint32_t server_idle_ms_max = 3600000;       // an hour: longer is no limit any more

/// Limits of the listeners; what the file leaves out keeps the server's default.
struct ServerOptions {
    std::optional<std::uint32_t> connections_max;
    std::optional<std::uint32_t> connections_per_client_max;
    std::optional<std::uint32_t> waiting_per_connection_max;
    std::optional<std::uint32_t> idle_timeout_ms;
};

/// Fields of uncut_engine_config of the same names; what the file leaves out keeps the engine's default.
struct EngineOptions {
    std::optional<std::uint32_t> in_flight_max;
    std::optional<std::uint32_t> udp_sockets;
    std::optional<std::uint32_t> udp_queries_per_socket;
    std::optional<std::uint32_t> udp_socket_age_max_ms;
    std::optional<std::uint32_t> tcp_connections_max;
    std::optional<std::uint32_t> tcp_pipeline_max;
    std::optional<std::uint32_t> tcp_idle_ms;
    std::optional<std::uint32_t> tcp_waiters_max;
    std::optional<std::uint32_t> letter_case;  // 0, 1

    /// Puts what is set here in place of the engine's defaults.
    void apply_to(uncut_engine_config& config) const;
};

/// Fields of uncut_instance_config of the same names.
struct InstanceOptions {
    std::optional<std::uint32_t> learned_max_names;
    std::optional<std::uint32_t> tcp_holdoff_ms;

    /// The built-in default (<uncut.h>) where nothing is set; the secret is the caller's to fill.
    void apply_to(uncut_instance_config& config) const;
};

/// What a config file says; an option of the command line goes before it.
struct Config {
    std::vector<Address> dns;        // where to listen
    std::vector<Address> upstreams;  // whom to ask, in this order
    std::optional<Address> admin;
    std::string admin_token_file;  // "" where the file has none, as with the next two
    std::string module;
    std::string preset;        // not yet looked up: only the module knows its presets
    std::string preset_place;  // who named it, for the error if there is none: "--preset", or "FILE: /preset"
    std::optional<std::uint32_t> threads;
    std::optional<std::uint32_t> journal;
    std::vector<Cidr> allow;
    InstanceOptions instance;
    PolicySet policies;
    ServerOptions server;
    EngineOptions engine;
};

/// Reads and checks a whole config file. The error is one line: the file, the JSON pointer (for text that is no JSON
/// the line and column), and what was expected there.
std::expected<Config, std::string> load_config(const std::string& path);

/// The same on text; `name` stands for the file in errors.
std::expected<Config, std::string> parse_config(std::string_view text, std::string_view name);

}  // namespace uncut::harness
