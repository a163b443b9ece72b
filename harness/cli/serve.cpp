// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/serve.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "harness/admin/admin.hpp"
#include "harness/cli/resolver.hpp"
#include "harness/cli/serve_config.hpp"

namespace uncut::harness {
namespace {

ServerConfig server_config(const Config& config) {
    ServerConfig server;
    server.listen = config.dns;
    server.backend.upstreams = config.upstreams;
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
    // A service's log is its record: by default it has what was started, changed and ended.
    if (const auto started = start_log(options.log, LogLevel::info); !started) return refuse(started.error());
    const auto config = effective_config(options);
    if (!config) return refuse(config.error());
    const auto opened = open_module_copy(config->module);
    if (!opened) return refuse(opened.error());
    const std::shared_ptr<const Module>& module = *opened;
    const auto journal = config->journal ? std::make_shared<Journal>(*config->journal) : nullptr;
    ServerConfig server = server_config(*config);
    server.journal = journal.get();
    auto resolver = start_resolver(module, instance_settings(*config),
                                   {config->preset, config->policies, config->preset_place}, std::move(server));
    if (!resolver) return refuse(resolver.error());
    std::unique_ptr<Admin> admin;
    if (config->admin) {
        AdminServices services{.policies = resolver->policies, .journal = journal};
        services.switchboard = std::make_shared<Switchboard>(
            module_path(config->module), module, config->upstreams,
            std::vector<Switchboard::Site>{
                {"uncut", resolver->server.get(), resolver->policies, instance_settings(*config)}});
        services.listeners = {{"uncut", resolver->server->addresses().front()}};
        auto started = Admin::start({*config->admin, std::move(services), config->admin_token_file});
        if (!started) return refuse(started.error());
        admin = std::move(*started);
    }
    log_start({"serve", join_addresses(resolver->server->addresses()), join_addresses(config->upstreams),
               admin ? admin->address().text() : "", module_path(config->module).string()},
              *module);
    fmt::print("DNS    {} over UDP and TCP, forwarded to {}\n", join_addresses(resolver->server->addresses()),
               join_addresses(config->upstreams));
    if (admin) fmt::print("admin  http://{}\n", admin->address().text());
    std::fflush(stdout);  // whoever started us with port 0 reads the real ports here
    const int signal_number = signals.wait();
    if (admin) admin->stop();
    stop_server(*resolver->server, signal_number);
    return 0;
}

}  // namespace uncut::harness
