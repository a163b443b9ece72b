// SPDX-License-Identifier: Apache-2.0
// Two queries under one ID: the second has to wait for a port of its own, and much can happen before it leaves.
#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

// Signed or not, an update keeps its ID.
Bytes update(std::uint16_t id, std::size_t octets) {
    Bytes message(octets);
    wire::set_id(message.data(), id);
    wire::set_flags(message.data(), 5u << 11);
    return message;
}

std::vector<Bytes> answer_update(const ToyServer::Datagram& datagram) {
    Bytes answer = datagram.query;
    wire::set_flags(answer.data(), wire::flags(answer.data()) | wire::flag::qr);
    return {answer};
}

}  // namespace

TEST_CASE("a query that is cancelled while a port is sought for it is not sent", "[engine]") {
    ToyServer server(answer_update, nullptr);
    ToyHost host({server.address()});
    constexpr std::size_t too_long_for_udp = 65'530;
    host.submit(update(7, too_long_for_udp), 1);
    const std::uint64_t ticket = host.submit(update(7, wire::header_octets), 2);
    // That the first cannot be sent is found out when the second needs another port.
    host.on_completed = [&](const Completed& each) {
        if (each.token == 1) CHECK(host.engine->cancel(ticket) == UNCUT_OK);
    };
    REQUIRE(host.until_completed(1));
    CHECK(host.completed[0].token == 1);
    CHECK(host.completed[0].outcome == UNCUT_OUTCOME_DROPPED);
    host.run_for(50);
    CHECK(server.datagrams == 0);
    CHECK(host.completed.size() == 1);
    CHECK(host.engine->in_flight() == 0);
}
