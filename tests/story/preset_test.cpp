// SPDX-License-Identifier: Apache-2.0
// CoreDNS's three behaviours and Uncut's own: which transports the upstream sees, and what the client gets.
#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/http.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

constexpr std::size_t addresses_in_all = 40;  // 700 octets

Replies truncating(const Octets& query, bool over_tcp) {
    ToyResponse response;
    response.tc = !over_tcp;
    if (over_tcp) response.answers = addresses(addresses_in_all);
    return {make_response(query, response)};
}

Octets edns_query() {
    QueryOptions options;
    options.bufsize = 1232;
    return make_query({"forty.example.test", type_a}, options);
}

struct Row {
    const char* preset;
    // What one query makes of the upstream's counts, and of the answer: from a client on UDP, and from one on TCP.
    std::size_t udp_client_asks_udp, udp_client_asks_tcp;
    bool udp_client_gets_all;
    std::size_t tcp_client_asks_udp, tcp_client_asks_tcp;
};

constexpr Row rows[] = {
    {"default", 1, 1, true, 0, 1},
    {"coredns-default", 1, 0, false, 0, 1},
    {"coredns-prefer-udp", 1, 1, true, 1, 1},
    {"coredns-force-tcp", 0, 1, true, 0, 1},
};

Answer ask(const Endpoint& server, bool over_tcp) {
    const auto message = over_tcp ? ask_tcp(server, edns_query()) : ask_udp(server, edns_query());
    REQUIRE(message);
    return read_answer(*message);
}

}  // namespace

TEST_CASE("each preset asks as it says", "[story][preset]") {
    for (const auto& row : rows) {
        INFO(row.preset);
        ToyUpstream upstream(truncating);
        const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--preset", row.preset}));

        const Answer over_udp = ask(uncut.dns(), false);
        CHECK(upstream.asked_udp() == row.udp_client_asks_udp);
        CHECK(upstream.asked_tcp() == row.udp_client_asks_tcp);
        CHECK(over_udp.tc == !row.udp_client_gets_all);
        CHECK(over_udp.count("A") == (row.udp_client_gets_all ? addresses_in_all : 0));

        const Answer over_tcp = ask(uncut.dns(), true);
        CHECK(upstream.asked_udp() == row.udp_client_asks_udp + row.tcp_client_asks_udp);
        CHECK(upstream.asked_tcp() == row.udp_client_asks_tcp + row.tcp_client_asks_tcp);
        CHECK_FALSE(over_tcp.tc);
        CHECK(over_tcp.count("A") == addresses_in_all);
    }
}

TEST_CASE("a name that truncates is remembered until a reset, and only where the policy says so", "[story][preset]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));
    const auto asks_udp = [&] {
        const auto before = upstream.asked_udp();
        CHECK(ask(uncut.dns(), false).count("A") == addresses_in_all);
        return upstream.asked_udp() - before;
    };
    CHECK(asks_udp() == 1);
    CHECK(asks_udp() == 1);
    REQUIRE(patch_policy(uncut.admin(), R"({"upstream_transport": "learned"})").status == 200);
    asks_udp();
    CHECK(asks_udp() == 0);
    CHECK(asks_udp() == 0);

    HttpRequest reset;
    reset.method = "POST";
    reset.target = "/v1/reset";
    REQUIRE(http(uncut.admin(), reset).status / 100 == 2);
    REQUIRE(patch_policy(uncut.admin(), R"({"upstream_transport": "learned"})").status == 200);
    CHECK(asks_udp() == 1);
    CHECK(asks_udp() == 0);
}
