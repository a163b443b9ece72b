// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/serve.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "harness/admin/admin.hpp"
#include "harness/cli/config.hpp"
#include "harness/cli/resolver.hpp"

namespace uncut::harness {
namespace {

constexpr std::uint16_t dns_port = 53;
constexpr std::uint16_t listen_port = 5300;  // no privilege needed, and where `uncut demo` listens too

using Done = std::expected<void, std::string>;

// Replaces what the file says by what the option says, if it says anything.
template <typename Value, typename Parse>
Done override_list(std::vector<Value>& values, const std::vector<std::string>& texts, const char* option, Parse parse) {
    if (texts.empty()) return {};
    values.clear();
    for (const std::string& text : texts) {
        auto value = parse(text);
        if (!value) return std::unexpected(fmt::format("{} {}", option, value.error()));
        values.push_back(*value);
    }
    return {};
}

Done override_addresses(Config& config, const ServeOptions& options) {
    const auto upstream = [](const std::string& text) { return Address::parse(text, dns_port); };
    const auto listener = [](const std::string& text) { return Address::parse(text, std::nullopt); };
    if (auto done = override_list(config.upstreams, options.upstreams, "--upstream", upstream); !done) return done;
    if (auto done = override_list(config.dns, options.dns, "--dns", listener); !done) return done;
    if (auto done = override_list(config.allow, options.allow, "--allow", &Cidr::parse); !done) return done;
    if (options.admin.empty()) return {};
    const auto admin = listener(options.admin);
    if (!admin) return std::unexpected("--admin " + admin.error());
    config.admin = *admin;
    return {};
}

// The file, checked whole, and on top of it the command line.
std::expected<Config, std::string> effective_config(const ServeOptions& options) {
    Config config;
    if (!options.config.empty()) {
        auto loaded = load_config(options.config);
        if (!loaded) return loaded;
        config = std::move(*loaded);
    }
    if (const Done done = override_addresses(config, options); !done) return std::unexpected(done.error());
    if (!options.module.empty()) config.module = options.module;
    if (!options.preset.empty()) config.preset = options.preset;
    if (options.threads) config.threads = options.threads;
    if (config.dns.empty()) config.dns.push_back(Address::loopback(listen_port));
    if (config.upstreams.empty()) {
        return std::unexpected(
            std::string("no upstream: expected --upstream ADDR[:PORT], or \"upstreams\" in the file"));
    }
    return config;
}

ServerConfig server_config(const Config& config) {
    ServerConfig server;
    server.listen = config.dns;
    server.upstreams = config.upstreams;
    server.allow = config.allow;
    server.threads = config.threads.value_or(1);
    ServerLimits& limits = server.limits;
    limits.in_flight_max = config.engine.in_flight_max.value_or(limits.in_flight_max);
    limits.tcp_connections_max = config.server.connections_max.value_or(limits.tcp_connections_max);
    limits.tcp_connections_per_client_max =
        config.server.connections_per_client_max.value_or(limits.tcp_connections_per_client_max);
    limits.tcp_queries_waiting_max = config.server.waiting_per_connection_max.value_or(limits.tcp_queries_waiting_max);
    limits.tcp_idle_ms = config.server.idle_timeout_ms.value_or(limits.tcp_idle_ms);
    server.tune_engine = [engine = config.engine](uncut_engine_config& defaults) { engine.apply_to(defaults); };
    return server;
}

InstanceSettings instance_settings(const Config& config) {
    InstanceSettings settings;
    settings.learned_max_names = config.instance.learned_max_names.value_or(settings.learned_max_names);
    settings.tcp_holdoff_ms = config.instance.tcp_holdoff_ms.value_or(settings.tcp_holdoff_ms);
    return settings;
}

}  // namespace

int run_serve(const ServeOptions& options) {
    EndSignals signals;
    raise_descriptor_limit();
    const auto config = effective_config(options);
    if (!config) return refuse(config.error());
    const auto module = open_module(config->module);
    if (!module) return refuse(module.error());
    auto resolver =
        start_resolver(*module, instance_settings(*config), {config->preset, config->policies}, server_config(*config));
    if (!resolver) return refuse(resolver.error());
    std::unique_ptr<Admin> admin;
    if (config->admin) {
        auto started = Admin::start({*config->admin, resolver->policies, config->admin_token_file});
        if (!started) return refuse(started.error());
        admin = std::move(*started);
    }
    fmt::print("DNS    {} over UDP and TCP, forwarded to {}\n", join_addresses(resolver->server->addresses()),
               join_addresses(config->upstreams));
    if (admin) fmt::print("admin  http://{}\n", admin->address().text());
    std::fflush(stdout);  // whoever started us with port 0 reads the real ports here
    signals.wait();
    if (admin) admin->stop();
    resolver->server->stop();
    return 0;
}

}  // namespace uncut::harness
