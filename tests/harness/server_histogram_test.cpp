// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "harness/server/histogram.hpp"
#include "tests/harness/server_running.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;

namespace {

constexpr std::array<std::uint64_t, 2> two_bounds = {10, 20};

std::uint64_t total(const auto& histogram) {
    return std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
}

}  // namespace

TEST_CASE("server: a histogram's bounds belong to what is below them", "[server]") {
    Histogram<two_bounds> histogram;
    for (const std::uint64_t value : {0U, 10U, 11U, 20U, 21U, 1'000'000U}) histogram.observe(value);
    CHECK(histogram.counts == std::array<std::uint64_t, 3>{2, 2, 2});
    CHECK(histogram.sum == 1'000'062);
    Histogram<two_bounds> other;
    other.observe(5);
    histogram += other;
    CHECK(histogram.counts == std::array<std::uint64_t, 3>{3, 2, 2});
    CHECK(histogram.sum == 1'000'067);
}

TEST_CASE("server: every response is in the histograms of its transport", "[server]") {
    ServerConfig config;
    config.threads = 2;
    RunningServer running(std::move(config));
    running.fake.answer_octets = 300;
    for (std::uint16_t id = 0; id < 3; ++id) REQUIRE(uncut::test::ask_udp(running.endpoint(), query(id)));
    for (std::uint16_t id = 0; id < 2; ++id) REQUIRE(uncut::test::ask_tcp(running.endpoint(), query(id)));
    running.server->stop();
    const ServerCounters counters = running.server->counters();
    CHECK(counters.answered_udp == 3);
    CHECK(total(counters.responses_udp.octets) == 3);
    CHECK(total(counters.responses_udp.latency_us) == 3);
    CHECK(counters.responses_udp.octets.counts[2] == 3);  // 257 to 512 octets
    CHECK(counters.responses_udp.octets.sum == 900);
    CHECK(counters.answered_tcp == 2);
    CHECK(total(counters.responses_tcp.octets) == 2);
    CHECK(total(counters.responses_tcp.latency_us) == 2);
}

TEST_CASE("server: what gets no response is in no histogram", "[server]") {
    RunningServer running;
    running.fake.hold = true;
    const uncut::test::UdpClient client(running.endpoint());
    client.send(query(1));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 1; }));
    ServerCounters counters = running.server->counters();
    CHECK(total(counters.responses_udp.octets) == 0);
    running.fake.release_all();
    REQUIRE(client.receive(uncut::test::Milliseconds{10'000}));
    REQUIRE(running.until([](const ServerCounters& now) { return now.answered_udp == 1; }));
    counters = running.server->counters();
    CHECK(total(counters.responses_udp.latency_us) == 1);
    CHECK(counters.responses_udp.latency_us.sum > 0);
}
