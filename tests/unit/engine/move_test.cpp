// SPDX-License-Identifier: Apache-2.0
// A connection that is lost leaves its place to the one that takes over from it.
#include <string>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

Bytes numbered(std::size_t number) {
    return Make("n" + std::to_string(number) + ".example.").id(static_cast<std::uint16_t>(number));
}

policy::Policy over_tcp() {
    policy::Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_TCP;
    return policy;
}

}  // namespace

TEST_CASE("queries move to a fresh connection where one is all there may be", "[engine]") {
    // Each connection answers its first query and is closed on the second.
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (stream.messages == 1) return stream.send(answer_to(query).a(1));
        stream.close();
    });
    ToyHost host({server.address()}, over_tcp());
    host.config.tcp_connections_max = 1;
    CHECK(host.ask(numbered(1)).answers() == 1);
    CHECK(host.ask(numbered(2)).answers() == 1);
    CHECK(server.connections == 2);
    CHECK(host.count(Counter::tcp_reconnects) == 1);
}

TEST_CASE("of queries that move in vain each is told, though a completion cancels the others", "[engine]") {
    // The first connection answers one query and is closed on the next; the second is closed on what moved there.
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (stream.number == 1 && stream.messages == 1) return stream.send(answer_to(query).a(1));
        stream.close();
    });
    ToyHost host({server.address()}, over_tcp());
    host.config.tcp_connections_max = 1;
    CHECK(host.ask(numbered(1)).answers() == 1);
    std::vector<std::uint64_t> tickets;
    for (std::size_t number = 2; number < 6; ++number) tickets.push_back(host.submit(numbered(number), number));
    host.on_completed = [&](const Completed&) {
        if (host.completed.size() > 2) return;
        host.engine->cancel(tickets[1]);
        host.engine->cancel(tickets[2]);
    };
    REQUIRE(host.until([&] { return host.engine->in_flight() == 0; }));
    CHECK(host.completed.size() == 3);
    CHECK(host.count(Counter::dropped_cancelled) == 2);
    CHECK(server.connections == 2);
}
