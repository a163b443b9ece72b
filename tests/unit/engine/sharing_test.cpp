// SPDX-License-Identifier: Apache-2.0
// One retry serves all who wait for the same question, and each of them is served as if it were alone.
#include <string>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

// Holds TCP queries until `release` of them are there; then answers all.
struct Holder {
    explicit Holder(std::size_t count) : release(count) {}
    void operator()(ToyServer::Stream& stream, const Bytes& query) {
        held.emplace_back(&stream, query);
        if (held.size() < release) return;
        for (const auto& [from, each] : held) from->send(answer_to(each).a(22));
        held.clear();
    }
    std::size_t release;
    std::vector<std::pair<ToyServer::Stream*, Bytes>> held;  // streams stay where they are until they are closed
};

policy::Policy over_tcp(std::uint32_t tcp_timeout_ms = 4000) {
    policy::Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_TCP;
    policy.tcp_timeout_ms = tcp_timeout_ms;
    return policy;
}

Bytes asked_by(std::uint16_t id, std::string_view name = "redis.example.") {
    return Make(name).id(id).edns(1232);
}

}  // namespace

TEST_CASE("clients that ask the same share one retry, each with its own ID and letter case", "[engine]") {
    constexpr std::uint16_t clients = 30;
    ToyServer server(truncated, answer_22);
    ToyHost host({server.address()}, patient());
    for (std::uint16_t id = 0; id < clients; ++id) {
        host.submit(asked_by(id, id % 2 == 0 ? "redis.example." : "ReDiS.eXample."), id);
    }
    REQUIRE(host.until_completed(clients));
    for (const Completed& each : host.completed) {
        CHECK(each.answers() == 22);
        CHECK(each.id() == each.token);
        const Bytes asked = asked_by(each.id(), each.token % 2 == 0 ? "redis.example." : "ReDiS.eXample.");
        CHECK(std::equal(asked.begin() + 12, asked.begin() + 27, each.message.begin() + 12));
    }
    CHECK(host.count(Counter::retry_ok) == clients);
    // As fast as UDP answers come, all find the first one's retry; a slow machine may see one answered in between.
    CHECK(host.count(Counter::shared_retries) + server.messages == clients);
    CHECK(host.count(Counter::shared_retries) > clients / 2);
}

TEST_CASE("with the answer held back, all who ask meanwhile wait for one TCP query", "[engine]") {
    ToyServer server(nullptr, Holder(2));
    ToyHost host({server.address()}, over_tcp());
    for (std::uint16_t id = 1; id <= 10; ++id) host.submit(asked_by(id), id);
    REQUIRE(host.until([&] { return server.messages == 1; }));
    for (std::uint16_t id = 11; id <= 20; ++id) host.submit(asked_by(id), id);
    host.run_for(50);
    CHECK(server.messages == 1);
    host.submit(asked_by(21, "other.example."), 21);
    REQUIRE(host.until_completed(21));
    CHECK(server.messages == 2);
    CHECK(host.count(Counter::shared_retries) == 19);
}

TEST_CASE("queries that differ in an octet that counts do not share", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream&, const Bytes&) {});
    ToyHost host({server.address()}, over_tcp());
    host.submit(Make("redis.example.").edns(1232));
    host.submit(Make("redis.example."));
    host.submit(Make("redis.example.").edns(1232, true));                // DO
    host.submit(Make("redis.example.").set(wire::flag::cd).edns(1232));  // CD
    host.submit(Make("redis.example.", wire::type::aaaa).edns(1232));    // type
    host.submit(Make("redis.example.", wire::type::a, 3).edns(1232));    // class
    host.submit(Make("redis.example.", 65).edns(1232));                  // as a letter: A
    host.submit(Make("redis.example.", 97).edns(1232));                  // as a letter: a
    const Bytes subnet{0, 1, 24, 0, 192, 0, 2};
    const Bytes other{0, 1, 24, 0, 192, 0, 3};
    host.submit(Make("redis.example.").edns(1232, false, story::option(8, subnet)));  // client subnet
    host.submit(Make("redis.example.").edns(1232, false, story::option(8, other)));
    REQUIRE(host.until([&] { return server.messages == 10; }));
    CHECK(host.count(Counter::shared_retries) == 0);
}

