// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/program_view.hpp"

#include <fmt/format.h>

#include <utility>

namespace uncut::harness {
namespace {

std::string abi_text(std::uint32_t minor) {
    return fmt::format("{}.{}", UNCUT_ABI_MAJOR, minor);
}

std::vector<ProgramMetric> read_journal(const Journal& journal) {
    const std::uint64_t last = journal.last();
    const std::uint64_t oldest = journal.oldest();
    const std::uint64_t kept = oldest == 0 ? 0 : last - oldest + 1;
    return {{"journal_exchanges", "exchanges written down", true, static_cast<double>(last)},
            {"journal_exchanges_kept", "exchanges that the journal has", false, static_cast<double>(kept)}};
}

}  // namespace

SystemView view_system(std::shared_ptr<Switchboard> switchboard, std::vector<Listener> listeners,
                       std::function<std::optional<Address>()> admin) {
    SystemView view;
    view.versions = [switchboard] {
        const Module& module = switchboard->module();
        return VersionView{UNCUT_HARNESS_VERSION, module->version, abi_text(UNCUT_ABI_MINOR),
                           abi_text(module.own_minor()), abi_text(module.minor())};
    };
    view.listeners = [listeners = std::move(listeners), admin = std::move(admin)] {
        std::vector<ListenerView> rows;
        for (const Listener& listener : listeners) {
            rows.push_back({listener.name, listener.address.text(), {"udp", "tcp"}});
        }
        if (const auto address = admin()) rows.push_back({"admin", address->text(), {"http"}});
        return rows;
    };
    view.not_ready = [switchboard] {
        std::vector<std::string> missing;
        for (const Switchboard::Site& site : switchboard->sites()) {
            if (!site.server->serving()) missing.push_back(site.name);
        }
        return missing;
    };
    return view;
}

std::function<Metrics()> view_metrics(std::shared_ptr<Switchboard> switchboard, std::shared_ptr<Journal> journal) {
    return [switchboard = std::move(switchboard), journal = std::move(journal)] {
        const Module& module = switchboard->module();
        Metrics metrics{.harness_version = UNCUT_HARNESS_VERSION,
                        .module_version = module->version,
                        .abi = abi_text(module.minor()),
                        .servers = {},
                        .program = {}};
        for (const Switchboard::Site& site : switchboard->sites()) {
            const PolicyTarget target = site.policies->target();
            metrics.servers.push_back(
                {site.name, read_module_counters(*target.module, target.instance), site.server->counters()});
        }
        if (journal) metrics.program = read_journal(*journal);
        return metrics;
    };
}

}  // namespace uncut::harness
