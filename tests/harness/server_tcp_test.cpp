// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/harness/server_peer.hpp"
#include "tests/harness/server_running.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;
using uncut::test::Milliseconds;
using uncut::test::Octets;

namespace {

constexpr Milliseconds silence_time{200};

Octets frames_of(std::initializer_list<std::uint16_t> ids) {
    Octets stream;
    for (const std::uint16_t id : ids) {
        const Octets frame = framed(query(id));
        stream.insert(stream.end(), frame.begin(), frame.end());
    }
    return stream;
}

std::vector<std::uint16_t> receive_ids(Peer& peer, std::size_t count) {
    std::vector<std::uint16_t> ids;
    while (ids.size() < count) {
        const auto message = peer.receive();
        if (!message) break;
        ids.push_back(id_of(*message));
    }
    return ids;
}

}  // namespace

TEST_CASE("server: TCP messages may arrive octet by octet", "[server]") {
    const RunningServer running;
    Peer peer(running.endpoint());
    const Octets stream = frames_of({1, 2, 3});
    for (const std::uint8_t octet : stream) REQUIRE(peer.send({octet}));
    auto ids = receive_ids(peer, 3);
    std::sort(ids.begin(), ids.end());
    CHECK(ids == std::vector<std::uint16_t>{1, 2, 3});
}

TEST_CASE("server: TCP messages may be cut anywhere", "[server]") {
    const RunningServer running;
    const Octets stream = frames_of({1, 2});
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
        INFO("cut after octet " << cut);
        Peer peer(running.endpoint());
        const auto middle = stream.begin() + static_cast<std::ptrdiff_t>(cut);
        REQUIRE(peer.send(Octets(stream.begin(), middle)));
        REQUIRE(peer.send(Octets(middle, stream.end())));
        CHECK(receive_ids(peer, 2).size() == 2);
    }
}

TEST_CASE("server: the longest message comes and goes whole over TCP", "[server]") {
    RunningServer running;
    Octets longest = query(1);
    longest.resize(65'535);
    Peer peer(running.endpoint());
    REQUIRE(peer.send(framed(longest)));
    const auto answer = peer.receive();
    REQUIRE(answer);
    CHECK(answer->size() == 65'535);
}

TEST_CASE("server: TCP answers leave as they complete, not as they were asked", "[server]") {
    RunningServer running;
    running.fake.hold = true;
    Peer peer(running.endpoint());
    REQUIRE(peer.send(frames_of({1, 2, 3})));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 3; }));
    for (const std::uint16_t id : {std::uint16_t{3}, std::uint16_t{1}, std::uint16_t{2}}) {
        running.fake.release(id);
        CHECK(receive_ids(peer, 1) == std::vector<std::uint16_t>{id});
    }
}

TEST_CASE("server: at the cap of waiting queries it stops reading, and drops nothing", "[server]") {
    ServerConfig config;
    config.limits.tcp_queries_waiting_max = 4;
    RunningServer running(std::move(config));
    running.fake.hold = true;
    Peer peer(running.endpoint());
    REQUIRE(peer.send(frames_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 4; }));
    CHECK_FALSE(uncut::test::until([&] { return running.fake.submitted() > 4; }, silence_time));
    running.fake.release(2);
    CHECK(receive_ids(peer, 1) == std::vector<std::uint16_t>{2});
    REQUIRE(uncut::test::until([&] { return running.fake.submitted() == 5; }));
    running.fake.release_all();
    CHECK(receive_ids(peer, 9).size() == 9);
    CHECK(running.until([](const ServerCounters& now) { return now.answered_tcp == 10 && sum_holds(now); }));
}

TEST_CASE("server: a half close is answered, then closed", "[server]") {
    ServerConfig config;
    config.limits.tcp_queries_waiting_max = GENERATE(2U, 100U);
    RunningServer running(std::move(config));
    running.fake.hold = true;
    Peer peer(running.endpoint());
    Octets stream = frames_of({1, 2, 3, 4, 5});
    stream.insert(stream.end(), {0, 40, 1});  // a message that never becomes whole
    REQUIRE(peer.send(stream));
    peer.finish_sending();
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight >= 2; }));
    CHECK_FALSE(peer.receive(silence_time).has_value());
    running.fake.release_all();
    CHECK(receive_ids(peer, 5).size() == 5);
    CHECK(peer.ends());
    CHECK(running.until([](const ServerCounters& now) {
        return now.connections_open == 0 && now.answered_tcp == 5 && now.dropped_all() == 0 && sum_holds(now);
    }));
}

TEST_CASE("server: after a reset nothing is asked on for that client", "[server]") {
    RunningServer running;
    running.fake.hold = true;
    Peer peer(running.endpoint());
    REQUIRE(peer.send(frames_of({1, 2})));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 2; }));
    peer.reset();
    CHECK(running.until([](const ServerCounters& now) {
        return dropped(now, DropCause::client_gone) == 2 && now.in_flight == 0 && now.connections_open == 0;
    }));
    CHECK(running.fake.cancelled() == 2);
    CHECK(sum_holds(running.server->counters()));
}

