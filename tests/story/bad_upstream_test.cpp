// SPDX-License-Identifier: Apache-2.0
// Upstreams that cannot be reached, or send what they should not.
#include <algorithm>
#include <chrono>
#include <map>
#include <random>

#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/http.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

constexpr int servfail = 2;
// RFC 8914: 22 no reachable authority, 23 network error.
constexpr std::uint16_t no_reachable_authority = 22;
constexpr std::uint16_t network_error = 23;

const Question plain{"a1.example.test", type_a};

Octets plain_query(bool edns) {
    QueryOptions options;
    if (edns) options.bufsize = 1232;
    return make_query(plain, options);
}

struct Timed {
    Answer answer;
    Milliseconds took;
};

Timed ask_timed(const Endpoint& server, const Octets& query, bool over_tcp = false) {
    const auto begin = std::chrono::steady_clock::now();
    const auto message = over_tcp ? ask_tcp(server, query) : ask_udp(server, query);
    const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
    REQUIRE(message);
    return {read_answer(*message), took};
}

void check_servfail(const Answer& answer, bool edns) {
    CHECK(answer.rcode == servfail);
    CHECK(answer.answer.empty());
    CHECK(answer.edns == edns);
    if (!edns) return;
    CHECK(std::ranges::any_of(answer.extended_errors,
                              [](auto code) { return code == no_reachable_authority || code == network_error; }));
}

// The default deadline is 4,500 ms: whatever is well under it was not waited for.
constexpr Milliseconds at_once{2'000};

// Changes a few octets, cuts, or lengthens; the same for the same generator.
Octets mutated(Octets message, std::mt19937& random) {
    for (auto changes = random() % 4; changes > 0; --changes)
        message[random() % message.size()] = static_cast<std::uint8_t>(random());
    if (random() % 8 == 0) message.resize(random() % message.size());
    if (random() % 8 == 0) message.resize(message.size() + random() % 40, static_cast<std::uint8_t>(random()));
    return message;
}

}  // namespace

TEST_CASE("upstreams that refuse make a SERVFAIL at once", "[story][bad]") {
    const bool over_tcp = GENERATE(false, true);
    const bool edns = GENERATE(false, true);
    INFO("over TCP " << over_tcp << ", EDNS " << edns);
    const Endpoint dead{"127.0.0.1", free_port()};
    const Endpoint dead_too{"127.0.0.2", free_port("127.0.0.2")};
    const UncutProgram uncut(serve_arguments(dead, {"--upstream", dead_too.text()}));
    const Timed timed = ask_timed(uncut.dns(), plain_query(edns), over_tcp);
    check_servfail(timed.answer, edns);
    CHECK(timed.took < at_once);
}

TEST_CASE("an upstream that says nothing makes a SERVFAIL at the deadline", "[story][bad]") {
    const bool edns = GENERATE(false, true);
    ToyUpstream upstream([](const Octets&, bool) { return Replies{}; });
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));
    REQUIRE(
        patch_policy(uncut.admin(), R"({"udp_timeout_ms": 100, "tcp_timeout_ms": 200, "deadline_ms": 1000})").status ==
        200);
    const Timed timed = ask_timed(uncut.dns(), plain_query(edns));
    check_servfail(timed.answer, edns);
    CHECK(timed.took < at_once);
    CHECK(upstream.asked_udp() == 3);  // udp_tries
    CHECK(upstream.asked_tcp() == 1);  // and once over TCP, as time remained
}

TEST_CASE("a truncated answer without TCP behind it is passed on, TC set, at once", "[story][bad]") {
    ToyUpstream upstream(
        [](const Octets& query, bool) {
            ToyResponse response{addresses(5)};
            response.tc = true;
            return Replies{make_response(query, response)};
        },
        false);
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));
    const Timed partial = ask_timed(uncut.dns(), plain_query(true));
    CHECK(partial.answer.tc);
    CHECK(partial.answer.count("A") == 5);
    CHECK(partial.took < at_once);

    REQUIRE(patch_policy(uncut.admin(), R"({"on_tcp_failure": "empty"})").status == 200);
    const Timed empty = ask_timed(uncut.dns(), plain_query(true));
    CHECK(empty.answer.tc);
    CHECK(empty.answer.answer.empty());
    CHECK(empty.answer.rcode == 0);

    REQUIRE(patch_policy(uncut.admin(), R"({"on_tcp_failure": "servfail"})").status == 200);
    CHECK(ask_timed(uncut.dns(), plain_query(true)).answer.rcode == servfail);
}

