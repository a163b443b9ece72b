// SPDX-License-Identifier: Apache-2.0
// What clients send that they should not: an error where there is something to answer, silence where there is not.
#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

constexpr int no_answer = -1;
constexpr int formerr = 1;
constexpr int notimp = 4;
constexpr int badvers = 16;

const Question plain{"a1.example.test", type_a};

Octets with(Octets message, std::size_t at, std::uint8_t octet) {
    message.at(at) = octet;
    return message;
}

Octets appended(Octets message, const Octets& more) {
    message.insert(message.end(), more.begin(), more.end());
    return message;
}

Octets first(Octets message, std::size_t octets) {
    message.resize(octets);
    return message;
}

Octets edns_query() {
    QueryOptions options;
    options.bufsize = 1232;
    return make_query(plain, options);
}

struct Row {
    const char* what;
    Octets query;
    int rcode;  // or no_answer
};

std::vector<Row> rows() {
    const Octets query = make_query(plain);
    const Octets edns = edns_query();
    const Octets opt(edns.end() - 11, edns.end());
    const Octets question(query.begin() + 12, query.end());
    QueryOptions stateful;
    stateful.opcode = 6;  // DSO: RFC 8490
    return {
        {"nothing", {}, no_answer},
        {"one octet", {0x2b}, no_answer},
        {"eleven octets", first(query, 11), no_answer},
        {"a response", with(query, 2, 0x81), no_answer},
        {"a response that is malformed", first(with(query, 2, 0x81), 20), no_answer},
        {"a header without its question", first(query, 12), no_answer},
        {"a question without its end", first(query, query.size() - 3), no_answer},
        {"a name with a label of a kind that does not exist", with(query, 12, 0x42), no_answer},
        {"a name that points to itself", with(with(query, 12, 0xc0), 13, 12), no_answer},
        {"octets behind the question", appended(query, {1, 2, 3}), formerr},
        {"an additional record that is announced and not there", with(query, 11, 1), formerr},
        {"an additional record that is cut", first(edns, edns.size() - 4), formerr},
        {"two questions", appended(with(query, 5, 2), question), formerr},  // RFC 9619
        {"two OPT records", with(appended(edns, opt), 11, 2), formerr},     // RFC 6891 6.1.1
        {"an OPT that is not the root's", appended(with(query, 11, 1), appended({1, 'x'}, opt)), formerr},
        {"an EDNS version of tomorrow", with(edns, edns.size() - 5, 1), badvers},  // RFC 6891 6.1.3
        {"DNS stateful operations", make_query(plain, stateful), notimp},
    };
}

Replies one_address_for_all(const Octets& query, bool) {
    return {make_response(query, {addresses(1)})};
}

void check_error(const Octets& query, const Octets& message, int rcode) {
    CHECK(message.at(0) == query.at(0));
    CHECK(message.at(1) == query.at(1));
    CHECK((message.at(2) & 0x80) != 0);
    const Answer answer = read_answer(message);
    CHECK(answer.rcode == rcode);
    CHECK(answer.answer.empty());
    CHECK(answer.opcode == ((query.at(2) >> 3) & 15));
    // OPT in, OPT out: only who speaks EDNS can be told of its version.
    if (rcode == badvers) CHECK(answer.edns);
}

}  // namespace

TEST_CASE("malformed queries get FORMERR where they can be read, silence where not", "[story][bad]") {
    ToyUpstream upstream(one_address_for_all);
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));

    SECTION("over UDP") {
        for (const auto& row : rows()) {
            INFO(row.what);
            const UdpClient client(uncut.dns());
            client.send(row.query);
            // A good query behind it: its answer shows that the bad one was looked at, and what came of it.
            QueryOptions after;
            after.id = 0x7777;
            client.send(make_query(plain, after));
            std::optional<Octets> error;
            std::optional<Octets> answer;
            while (!answer) {
                auto message = client.receive(Milliseconds{10'000});
                REQUIRE(message);
                (message->at(0) == 0x77 ? answer : error) = std::move(message);
            }
            CHECK(read_answer(*answer).count("A") == 1);
            REQUIRE(error.has_value() == (row.rcode != no_answer));
            if (error) check_error(row.query, *error, row.rcode);
        }
    }
    SECTION("over TCP") {
        for (const auto& row : rows()) {
            INFO(row.what);
            TcpClient client(uncut.dns());
            client.send(row.query);
            if (row.rcode != no_answer) {
                const auto message = client.receive(Milliseconds{10'000});
                REQUIRE(message);
                check_error(row.query, *message, row.rcode);
            }
            // Whoever sends no DNS may lose the connection, but never gets an answer to it.
            QueryOptions after;
            after.id = 0x7777;
            std::optional<Octets> next;
            try {
                client.send(make_query(plain, after));
                next = client.receive(Milliseconds{10'000});
            } catch (const std::runtime_error&) {
                CHECK(row.rcode == no_answer);
            }
            CHECK((next.has_value() || row.rcode == no_answer));
            if (next) CHECK(next->at(0) == 0x77);
            // And the server goes on for everybody else.
            CHECK(ask_tcp(uncut.dns(), make_query(plain)));
        }
    }
    CHECK(upstream.asked_udp() + upstream.asked_tcp() > 0);
}

TEST_CASE("TCP queries may come in pieces, together, and with the end closed", "[story][bad][threads]") {
    ToyUpstream upstream(one_address_for_all);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--threads", "2"}));
    Octets framed;
    const Octets query = make_query(plain);
    put16(framed, static_cast<unsigned>(query.size()));
    framed = appended(framed, query);

    SECTION("octet for octet") {
        TcpClient client(uncut.dns());
        for (const auto octet : framed) client.send_raw({octet});
        CHECK(client.receive(Milliseconds{10'000}));
    }
    SECTION("a hundred at once") {
        TcpClient client(uncut.dns());
        Octets all;
        for (int i = 0; i < 100; ++i) all = appended(all, framed);
        client.send_raw(all);
        for (int i = 0; i < 100; ++i) REQUIRE(client.receive(Milliseconds{10'000}));
    }
    SECTION("a length that never comes true does not hold others up") {
        TcpClient stalled(uncut.dns());
        stalled.send_raw({0xff, 0xff, 0x00});
        CHECK(ask_tcp(uncut.dns(), query));
    }
}
