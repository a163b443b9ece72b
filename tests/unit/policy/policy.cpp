// SPDX-License-Identifier: Apache-2.0
#include "module/policy/policy.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace uncut;
using policy::Policy;

TEST_CASE("policy: the defaults and the presets are valid and what they say", "[policy]") {
    for (std::uint32_t index = 0; policy::preset_name(index) != nullptr; ++index) {
        INFO(policy::preset_name(index));
        const Policy* preset = policy::preset(policy::preset_name(index));
        REQUIRE(preset != nullptr);
        CHECK(policy::is_valid(*preset));
    }
    CHECK(policy::preset("no-such") == nullptr);
    CHECK(policy::preset("default")->retry_truncated);
    CHECK_FALSE(policy::preset("coredns-default")->retry_truncated);
    CHECK(policy::preset("coredns-default")->suspect == 0);
    CHECK(policy::preset("coredns-prefer-udp")->upstream_transport == UNCUT_UPSTREAM_UDP_FIRST);
    CHECK(policy::preset("coredns-prefer-udp")->retry_truncated);
    CHECK(policy::preset("coredns-force-tcp")->upstream_transport == UNCUT_UPSTREAM_TCP);
}

TEST_CASE("policy: each field has its range", "[policy]") {
    const auto with = [](auto change) {
        Policy policy;
        change(policy);
        return policy::is_valid(policy);
    };
    CHECK_FALSE(with([](Policy& p) { p.upstream_transport = 4; }));
    CHECK_FALSE(with([](Policy& p) { p.suspect = 8; }));
    CHECK_FALSE(with([](Policy& p) { p.upstream_bufsize = 511; }));
    CHECK(with([](Policy& p) { p.upstream_bufsize = 512; }));
    CHECK(with([](Policy& p) { p.upstream_bufsize = 4096; }));
    CHECK_FALSE(with([](Policy& p) { p.upstream_bufsize = 4097; }));
    CHECK_FALSE(with([](Policy& p) { p.upstream_edns = 2; }));
    CHECK_FALSE(with([](Policy& p) { p.client_bufsize = 511; }));
    CHECK(with([](Policy& p) { p.client_bufsize = 65'535; }));
    CHECK_FALSE(with([](Policy& p) { p.fit = 4; }));
    CHECK_FALSE(with([](Policy& p) { p.on_tcp_failure = 3; }));
    CHECK_FALSE(with([](Policy& p) { p.udp_timeout_ms = 0; }));
    CHECK_FALSE(with([](Policy& p) { p.tcp_timeout_ms = 60'001; }));
    CHECK_FALSE(with([](Policy& p) { p.deadline_ms = 0; }));
    CHECK_FALSE(with([](Policy& p) { p.udp_tries = 0; }));
    CHECK_FALSE(with([](Policy& p) { p.udp_tries = 9; }));
    CHECK_FALSE(with([](Policy& p) { p.learned_ttl_s = 86'401; }));
}
