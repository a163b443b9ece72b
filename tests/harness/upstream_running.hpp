// SPDX-License-Identifier: Apache-2.0
// A scripted upstream for one test, and the ways to ask it.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "harness/upstream/demo_zone.hpp"
#include "harness/upstream/upstream.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"

namespace uncut::test {

inline constexpr const char* chain_name = "quote-redis-cluster.default.svc.cluster.local";
inline constexpr const char* one_name = "one.default.svc.cluster.local";

/// A query without EDNS and with this ID.
inline Octets query_with_id(const char* name, std::uint16_t id) {
    QueryOptions options;
    options.id = id;
    return make_query({name}, options);
}

struct RunningUpstream {
    std::unique_ptr<harness::upstream::Upstream> upstream;
    Endpoint endpoint;

    std::optional<Octets> udp(const Octets& query, Milliseconds timeout = Milliseconds{10'000}) const {
        return ask_udp(endpoint, query, timeout);
    }
    std::optional<Octets> tcp(const Octets& query, Milliseconds timeout = Milliseconds{10'000}) const {
        return ask_tcp(endpoint, query, timeout);
    }
    /// Replaces the zones by those of the text.
    void set_answers(const std::string& zone_text) const {
        auto zones = std::make_shared<harness::upstream::Zones>();
        REQUIRE(zones->add_text(zone_text));
        REQUIRE(upstream->change({.zones = std::move(zones)}));
    }
    /// Replaces the faults; they are numbered from 1, and begin anew.
    std::expected<void, std::string> set_faults(const std::vector<harness::upstream::Fault>& faults) const {
        std::vector<harness::upstream::NumberedFault> numbered;
        static std::atomic<std::uint64_t> serial = 1'000;
        for (const auto& fault : faults) numbered.push_back({numbered.size() + 1, ++serial, fault});
        return upstream->change({.faults = std::move(numbered)});
    }
    /// Until the upstream has seen one since it began, or was told to forget.
    void wait_for_a_query() const {
        const auto deadline = std::chrono::steady_clock::now() + Milliseconds{10'000};
        const auto seen = [&] {
            const harness::upstream::Statistics statistics = upstream->statistics();
            return statistics.udp_queries + statistics.tcp_queries > 0;
        };
        while (!seen()) REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
    bool tcp_refused() const {
        try {
            const TcpClient client(endpoint);
            return false;
        } catch (const std::runtime_error&) {
            return true;
        }
    }
};

inline RunningUpstream start_upstream(harness::upstream::UpstreamConfig config) {
    if (config.zone_text.empty() && config.zone_files.empty()) config.zone_text = harness::upstream::demo_zone_text();
    auto started = harness::upstream::Upstream::start(std::move(config));
    INFO((started ? std::string() : started.error()));
    REQUIRE(started);
    const harness::Address address = (*started)->address();
    return {std::move(*started), Endpoint{address.host_text(), address.port()}};
}

inline RunningUpstream start_upstream(std::vector<harness::upstream::Fault> faults = {}) {
    harness::upstream::UpstreamConfig config;
    config.udp_limit_octets = 512;
    config.faults = std::move(faults);
    return start_upstream(std::move(config));
}

}  // namespace uncut::test
