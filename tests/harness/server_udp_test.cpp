// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <set>
#include <thread>

#include "tests/harness/server_running.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;
using uncut::test::Milliseconds;
using uncut::test::Octets;
using uncut::test::UdpClient;

namespace {

constexpr Milliseconds answer_time{10'000};
constexpr Milliseconds silence_time{200};

bool connects(const uncut::test::Endpoint& endpoint) {
    try {
        const uncut::test::TcpClient client(endpoint);
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

Cidr cidr(const char* text) {
    return Cidr::parse(text).value();
}

}  // namespace

TEST_CASE("server: queries over UDP are answered, over IPv4 and IPv6", "[server]") {
    ServerConfig config;
    config.listen = {Address::loopback(0), Address::parse("[::1]:0", std::nullopt).value()};
    const RunningServer running(std::move(config));
    for (const auto& endpoint : {running.endpoint("127.0.0.1", 0), running.endpoint("::1", 1)}) {
        INFO(endpoint.text());
        const UdpClient client(endpoint);
        client.send(query(7));
        const auto answer = client.receive(answer_time);
        REQUIRE(answer);
        CHECK(id_of(*answer) == 7);
        CHECK(((*answer)[2] & 0x80) != 0);
    }
}

TEST_CASE("server: port 0 is the same free port over UDP and TCP", "[server]") {
    const RunningServer running;
    REQUIRE(running.endpoint().port != 0);
    CHECK(uncut::test::ask_udp(running.endpoint(), query(1)).has_value());
    CHECK(uncut::test::ask_tcp(running.endpoint(), query(2)).has_value());
}

// A connected client takes datagrams from the address that it asked and from no other. Without IP_PKTINFO the system
// would answer from 127.0.0.1.
TEST_CASE("server: an answer leaves from the address that was asked", "[server]") {
    ServerConfig config;
    config.listen = {Address::parse("0.0.0.0:0", std::nullopt).value(), Address::parse("[::]:0", std::nullopt).value()};
    config.allow = {cidr("127.0.0.0/8"), cidr("::1")};
    const RunningServer running(std::move(config));
    CHECK(uncut::test::ask_udp(running.endpoint("127.0.0.2", 0), query(1)).has_value());
    CHECK(uncut::test::ask_udp(running.endpoint("127.1.2.3", 0), query(2)).has_value());
    CHECK(uncut::test::ask_udp(running.endpoint("127.0.0.1", 0), query(3)).has_value());
    CHECK(uncut::test::ask_udp(running.endpoint("::1", 1), query(4)).has_value());
}

TEST_CASE("server: a client outside of the allowed blocks gets silence, and is counted", "[server]") {
    ServerConfig config;
    config.listen = {Address::parse("0.0.0.0:0", std::nullopt).value()};
    config.allow = {cidr("192.0.2.0/24")};
    const RunningServer running(std::move(config));
    CHECK_FALSE(uncut::test::ask_udp(running.endpoint(), query(1), silence_time).has_value());
    CHECK_FALSE(uncut::test::ask_tcp(running.endpoint(), query(1), answer_time).has_value());
    CHECK(running.until([](const ServerCounters& now) {
        return now.datagrams_not_allowed == 1 && refused(now, RefusalCause::not_allowed) == 1;
    }));
    CHECK(running.fake.submitted() == 0);
}

TEST_CASE("server: messages that are no query are dropped, each with its cause", "[server]") {
    const RunningServer running;
    const UdpClient client(running.endpoint());
    client.send({});
    client.send({1, 2, 3});
    Octets response = query(9);
    response[2] |= 0x80;
    client.send(response);
    CHECK(running.until([](const ServerCounters& now) {
        return dropped(now, DropCause::short_query) == 2 && dropped(now, DropCause::is_response) == 1 && sum_holds(now);
    }));
    CHECK_FALSE(client.receive(silence_time).has_value());
    client.send(query(10));
    CHECK(client.receive(answer_time).has_value());
}

TEST_CASE("server: a query that the engine has no room for gets SERVFAIL", "[server]") {
    RunningServer running;
    running.fake.hold = true;
    running.fake.in_flight_max = 2;
    const UdpClient client(running.endpoint());
    client.send(query(1));
    client.send(query(2));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 2; }));
    uncut::test::QueryOptions options;
    options.id = 3;
    options.bufsize = 4096;
    options.dnssec_ok = true;
    client.send(uncut::test::make_query({"example"}, options));
    const auto answer = client.receive(answer_time);
    REQUIRE(answer);
    CHECK(id_of(*answer) == 3);
    CHECK((*answer)[2] == 0x81);  // QR, RD
    CHECK((*answer)[3] == 0x82);  // RA, SERVFAIL
    CHECK((*answer)[5] == 1);     // the question
    CHECK((*answer)[11] == 1);    // and the OPT
    REQUIRE(answer->size() == query(3).size() + 11);
    CHECK((*answer)[query(3).size() + 7] == 0x80);  // DO
    client.send({0, 4, 1, 0, 0, 9, 0, 0, 0, 0, 0, 0});
    CHECK(running.until([](const ServerCounters& now) {
        return now.refused_full == 1 && dropped(now, DropCause::engine_full) == 1 && now.in_flight == 2 &&
               sum_holds(now);
    }));
    running.fake.release_all();
    CHECK(client.receive(answer_time).has_value());
    CHECK(client.receive(answer_time).has_value());
}

