// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/running_log.hpp"

#include <fmt/format.h>
#include <string.h>

#include "harness/cli/progress.hpp"

namespace uncut::harness {
namespace {

std::string abi_text(const Module& module) {
    return fmt::format("{}.{}", UNCUT_ABI_MAJOR, module.minor());
}

std::string signal_text(int signal_number) {
    const char* name = sigabbrev_np(signal_number);
    return name == nullptr ? fmt::format("{}", signal_number) : fmt::format("SIG{}", name);
}

}  // namespace

std::expected<void, std::string> start_log(const LogOptions& options, LogLevel default_level) {
    const auto format = options.format.empty() ? LogFormat::text : log_format_from_text(options.format);
    if (!format) return std::unexpected("--log-format " + format.error());
    const auto level = options.level.empty() ? default_level : log_level_from_text(options.level);
    if (!level) return std::unexpected("--log-level " + level.error());
    start_log(*format, *level);
    return {};
}

void log_start(const RunningServer& running, const Module& module) {
    log(LogLevel::info, "started",
        {{"verb", running.verb},
         {"dns", running.dns},
         {"upstreams", running.upstreams},
         {"admin", running.admin.empty() ? "none" : running.admin},
         {"harness", UNCUT_HARNESS_VERSION},
         {"module", module->version},
         {"abi", abi_text(module)},
         {"module_path", running.module_path}});
}

void stop_server(Server& server, int signal_number) {
    const std::uint64_t in_flight = server.counters().in_flight;
    log(LogLevel::info, "stopping", {{"signal", signal_text(signal_number)}, {"in_flight", in_flight}});
    {
        const ShownProgress progress([&server] {
            return fmt::format("waiting for {} queries in flight, at most {} s", server.counters().in_flight,
                               ServerLimits{}.drain_max_ms / 1000);
        });
        server.stop();
    }
    const ServerCounters counters = server.counters();
    log(LogLevel::info, "ended",
        {{"queries_udp", counters.queries_udp},
         {"queries_tcp", counters.queries_tcp},
         {"answered_udp", counters.answered_udp},
         {"answered_tcp", counters.answered_tcp},
         {"dropped", counters.dropped_all()}});
}

}  // namespace uncut::harness
