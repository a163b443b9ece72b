// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/demo.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "harness/admin/admin.hpp"
#include "harness/cli/resolver.hpp"
#include "harness/upstream/demo_zone.hpp"
#include "harness/upstream/upstream.hpp"

namespace uncut::harness {
namespace {

constexpr std::uint32_t upstream_udp_octets_max = 512;  // the story's server knows no EDNS sizes
constexpr const char* before_preset = "coredns-default";

struct DemoAddresses {
    Address dns;
    Address before;
    Address upstream;
    Address admin;
};

std::expected<DemoAddresses, std::string> parse_addresses(const DemoOptions& options) {
    DemoAddresses addresses;
    const auto parse = [](const char* option, const std::string& text,
                          Address& address) -> std::expected<void, std::string> {
        const auto parsed = Address::parse(text, std::nullopt);
        if (!parsed) return std::unexpected(fmt::format("{} {}", option, parsed.error()));
        // The demo's upstream lies on purpose: nobody but this machine should ask it.
        if (!parsed->is_loopback())
            return std::unexpected(fmt::format("{} {}: expected a loopback address", option, text));
        address = *parsed;
        return {};
    };
    if (auto done = parse("--dns", options.dns, addresses.dns); !done) return std::unexpected(done.error());
    if (auto done = parse("--before", options.before, addresses.before); !done) return std::unexpected(done.error());
    if (auto done = parse("--upstream", options.upstream, addresses.upstream); !done) {
        return std::unexpected(done.error());
    }
    if (auto done = parse("--admin", options.admin, addresses.admin); !done) return std::unexpected(done.error());
    return addresses;
}

Script demo_script() {
    Script script;
    script.answers = upstream::answers_of_text(upstream::demo_zone_text()).value();
    script.udp_octets_max = upstream_udp_octets_max;
    script.about = {"demo", "The demo at its start", "A chain of CNAMEs to 22 addresses, truncated over UDP.", {}};
    return script;
}

// dig's way to say where to ask.
std::string at(const Address& address) {
    return fmt::format("dig @{} -p {}", address.host_text(), address.port());
}

// How this program, which need not be in PATH, is told where the demo is.
std::string ctl_at(const Address& admin) {
    std::error_code error;
    const auto program = std::filesystem::proximate("/proc/self/exe", error);
    const std::string path = error ? "uncut" : program.string();
    const bool usual = admin.text() == DemoOptions{}.admin;
    return usual ? path + " ctl" : fmt::format("{} ctl --admin {}", path, admin.text());
}

void print_what_to_try(const DemoAddresses& real) {
    fmt::print(
        "upstream  {0}  a scripted server: over UDP it truncates at {1} octets\n"
        "before    {2}  a forwarder that passes this on (preset {3})\n"
        "Uncut     {4}  the same forwarder with Uncut's defaults\n"
        "admin     http://{5}\n"
        "\n"
        "Open http://{5}/ in a browser: the same story as two timelines, every exchange, policies, faults, counters.\n"
        "\n"
        "Try (in another terminal; +ignore makes dig behave like a client that cannot ask over TCP):\n"
        "\n"
        "  {6} {8} +ignore\n"
        "      before: the answer is truncated (flag tc), and the addresses are missing\n"
        "  {7} {8} +ignore\n"
        "      Uncut asked again over TCP: all 22 addresses, in one UDP datagram\n"
        "  {7} {9}\n"
        "      200 addresses, 3,296 octets: too long for UDP, so an honest tc, and dig's retry over TCP gets them all\n"
        "  curl -s -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{{\"retry_truncated\":false}}' "
        "http://{5}/v1/policies/default\n"
        "      takes Uncut's retry away: ask the second line again. curl -s -X POST http://{5}/v1/reset gives it back\n"
        "\n"
        "  {10} fault add drop transport=tcp\n"
        "      makes the upstream worse; what it can do: {10} fault kinds; what came of it: {10} exchanges\n"
        "\n"
        "Ctrl-C ends it.\n",
        real.upstream.text(), upstream_udp_octets_max, real.before.text(), before_preset, real.dns.text(),
        real.admin.text(), at(real.before), at(real.dns), upstream::demo_chain_name, upstream::demo_large_name,
        ctl_at(real.admin));
    std::fflush(stdout);
}

}  // namespace

int run_demo(const DemoOptions& options) {
    EndSignals signals;
    raise_descriptor_limit();
    // The demo is read on a terminal, where only what goes wrong should come between.
    if (const auto started = start_log(options.log, LogLevel::warn); !started) return refuse(started.error());
    auto addresses = parse_addresses(options);
    if (!addresses) return refuse(addresses.error());
    const auto opened = open_module_copy(options.module);
    if (!opened) return refuse(opened.error());
    const std::shared_ptr<const Module>& module = *opened;

    upstream::UpstreamConfig scripted;
    scripted.listen = addresses->upstream;
    const auto upstream = upstream::Upstream::start(std::move(scripted));
    if (!upstream) return refuse(upstream.error());
    addresses->upstream = (*upstream)->address();
    const auto script = ScriptStore::create(**upstream, demo_script());
    if (!script) return refuse(script.error());

    const auto journal = std::make_shared<Journal>(journal_exchanges_default);
    const auto in_front = [&](const char* name, const Address& listen) {
        ServerConfig config;
        config.name = name;
        config.listen = {listen};
        config.backend.upstreams = {addresses->upstream};
        config.journal = journal.get();
        return config;
    };
    auto uncut = start_resolver(module, {}, {"", {}}, in_front("uncut", addresses->dns));
    if (!uncut) return refuse(uncut.error());
    auto before = start_resolver(module, {}, {before_preset, {}}, in_front("before", addresses->before));
    if (!before) return refuse(before.error());
    addresses->dns = uncut->server->addresses().front();
    addresses->before = before->server->addresses().front();

    AdminServices services{.policies = uncut->policies, .journal = journal};
    services.switchboard = std::make_shared<Switchboard>(
        module_path(options.module), module, std::vector<Address>{addresses->upstream},
        std::vector<Switchboard::Site>{{"uncut", uncut->server.get(), uncut->policies, {}},
                                       {"before", before->server.get(), before->policies, {}}});
    services.script = *script;
    services.listeners = {{"uncut", addresses->dns}, {"before", addresses->before}, {"upstream", addresses->upstream}};
    const auto admin = Admin::start({addresses->admin, std::move(services), ""});
    if (!admin) return refuse(admin.error());

    addresses->admin = (*admin)->address();
    // Before anybody knows where to ask: the log begins with it.
    log_start({"demo", addresses->dns.text(), addresses->upstream.text(), addresses->admin.text(),
               module_path(options.module).string()},
              *module);
    print_what_to_try(*addresses);
    const int signal_number = signals.wait();
    (*admin)->stop();
    before->server->stop();
    stop_server(*uncut->server, signal_number);
    (*upstream)->stop();
    return 0;
}

}  // namespace uncut::harness
