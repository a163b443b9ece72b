// SPDX-License-Identifier: Apache-2.0
// Connections to upstreams: kept, pipelined, answered out of order and in pieces, and what happens when they end.
#include <set>
#include <string>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

// Straight to TCP, so that one query is one TCP query.
policy::Policy over_tcp(std::uint32_t tcp_timeout_ms = 4000) {
    policy::Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_TCP;
    policy.tcp_timeout_ms = tcp_timeout_ms;
    return policy;
}

Bytes numbered(std::size_t number) {
    return Make("n" + std::to_string(number) + ".example.").id(static_cast<std::uint16_t>(number)).edns(4096);
}

}  // namespace

TEST_CASE("queries share a connection, and answers in any order find their own", "[engine]") {
    constexpr std::size_t queries = 20;
    std::vector<Bytes> held;
    std::set<std::uint16_t> ids;
    ToyServer server(nullptr, [&](ToyServer::Stream& stream, const Bytes& query) {
        held.push_back(query);
        ids.insert(wire::id(query.data()));
        if (held.size() < queries) return;
        for (auto each = held.rbegin(); each != held.rend(); ++each) stream.send(answer_to(*each).a(2));
    });
    ToyHost host({server.address()}, over_tcp());
    for (std::size_t number = 0; number < queries; ++number) host.submit(numbered(number), number);
    REQUIRE(host.until_completed(queries));
    CHECK(server.connections == 1);
    CHECK(ids.size() == queries);
    std::set<std::uint64_t> tokens;
    for (const Completed& each : host.completed) {
        tokens.insert(each.token);
        CHECK(each.id() == each.token);
        const Bytes asked = numbered(each.token);
        CHECK(std::equal(asked.begin() + 12, asked.begin() + 16, each.message.begin() + 12));
        CHECK(each.answers() == 2);
    }
    CHECK(tokens.size() == queries);
    // And the connection is kept.
    CHECK(server.closed == 0);
}

TEST_CASE("answers that come octet by octet, or many in one segment, are the same answers", "[engine]") {
    const bool in_pieces = GENERATE(true, false);
    std::vector<Bytes> held;
    ToyServer server(nullptr, [&](ToyServer::Stream& stream, const Bytes& query) {
        held.push_back(query);
        if (held.size() < 3) return;
        Bytes all;
        for (const Bytes& each : held) {
            const Bytes answer = answer_to(each).a(3);
            story::put16(all, static_cast<std::uint32_t>(answer.size()));
            all.insert(all.end(), answer.begin(), answer.end());
        }
        if (!in_pieces) return stream.raw(all);
        for (const std::uint8_t octet : all) {
            stream.raw({octet});
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    });
    ToyHost host({server.address()}, over_tcp());
    for (std::size_t number = 0; number < 3; ++number) host.submit(numbered(number), number);
    REQUIRE(host.until_completed(3));
    for (const Completed& each : host.completed) CHECK(each.answers() == 3);
}

TEST_CASE("an answer of 65,535 octets comes through TCP", "[engine]") {
    ToyServer server(nullptr, [&](ToyServer::Stream& stream, const Bytes& query) {
        Make answer = answer_to(query);
        Bytes rdata(65'535 - answer.size() - 12, 1);
        for (std::size_t at = 0; at < rdata.size(); at += 256) {
            rdata[at] = static_cast<std::uint8_t>(std::min<std::size_t>(255, rdata.size() - at - 1));
        }
        stream.send(answer.record(wire::answer, "", wire::type::txt, rdata));
    });
    ToyHost host({server.address()}, over_tcp());
    const Completed got = host.ask(Make("big.example.", wire::type::txt), tcp);
    CHECK(got.message.size() == 65'535);
}

TEST_CASE("a pipeline is bounded, and so are the connections", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream&, const Bytes&) {});
    ToyHost host({server.address()}, over_tcp());
    host.config.tcp_pipeline_max = 2;
    host.config.tcp_connections_max = 3;
    for (std::size_t number = 0; number < 10; ++number) host.submit(numbered(number), number);
    // Six are on their way; for the rest there is no place, and they are told so now.
    REQUIRE(host.until_completed(4));
    for (const Completed& each : host.completed) CHECK(each.rcode() == wire::rcode::servfail);
    CHECK(host.until([&] { return server.messages == 6; }));
    CHECK(server.connections == 3);
    CHECK(host.engine->in_flight() == 6);
}

TEST_CASE("an upstream that always closes costs a bounded number of connections", "[engine]") {
    const bool by_reset = GENERATE(false, true);
    ToyServer server(truncated, [&](ToyServer::Stream& stream, const Bytes&) {
        if (by_reset) {
            stream.reset();
        } else {
            stream.close();
        }
    });
    ToyHost host({server.address()}, patient());
    constexpr std::size_t queries = 20;
    for (std::size_t number = 0; number < queries; ++number) {
        const Completed got = host.ask(numbered(number));
        REQUIRE(got.tc());  // what UDP said
    }
    CHECK(server.connections == queries);
    CHECK(host.count(by_reset ? Counter::retry_reset : Counter::retry_closed) == queries);
}

TEST_CASE("a query caught by the close of a kept connection moves to a fresh one, once", "[engine]") {
    // Each connection answers its first query and is closed on the second.
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (stream.messages == 1) return stream.send(answer_to(query).a(1));
        stream.close();
    });
    ToyHost host({server.address()}, over_tcp());
    CHECK(host.ask(numbered(1)).answers() == 1);
    CHECK(host.ask(numbered(2)).answers() == 1);
    CHECK(server.connections == 2);
    CHECK(host.count(Counter::tcp_connections) == 1);
    CHECK(host.count(Counter::tcp_reconnects) == 1);
}

