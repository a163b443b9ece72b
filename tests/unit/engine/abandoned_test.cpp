// SPDX-License-Identifier: Apache-2.0
// Queries that nobody waits for any more do not take the places of those that somebody does.
#include <string>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

TEST_CASE("names that are never answered over TCP leave room for the others in a small engine", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (query[13] != 'x') stream.send(answer_to(query).a(1));
    });
    policy::Policy over_tcp;
    over_tcp.upstream_transport = UNCUT_UPSTREAM_TCP;
    over_tcp.tcp_timeout_ms = 250;
    ToyHost host({server.address()}, over_tcp);
    host.config.in_flight_max = 4;
    for (std::size_t number = 0; number < 10; ++number) {
        host.submit(Make("x" + std::to_string(number) + ".example."), number);
        host.run_for(5);
        // Its connection is alive: it answers others.
        REQUIRE(host.ask(Make("n" + std::to_string(number) + ".example.")).answers() == 1);
        REQUIRE(host.until([&] { return host.engine->in_flight() == 0; }));
    }
}
