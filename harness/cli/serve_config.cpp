// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/serve_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/journal/journal.hpp"

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

// Where a value that two places can give was given, for an error: "--dns", or "FILE: /dns".
std::string place(const ServeOptions& options, bool on_command_line, std::string_view option, std::string_view key) {
    return on_command_line ? std::string(option) : fmt::format("{}: /{}", options.config, key);
}

Done check_listeners(const Config& config, const ServeOptions& options) {
    const std::string where = place(options, !options.dns.empty(), "--dns", "dns");
    for (auto listener = config.dns.begin(); listener != config.dns.end(); ++listener) {
        const std::string text = listener->text();
        if (listener->port() != 0 && std::find(config.dns.begin(), listener, *listener) != listener) {
            return std::unexpected(fmt::format("{}: {} is given twice: expected each address once", where, text));
        }
        if (!listener->is_loopback() && config.allow.empty()) {
            return std::unexpected(
                fmt::format("{}: {} is not a loopback address: expected --allow CIDR (or \"allow\" in the "
                            "file), which says who may ask there",
                            where, text));
        }
    }
    return {};
}

Done check_admin(const Config& config, const ServeOptions& options) {
    if (!config.admin) {
        if (options.admin_token_file.empty()) return {};
        return std::unexpected("--admin-token-file: no admin API: expected --admin ADDR:PORT with it");
    }
    if (config.admin->is_loopback() || !config.admin_token_file.empty()) return {};
    return std::unexpected(
        fmt::format("{}: {}: expected a loopback address, or a token file (--admin-token-file FILE, or "
                    "\"admin_token_file\" in the file) for any other",
                    place(options, !options.admin.empty(), "--admin", "admin"), config.admin->text()));
}

}  // namespace

std::expected<Config, std::string> effective_config(const ServeOptions& options) {
    Config config;
    if (!options.config.empty()) {
        auto loaded = load_config(options.config);
        if (!loaded) return loaded;
        config = std::move(*loaded);
    }
    if (const Done done = override_addresses(config, options); !done) return std::unexpected(done.error());
    if (!options.module.empty()) config.module = options.module;
    if (!options.admin_token_file.empty()) config.admin_token_file = options.admin_token_file;
    if (!options.preset.empty()) {
        config.preset = options.preset;
        config.preset_place = "--preset";
    }
    if (options.threads) {
        if (*options.threads < 1 || *options.threads > config_threads_max) {
            return std::unexpected(fmt::format("--threads {}: expected 1 to {}", *options.threads, config_threads_max));
        }
        config.threads = options.threads;
    }
    if (options.journal) {
        if (*options.journal < 1 || *options.journal > journal_exchanges_max) {
            return std::unexpected(
                fmt::format("--journal {}: expected 1 to {}", *options.journal, journal_exchanges_max));
        }
        config.journal = options.journal;
    }
    if (config.dns.empty()) config.dns.push_back(Address::loopback(listen_port));
    if (config.upstreams.empty()) {
        const std::string where = options.config.empty() ? "" : options.config + ": /upstreams: ";
        return std::unexpected(where + "no upstream: expected --upstream ADDR[:PORT], or \"upstreams\" in the file");
    }
    if (const Done done = check_listeners(config, options); !done) return std::unexpected(done.error());
    if (const Done done = check_admin(config, options); !done) return std::unexpected(done.error());
    return config;
}

}  // namespace uncut::harness
