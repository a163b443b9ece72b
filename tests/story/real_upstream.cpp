// SPDX-License-Identifier: Apache-2.0
#include "tests/story/real_upstream.hpp"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "tests/support/dns_client.hpp"

namespace uncut::test {

namespace {

constexpr std::string_view nsd_conf = R"(server:
    server-count: 1
    ip-address: {address}@{port}
    ipv4-edns-size: {limit}
    ipv6-edns-size: {limit}
    zonesdir: "{folder}"
    pidfile: "{folder}/nsd.pid"
    database: ""
    xfrdfile: "{folder}/xfrd.state"
    zonelistfile: "{folder}/zone.list"
    username: ""
    minimal-responses: yes
    rrl-ratelimit: 0
remote-control:
    control-enable: no
)";

constexpr std::string_view knot_conf = R"(server:
    rundir: "{folder}"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: {limit}
    tcp-reuseport: off
database:
    storage: "{folder}"
log:
  - target: stderr
    any: warning
acl:
  - id: transfer
    address: [127.0.0.0/8, ::1]
    action: transfer
zone:
)";

// BIND counts the records of a type and answers SERVFAIL past 100, unless it is told not to.
constexpr std::string_view named_conf = R"(options {{
    directory "{folder}";
    pid-file none;
    session-keyfile none;
    lock-file none;
    listen-on port {port} {{ {address}; }};
    listen-on-v6 {{ none; }};
    recursion no;
    allow-query {{ 127.0.0.0/8; }};
    allow-transfer {{ 127.0.0.0/8; }};
    max-udp-size {limit};
    nocookie-udp-size {limit};
    minimal-responses yes;
    max-records-per-type 0;
    max-records 0;
    empty-zones-enable no;
    dnssec-validation no;
    notify no;
}};
controls {{ }};
logging {{ category default {{ default_stderr; }}; }};
)";

std::string zone_conf(Software software, const std::string& origin, const std::string& file) {
    switch (software) {
        case Software::nsd:
            return fmt::format("zone:\n    name: {}\n    zonefile: \"{}\"\n    provide-xfr: 127.0.0.0/8 NOKEY\n",
                               origin, file);
        case Software::knot:
            return fmt::format(
                "  - domain: {}\n    file: \"{}\"\n    zonefile-sync: -1\n    journal-content: none\n"
                "    semantic-checks: off\n    acl: transfer\n",
                origin, file);
        case Software::bind:
            break;
    }
    return fmt::format("zone \"{}\" {{ type primary; file \"{}\"; }};\n", origin, file);
}

}  // namespace

std::string_view program_of(Software software) {
    switch (software) {
        case Software::nsd:
            return "nsd";
        case Software::knot:
            return "knotd";
        case Software::bind:
            break;
    }
    return "named";
}

RealUpstream::RealUpstream(Software software, std::vector<ServedZone> zones, const RealUpstreamOptions& options)
    : software_(software), endpoint_(options.listen) {
    // Somebody may take the free port before the server does: then it ends at once, and another port is tried.
    const int attempts_max = options.listen.port == 0 ? 3 : 1;
    std::string said;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        if (options.listen.port == 0) endpoint_.port = free_port(endpoint_.address);
        ProcessOptions process_options;
        if (options.where != nullptr) process_options.network_namespace = options.where->name();
        process_ = Process::start(configure(zones, options), process_options);
        if (ready(zones.front(), options.where)) return;
        said = process_->err() + process_->out();
    }
    throw std::runtime_error(fmt::format("{} does not answer at {}: {}", program_of(software), endpoint_.text(), said));
}

std::vector<std::string> RealUpstream::configure(const std::vector<ServedZone>& zones,
                                                 const RealUpstreamOptions& options) const {
    const std::string_view form = software_ == Software::nsd    ? nsd_conf
                                  : software_ == Software::knot ? knot_conf
                                                                : named_conf;
    std::string text = fmt::format(fmt::runtime(form), fmt::arg("folder", folder_.path().string()),
                                   fmt::arg("address", endpoint_.address), fmt::arg("port", endpoint_.port),
                                   fmt::arg("limit", options.udp_limit));
    for (const auto& zone : zones) {
        const auto file = folder_.write(fmt::format("{}.zone", zone.origin), zone.text);
        text += zone_conf(software_, zone.origin, file);
    }
    text += options.more;
    const auto path = folder_.write("server.conf", text);
    switch (software_) {
        case Software::nsd:
            return {"nsd", "-d", "-c", path};
        case Software::knot:
            return {"knotd", "-c", path};
        case Software::bind:
            break;
    }
    return {"named", "-g", "-n", "1", "-c", path};
}

bool RealUpstream::ready(const ServedZone& zone, const Namespace* where) const {
    const Question question{zone.origin, type_soa};
    bool answered = false;
    within(where, [&] { until([&] { return !process_->running() || (answered = answers(endpoint_, question)); }); });
    return answered && process_->running();
}

}  // namespace uncut::test