TEST_CASE("a query that was moved once and is closed on again has failed", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (stream.number == 1 && stream.messages == 1) return stream.send(answer_to(query).a(1));
        stream.close();
    });
    ToyHost host({server.address()}, over_tcp());
    CHECK(host.ask(numbered(1)).answers() == 1);
    CHECK(host.ask(numbered(2)).rcode() == wire::rcode::servfail);
    CHECK(server.connections == 2);
}

TEST_CASE("a close inside an answer fails the query", "[engine]") {
    ToyServer server(truncated, [](ToyServer::Stream& stream, const Bytes& query) {
        Bytes begun{0x01, 0x00};
        begun.insert(begun.end(), query.begin(), query.end());
        stream.raw(begun);
        stream.close();
    });
    ToyHost host({server.address()}, patient());
    CHECK(host.ask(numbered(1)).tc());
    CHECK(host.count(Counter::retry_closed) == 1);
    CHECK(server.connections == 1);
}

TEST_CASE("a refused connection fails at once and holds TCP off", "[engine]") {
    ToyServer server(truncated, nullptr);
    ToyHost host({server.address()}, patient());
    CHECK(host.ask(numbered(1)).tc());
    CHECK(host.count(Counter::retry_refused) == 1);
    CHECK(host.ask(numbered(2)).tc());
    CHECK(host.count(Counter::retry_held_off) == 1);
    CHECK(host.count(Counter::tcp_connections) == 1);
}

TEST_CASE("an upstream that takes a query and says nothing has stalled, and its connection is left", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (stream.number > 1) stream.send(answer_to(query).a(1));
    });
    ToyHost host({server.address()}, over_tcp(80));
    CHECK(host.ask(numbered(1)).rcode() == wire::rcode::servfail);
    CHECK(host.ask(numbered(2)).answers() == 1);
    CHECK(server.connections == 2);
    CHECK(host.until([&] { return server.closed == 1; }));
}

TEST_CASE("one slow answer does not condemn a connection that answers others", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (query[13] == 'n' && query[14] == '1') return;
        stream.send(answer_to(query).a(1));
    });
    ToyHost host({server.address()}, over_tcp(300));
    host.submit(numbered(1), 1);
    host.run_for(50);
    CHECK(host.ask(numbered(2)).answers() == 1);
    REQUIRE(host.until_completed(2));
    CHECK(host.completed[1].rcode() == wire::rcode::servfail);
    CHECK(host.ask(numbered(3)).answers() == 1);
    CHECK(server.connections == 1);
}

TEST_CASE("a late answer over TCP is dropped and nobody else gets it", "[engine]") {
    Bytes slow;
    ToyServer server(nullptr, [&](ToyServer::Stream& stream, const Bytes& query) {
        if (slow.empty()) {
            slow = query;
            return;
        }
        if (query[14] == '3') stream.send(answer_to(slow).a(9));
        stream.send(answer_to(query).a(1));
    });
    ToyHost host({server.address()}, over_tcp(300));
    host.submit(numbered(1), 1);
    host.run_for(50);
    CHECK(host.ask(numbered(2)).answers() == 1);
    REQUIRE(host.until_completed(2));
    CHECK(host.ask(numbered(3)).answers() == 1);
    CHECK(host.ask(numbered(4)).answers() == 1);
    CHECK(server.connections == 1);
}

TEST_CASE("an answer to nothing that was asked ends the connection", "[engine]") {
    const bool empty = GENERATE(true, false);
    ToyServer server(truncated, [&](ToyServer::Stream& stream, const Bytes& query) {
        Bytes foreign = answer_to(query).a(1);
        foreign[0] ^= 1;
        if (empty) return stream.raw({0, 0});
        stream.send(foreign);
    });
    ToyHost host({server.address()}, patient());
    CHECK(host.ask(numbered(1)).tc());
    CHECK(host.count(Counter::retry_foreign) == 1);
    CHECK(host.until([&] { return server.closed == 1; }));
}

TEST_CASE("an idle connection is closed, and the next query opens another", "[engine]") {
    ToyServer server(nullptr, answer_22);
    ToyHost host({server.address()}, over_tcp());
    host.config.tcp_idle_ms = 50;
    CHECK(host.ask(numbered(1)).answers() == 22);
    CHECK(host.until([&] { return server.closed == 1; }));
    CHECK(host.ask(numbered(2)).answers() == 22);
    CHECK(server.connections == 2);
    CHECK(host.count(Counter::tcp_reconnects) == 0);
}

TEST_CASE("a signed query keeps its ID over TCP, beside another with the same", "[engine]") {
    std::atomic<int> changed{0};
    const Bytes query = Make("signed.example.").id(0x4242).tsig();
    ToyServer server(nullptr, [&](ToyServer::Stream& stream, const Bytes& got) {
        if (got != query) ++changed;
        stream.send(answer_to(got).a(1).tsig());
    });
    ToyHost host({server.address()}, over_tcp());
    host.submit(query, 1, tcp);
    host.submit(query, 2, tcp);
    REQUIRE(host.until_completed(2));
    CHECK(host.completed[0].answers() == 1);
    CHECK(host.completed[1].answers() == 1);
    CHECK(changed == 0);
    CHECK(server.messages == 2);
    CHECK(server.connections == 2);
}