TEST_CASE("what is not ours or malformed is never delivered and never ends the wait", "[story][bad]") {
    // Before each good answer come all the bad ones.
    ToyUpstream upstream([](const Octets& query, bool over_tcp) {
        const Octets good = make_response(query, {addresses(2)});
        if (over_tcp) return Replies{good};
        const Octets forged = make_response(query, {addresses(7)});
        const auto changed = [&](std::size_t at, std::uint8_t by) {
            Octets message = forged;
            message.at(at) ^= by;
            return message;
        };
        Octets trailing = forged;
        trailing.push_back(0);
        return Replies{
            {},                               // RFC 1035 knows no empty message; CVE-2023-32067
            {0x00},                           // nor one without a header
            changed(0, 0x40),                 // another ID
            changed(2, 0x80),                 // a query
            changed(2, 0x10),                 // another opcode
            changed(13, 0x01),                // another name
            changed(query.size() - 3, 0x10),  // another type, or another octet of the OPT
            changed(7, 0x80),                 // more records than there are
            trailing,                         // CVE-2018-14663
            good,
            forged,  // after the first acceptable answer: late
        };
    });
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));
    // `cut` aside: an answer whose octets run out is suspected, and asked for again over TCP.
    const bool suspect_cut = GENERATE(false, true);
    if (!suspect_cut) REQUIRE(patch_policy(uncut.admin(), R"({"suspect": []})").status == 200);
    for (int i = 0; i < 20; ++i) {
        const Timed timed = ask_timed(uncut.dns(), plain_query(false));
        CHECK(timed.answer.rcode == 0);
        CHECK(timed.answer.count("A") == 2);
        CHECK_FALSE(timed.answer.tc);
        CHECK(timed.took < at_once);
    }
    CHECK(upstream.asked_udp() == 20);
    CHECK((upstream.asked_tcp() > 0) == suspect_cut);
}

TEST_CASE("an upstream that answers with mutations costs no query its one answer", "[story][bad][threads]") {
    constexpr unsigned queries = 2'000;
    constexpr unsigned window = 40;
    std::mt19937 random(2026);  // used by the upstream's thread alone
    ToyUpstream upstream([&](const Octets& query, bool over_tcp) {
        ToyResponse response{addresses(random() % 60)};
        response.tc = random() % 3 == 0 && !over_tcp;
        const Octets good = make_response(query, response);
        Replies replies;
        for (auto copies = random() % 3; copies > 0; --copies) replies.push_back(mutated(good, random));
        if (random() % 2 == 0) replies.push_back(good);
        return replies;
    });
    UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--threads", "2"}));
    REQUIRE(patch_policy(uncut.admin(), R"({"udp_timeout_ms": 40, "tcp_timeout_ms": 80, "deadline_ms": 200})").status ==
            200);
    for (unsigned sent = 0; sent < queries; sent += window) {
        std::map<unsigned, Octets> waiting;
        const UdpClient client(uncut.dns());
        for (unsigned i = sent; i < sent + window; ++i) {
            QueryOptions options;
            options.id = static_cast<std::uint16_t>(i);
            if (i % 2 == 0) options.bufsize = 1232;
            client.send(waiting[i] = make_query({"mutated.example.test", i % 3 == 0 ? type_aaaa : type_a}, options));
        }
        while (!waiting.empty()) {
            const auto message = client.receive(Milliseconds{10'000});
            REQUIRE(message);
            REQUIRE(message->size() > 12);
            const auto query = waiting.extract(static_cast<unsigned>((*message)[0] << 8 | (*message)[1]));
            REQUIRE(query);  // one answer each, and to nobody else
            const bool edns = query.mapped().at(11) != 0;
            CHECK(message->size() <= (edns ? 1232u : 512u));
            const auto question_octets = static_cast<std::ptrdiff_t>(query.mapped().size() - (edns ? 11 : 0));
            CHECK(std::equal(query.mapped().begin() + 12, query.mapped().begin() + question_octets,
                             message->begin() + 12));
        }
    }
    CHECK(uncut.process().stop().code == 0);
}