// 65,507 octets are the most that UDP over IPv4 carries.
TEST_CASE("server: an answer that the system finds too long goes out truncated", "[server]") {
    RunningServer running;
    running.fake.answer_octets = 65'530;
    const auto answer = uncut::test::ask_udp(running.endpoint(), query(5));
    REQUIRE(answer);
    CHECK(answer->size() == query(5).size());
    CHECK(((*answer)[2] & 0x02) != 0);
    CHECK(running.until([](const ServerCounters& now) { return now.truncated_late == 1 && sum_holds(now); }));
    running.fake.answer_octets = 40'000;
    const auto large = uncut::test::ask_udp(running.endpoint(), query(6));
    REQUIRE(large);
    CHECK(large->size() == 40'000);
}

TEST_CASE("server: several threads share a port, and lose nothing", "[server]") {
    ServerConfig config;
    config.threads = 4;
    const RunningServer running(std::move(config));
    constexpr int clients = 64;
    constexpr int queries = 20;
    std::set<std::uint16_t> seen;
    for (int i = 0; i < clients; ++i) {
        const UdpClient client(running.endpoint());
        for (int j = 0; j < queries; ++j) client.send(query(static_cast<std::uint16_t>(i * queries + j)));
        for (int j = 0; j < queries; ++j) {
            const auto answer = client.receive(answer_time);
            REQUIRE(answer);
            seen.insert(id_of(*answer));
            REQUIRE(sum_holds(running.server->counters()));
        }
    }
    CHECK(seen.size() == clients * queries);
    CHECK(running.fake.engines_used() > 1);
    CHECK(running.until([](const ServerCounters& now) { return now.answered_udp == clients * queries; }));
    CHECK(sum_holds(running.server->counters()));
}

TEST_CASE("server: a stop answers what is in flight and takes nothing more", "[server]") {
    RunningServer running;
    running.fake.hold = true;
    const UdpClient client(running.endpoint());
    client.send(query(1));
    uncut::test::TcpClient stream(running.endpoint());
    stream.send(query(2));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 2; }));
    std::jthread stopping([&running] { running.server->stop(); });
    // Only the drain closes the TCP port, so from here on nothing new is read.
    REQUIRE(uncut::test::until([&] { return !connects(running.endpoint()); }));
    client.send(query(4));
    running.fake.release_all();
    const auto first = client.receive(answer_time);
    const auto second = stream.receive(answer_time);
    stopping.join();
    REQUIRE(first);
    CHECK(id_of(*first) == 1);
    REQUIRE(second);
    CHECK(id_of(*second) == 2);
    CHECK_FALSE(client.receive(silence_time).has_value());
    const ServerCounters counters = running.server->counters();
    CHECK(counters.dropped_all() == 0);
    CHECK(counters.in_flight == 0);
    CHECK(sum_holds(counters));
}

TEST_CASE("server: a stop waits no longer than it may, and counts what it gave up", "[server]") {
    ServerConfig config;
    config.limits.drain_max_ms = 100;
    RunningServer running(std::move(config));
    running.fake.hold = true;
    const UdpClient client(running.endpoint());
    client.send(query(1));
    uncut::test::TcpClient stream(running.endpoint());
    stream.send(query(2));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 2; }));
    const auto begin = std::chrono::steady_clock::now();
    running.server->stop();
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= Milliseconds{90});
    CHECK(took < Milliseconds{4'000});
    const ServerCounters counters = running.server->counters();
    CHECK(dropped(counters, DropCause::stopped) == 2);
    CHECK(counters.in_flight == 0);
    CHECK(sum_holds(counters));
    running.server->stop();
}
