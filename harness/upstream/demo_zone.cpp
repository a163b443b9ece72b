// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/demo_zone.hpp"

#include <fmt/format.h>

#include <iterator>

namespace uncut::harness::upstream {
namespace {

constexpr std::string_view soa_and_chain = R"(
$TTL 30
cluster.local.  SOA  ns.dns.cluster.local. hostmaster.cluster.local. 2025010101 7200 1800 86400 5
cluster.local.  NS   ns.dns.cluster.local.
ns.dns.cluster.local.  A  192.0.2.1

quote-redis-cluster.default.svc.cluster.local.  CNAME  quote-redis.elasticache.default.svc.cluster.local.
quote-redis.elasticache.default.svc.cluster.local.  CNAME  clustercfg.quote-redis.k3v9qz.use1.cache.example.net.

example.net.  SOA  ns.example.net. hostmaster.example.net. 2025010101 7200 1800 86400 60
example.net.  NS   ns.example.net.
ns.example.net.  A  192.0.2.2

text.default.svc.cluster.local.  TXT  "a text that fits"
)";

constexpr std::string_view chain_end = "clustercfg.quote-redis.k3v9qz.use1.cache.example.net";

/// `count` A records in the block `prefix`.0/24 from host `first` on, and as many AAAA.
void add_addresses(std::string& out, std::string_view name, std::string_view prefix, unsigned first, unsigned count) {
    for (unsigned i = first; i < first + count; ++i) {
        fmt::format_to(std::back_inserter(out), "{0}. A {1}.{2}\n{0}. AAAA 2001:db8:{2:x}::{2:x}\n", name, prefix, i);
    }
}

void add_large_text(std::string& out) {
    out += "large-text.default.svc.cluster.local. TXT";
    for (int i = 1; i <= 15; ++i) {
        // 200 characters of 255 that one character-string may have (RFC 1035 3.3.14).
        out += fmt::format(" \"{:03} {:a<196}\"", i, "");
    }
    out += "\n";
}

}  // namespace

std::string demo_zone_text() {
    std::string out(soa_and_chain);
    add_addresses(out, chain_end, "192.0.2", 11, 22);
    add_addresses(out, demo_large_name, "198.51.100", 1, 200);
    add_addresses(out, "one.default.svc.cluster.local", "203.0.113", 1, 1);
    add_addresses(out, "sixty.default.svc.cluster.local", "203.0.113", 101, 60);
    add_large_text(out);
    return out;
}

}  // namespace uncut::harness::upstream
