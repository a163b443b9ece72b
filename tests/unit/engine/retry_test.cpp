// SPDX-License-Identifier: Apache-2.0
// The story over real sockets: UDP, then TCP, then a whole answer.
#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

TEST_CASE("an answer over UDP is delivered", "[engine]") {
    const bool v6 = GENERATE(false, true);
    ToyServer server(answer_1, answer_22, v6);
    ToyHost host({server.address()});
    const Completed got = host.ask(Make("www.example.").id(0xbeef));
    CHECK(got.delivered());
    CHECK(got.id() == 0xbeef);
    CHECK(got.answers() == 1);
    CHECK(got.transport == udp);
    CHECK(host.engine->in_flight() == 0);
    CHECK(server.connections == 0);
}

TEST_CASE("a truncated answer is asked for again over TCP and delivered whole", "[engine]") {
    const bool v6 = GENERATE(false, true);
    ToyServer server(truncated, answer_22, v6);
    ToyHost host({server.address()});
    const Completed got = host.ask(Make("redis.example.").id(7).edns(1232));
    CHECK(got.delivered());
    CHECK(got.id() == 7);
    CHECK(got.answers() == 22);
    CHECK_FALSE(got.tc());
    CHECK(got.transport == tcp);
    CHECK(host.count(Counter::retry_ok) == 1);
    CHECK(host.count(Counter::tcp_connections) == 1);
}

TEST_CASE("a client on TCP is answered over TCP", "[engine]") {
    ToyServer server(truncated, answer_22);
    ToyHost host({server.address()});
    const Completed got = host.ask(Make("redis.example."), tcp);
    CHECK(got.answers() == 22);
    CHECK(server.datagrams == 0);
}