TEST_CASE("past the cap of waiters another retry starts", "[engine]") {
    ToyServer server(nullptr, Holder(3));
    ToyHost host({server.address()}, over_tcp());
    host.config.tcp_waiters_max = 4;
    for (std::uint16_t id = 0; id < 10; ++id) host.submit(asked_by(id), id);
    REQUIRE(host.until_completed(10));
    CHECK(server.messages == 3);
    CHECK(host.count(Counter::shared_retries) == 7);
}

TEST_CASE("who gives up or runs out of time leaves alone", "[engine]") {
    ToyServer server(nullptr, Holder(2));
    ToyHost host({server.address()}, over_tcp(150));
    host.submit(asked_by(1), 1);  // its time is up first
    host.run_for(80);
    host.submit(asked_by(2), 2);
    const std::uint64_t ticket = host.submit(asked_by(3), 3);
    host.run_for(5);
    CHECK(host.engine->cancel(ticket) == UNCUT_OK);
    REQUIRE(host.until_completed(1));
    CHECK(host.completed[0].token == 1);
    CHECK(host.completed[0].rcode() == wire::rcode::servfail);
    // The one that is left still waits for the same query, and gets its answer.
    host.submit(asked_by(4, "other.example."), 4);
    REQUIRE(host.until_completed(3));
    CHECK(server.messages == 2);
    for (std::size_t index = 1; index < 3; ++index) CHECK(host.completed[index].answers() == 22);
}

TEST_CASE("a retry that everybody left is not joined", "[engine]") {
    ToyServer server(nullptr, Holder(2));
    ToyHost host({server.address()}, over_tcp());
    const std::uint64_t ticket = host.submit(asked_by(1), 1);
    REQUIRE(host.until([&] { return server.messages == 1; }));
    CHECK(host.engine->cancel(ticket) == UNCUT_OK);
    host.submit(asked_by(2), 2);
    REQUIRE(host.until_completed(1));
    CHECK(host.completed[0].token == 2);
    CHECK(host.completed[0].answers() == 22);
    CHECK(server.messages == 2);
    CHECK(host.count(Counter::shared_retries) == 0);
}

TEST_CASE("a retry that somebody has waited for in vain is not joined", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (stream.number > 1) stream.send(answer_to(query).a(22));
    });
    ToyHost host({server.address()}, over_tcp(200));
    host.submit(asked_by(1), 1);
    host.run_for(120);
    host.submit(asked_by(2), 2);  // waits for the same, and longer
    REQUIRE(host.until_completed(1));
    CHECK(host.completed[0].token == 1);
    CHECK(host.engine->in_flight() == 1);
    host.submit(asked_by(3), 3);
    REQUIRE(host.until_completed(3));
    CHECK(host.completed[1].token == 3);
    CHECK(host.completed[1].answers() == 22);
    CHECK(host.completed[2].rcode() == wire::rcode::servfail);
    CHECK(host.count(Counter::shared_retries) == 1);
}

TEST_CASE("a completion may cancel others who wait for the same answer", "[engine]") {
    ToyServer server(nullptr, Holder(2));
    ToyHost host({server.address()}, over_tcp());
    std::vector<std::uint64_t> tickets;
    for (std::uint16_t id = 0; id < 20; ++id) tickets.push_back(host.submit(asked_by(id), id));
    host.on_completed = [&](const Completed&) {
        if (host.completed.size() > 1) return;
        for (const std::uint64_t ticket : tickets) host.engine->cancel(ticket);
        host.submit(asked_by(99), 99);
    };
    host.submit(asked_by(50, "other.example."), 50);
    REQUIRE(host.until([&] { return server.messages == 3; }));
    host.submit(asked_by(51, "third.example."), 51);
    REQUIRE(host.until([&] { return host.engine->in_flight() == 0; }));
    // The first of the twenty, and those that were not cancelled.
    CHECK(host.completed.size() == 4);
    CHECK(host.count(Counter::dropped_cancelled) == 19);
}
