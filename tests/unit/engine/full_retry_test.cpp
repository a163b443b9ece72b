// SPDX-License-Identifier: Apache-2.0
// A retry that is full is out of the table: however many ask the same, none is compared with all before it.
#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

TEST_CASE("a retry that was full once takes no more, and those who wait for it are answered", "[engine]") {
    std::vector<Bytes> held;
    ToyServer server(nullptr, [&](ToyServer::Stream& stream, const Bytes& query) {
        held.push_back(query);
        if (held.size() < 2) return;
        for (const Bytes& each : held) stream.send(answer_to(each).a(22));
    });
    policy::Policy over_tcp;
    over_tcp.upstream_transport = UNCUT_UPSTREAM_TCP;
    ToyHost host({server.address()}, over_tcp);
    host.config.tcp_waiters_max = 2;
    const Bytes query = Make("redis.example.");
    const std::uint64_t first = host.submit(query, 1);
    host.submit(query, 2);
    REQUIRE(host.until([&] { return server.messages == 1; }));
    CHECK(host.engine->cancel(first) == UNCUT_OK);
    host.submit(query, 3);
    REQUIRE(host.until_completed(2));
    CHECK(server.messages == 2);
    CHECK(host.count(Counter::shared_retries) == 1);
    for (const Completed& each : host.completed) CHECK(each.answers() == 22);
}