TEST_CASE("server: only whole messages keep a connection from idling", "[server]") {
    ServerConfig config;
    config.limits.tcp_idle_ms = 400;
    RunningServer running(std::move(config));
    SECTION("octets alone do not") {
        Peer peer(running.endpoint());
        const Octets frame = framed(query(1));
        const auto begin = std::chrono::steady_clock::now();
        std::size_t sent = 0;
        while (sent < frame.size() - 1 && !peer.ends(Milliseconds{50})) peer.send({frame[sent++]});
        CHECK(sent < frame.size() - 1);
        CHECK(std::chrono::steady_clock::now() - begin >= Milliseconds{390});
        CHECK(running.until([](const ServerCounters& now) { return now.connections_idle_closed == 1; }));
    }
    SECTION("whole messages do") {
        Peer peer(running.endpoint());
        for (std::uint16_t id = 0; id < 8; ++id) {
            REQUIRE(peer.send(framed(query(id))));
            REQUIRE(peer.receive());
            REQUIRE_FALSE(peer.ends(Milliseconds{150}));
        }
        CHECK(peer.ends());
    }
    SECTION("a query that waits for its answer does") {
        running.fake.hold = true;
        Peer peer(running.endpoint());
        REQUIRE(peer.send(framed(query(1))));
        CHECK_FALSE(peer.receive(Milliseconds{1'000}));
        running.fake.release_all();
        CHECK(peer.receive());
        CHECK(peer.ends());
    }
}

TEST_CASE("server: connections are capped in all and by client", "[server]") {
    ServerConfig config;
    config.limits.tcp_connections_max = 3;
    config.limits.tcp_connections_per_client_max = 2;
    config.threads = GENERATE(1U, 2U);
    const RunningServer running(std::move(config));
    const auto connected = [&](const std::string& from) { return std::make_unique<Peer>(running.endpoint(), from); };
    const auto served = [](Peer& peer) { return peer.send(framed(query(1))) && peer.receive().has_value(); };
    auto first = connected("127.0.0.1");
    auto second = connected("127.0.0.1");
    REQUIRE(served(*first));
    REQUIRE(served(*second));
    CHECK(connected("127.0.0.1")->ends());
    auto third = connected("127.0.0.2");
    REQUIRE(served(*third));
    CHECK(connected("127.0.0.3")->ends());
    CHECK(running.until([](const ServerCounters& now) {
        return refused(now, RefusalCause::client_cap) == 1 && refused(now, RefusalCause::total_cap) == 1 &&
               now.connections_open == 3 && now.connections_accepted == 3;
    }));
    first.reset();
    CHECK(running.until([](const ServerCounters& now) { return now.connections_open == 2; }));
    CHECK(served(*connected("127.0.0.1")));
}

TEST_CASE("server: a client that does not read is not read from", "[server]") {
    RunningServer running;
    running.fake.answer_octets = 60'000;
    Peer peer(running.endpoint(), "127.0.0.1", 4'096);
    constexpr std::uint16_t queries = 2'000;
    for (std::uint16_t id = 0; id < queries; ++id) REQUIRE(peer.send(framed(query(id))));
    // What it takes in is bounded by the buffers between, far below all of it.
    REQUIRE(uncut::test::until([&] { return running.fake.submitted() > 2; }));
    std::size_t before = 0;
    CHECK(uncut::test::until([&] {
        std::this_thread::sleep_for(silence_time);
        return std::exchange(before, running.fake.submitted()) == running.fake.submitted();
    }));
    CHECK(running.fake.submitted() < queries / 2);
    CHECK(sum_holds(running.server->counters()));
    CHECK(receive_ids(peer, queries).size() == queries);
    CHECK(running.until([](const ServerCounters& now) { return now.answered_tcp == queries; }));
}

TEST_CASE("server: unread answers are bounded", "[server]") {
    ServerConfig config;
    config.limits.tcp_unsent_max_octets = 200'000;
    RunningServer running(std::move(config));
    running.fake.hold = true;
    running.fake.answer_octets = 65'000;
    Peer peer(running.endpoint(), "127.0.0.1", 4'096);
    for (std::uint16_t id = 0; id < 120; ++id) REQUIRE(peer.send(framed(query(id))));
    REQUIRE(running.until([](const ServerCounters& now) { return now.in_flight == 120; }));
    running.fake.release_all();
    CHECK(running.until([](const ServerCounters& now) {
        return dropped(now, DropCause::client_not_reading) > 0 && now.connections_open == 0 && now.in_flight == 0 &&
               sum_holds(now);
    }));
}

TEST_CASE("server: a connection that is full gets SERVFAIL for what the engine refuses", "[server]") {
    RunningServer running;
    running.fake.hold = true;
    running.fake.in_flight_max = 1;
    Peer peer(running.endpoint());
    REQUIRE(peer.send(frames_of({1, 2})));
    const auto refusal = peer.receive();
    REQUIRE(refusal);
    CHECK(id_of(*refusal) == 2);
    CHECK(((*refusal)[3] & 0x0f) == 2);
    running.fake.release_all();
    CHECK(receive_ids(peer, 1) == std::vector<std::uint16_t>{1});
}

TEST_CASE("server: each message of a zone transfer is framed; its end closes the connection", "[server]") {
    RunningServer running;
    running.fake.stream_messages = 5;
    Peer peer(running.endpoint());
    REQUIRE(peer.send(framed(query(1, uncut::test::type_axfr))));
    CHECK(receive_ids(peer, 5) == std::vector<std::uint16_t>(5, 1));
    CHECK(peer.ends());
    CHECK(running.until([](const ServerCounters& now) {
        return now.stream_messages == 5 && now.answered_tcp == 1 && now.in_flight == 0 && sum_holds(now);
    }));
}
