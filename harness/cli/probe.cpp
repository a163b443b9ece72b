// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/probe.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <sstream>

#include "harness/cli/progress.hpp"
#include "harness/probe/probe_report.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness {
namespace {

int usage(const std::string& message) {
    fmt::print(stderr, "uncut probe: {}\n", message);
    return 2;
}

// The progress line is said from a thread of its own.
ProbeReport probe_with_progress(const ProbeTarget& target, const uncut_module& module) {
    std::mutex lock;
    std::string asking;
    const ShownProgress progress([&] {
        const std::lock_guard guard(lock);
        return fmt::format("asking {} over {} ...", target.server.text(), asking);
    });
    return probe(target, module, [&](const std::string& how) {
        const std::lock_guard guard(lock);
        asking = how;
    });
}

}  // namespace

std::expected<ProbeOptions, std::string> parse_probe_arguments(std::span<const std::string> words) {
    ProbeOptions options;
    bool has_type = false;
    for (const std::string& word : words) {
        if (word.starts_with('@')) {
            if (!options.server.empty()) return std::unexpected(fmt::format("a second server, {}: expected one", word));
            if (word.size() == 1) return std::unexpected("@ without a server: expected @ADDR or @ADDR#PORT");
            options.server = word.substr(1);
        } else if (options.name.empty()) {
            options.name = word;
        } else if (!has_type) {
            options.type = word;
            has_type = true;
        } else {
            return std::unexpected(fmt::format("\"{}\": expected NAME [TYPE] [@SERVER[#PORT]]", word));
        }
    }
    if (options.name.empty()) return std::unexpected("no name: expected NAME [TYPE] [@SERVER[#PORT]]");
    return options;
}

std::expected<std::string, std::string> first_nameserver(const std::filesystem::path& resolv_conf) {
    std::ifstream file(resolv_conf);
    if (!file) return std::unexpected(resolv_conf.string() + ": cannot be read; name a server, as in @127.0.0.1");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string keyword;
        std::string server;
        if (words >> keyword >> server && keyword == "nameserver") return server;
    }
    return std::unexpected(resolv_conf.string() + ": has no nameserver; name a server, as in @127.0.0.1");
}

int run_probe(const ProbeOptions& options, const uncut_module& module) {
    const auto name = upstream::name_from_text(options.name);
    if (!name) return usage(name.error());
    const auto type = probe_type(options.type);
    if (!type) return usage(type.error());
    std::string server = options.server;
    if (server.empty()) {
        auto found = first_nameserver("/etc/resolv.conf");
        if (!found) return usage(found.error());
        server = std::move(*found);
    }
    const auto address = probe_server(server);
    if (!address) return usage(address.error());
    const ProbeTarget target{*name, *type, *address};
    if (!options.json) {
        const ProbeSubject subject = target.subject();
        fmt::print("{} {}, asked of {}\n\n", subject.name, subject.type, subject.server);
        std::fflush(stdout);
    }
    const ProbeReport report = probe_with_progress(target, module);
    const Diagnosis& diagnosis = report.diagnosis;
    if (options.json) {
        fmt::print("{}\n", boost::json::serialize(report_to_json(report)));
    } else {
        fmt::print("{}\n{}\n{}{}", probe_table(report.rows), diagnosis.text, diagnosis.remedy,
                   diagnosis.remedy.empty() ? "" : "\n");
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return usage("standard output cannot be written");
    return diagnosis.gives_nothing ? 1 : 0;
}

}  // namespace uncut::harness
