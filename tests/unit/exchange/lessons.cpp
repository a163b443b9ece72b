// SPDX-License-Identifier: Apache-2.0
// What has gone wrong elsewhere, and must not here: one test for each that an exchange could repeat.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make plain = Make("www.example.").id(0x1234);

Policy adding() {
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    return policy;
}

// An answer of exactly so many octets: addresses, and one record of octets that fills up.
Make answer_of(const Bytes& asked, std::size_t octets) {
    Make made = answer_to(asked).a(10);
    return made.record(wire::answer, "", 65280, Bytes(octets - made.size() - 12));
}

}  // namespace

TEST_CASE("lesson CVE-2015-7547: what is kept of the UDP answer and what TCP brings have each their own room") {
    Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST;
    Lab lab(policy);
    for (const std::uint32_t transport : {udp, tcp}) {
        Story story(lab, Make(plain).edns(1232), {.transport = transport});
        story.datagram(0, answer_of(story.asked(), 1232).tc());
        REQUIRE(story.asks(tcp, 0));
        story.stream(0, answer_of(story.asked(), 65000));
        REQUIRE(story.delivers());
        CHECK(story.answers() == (transport == tcp ? 11u : 10u));
    }
}

TEST_CASE("lesson CVE-2020-1350: the longest message over TCP stays within 16 bits, whatever is added to it") {
    Lab lab;
    Story story(lab, Make(plain).edns(1232), {.transport = tcp});
    // The upstream sent no OPT and the client has one coming: there is no room left for it.
    story.stream(0, answer_of(story.asked(), 65535));
    REQUIRE(story.delivers());
    CHECK(story.octets().size() <= 65535);
    CHECK(story.response().has(UNCUT_FACT_OPT));
    CHECK(story.tc());
    Story whole(lab, plain, {.transport = tcp});
    whole.stream(0, answer_of(whole.asked(), 65535));
    CHECK(whole.octets().size() == 65535);
    CHECK_FALSE(whole.tc());
}

TEST_CASE("lesson CVE-2020-25684, -25685, -25686: upstream, ID and the whole question, not a checksum of it") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    const auto id = wire::id(story.asked().data());
    CHECK(story.datagram(1, answer_to(story.asked()).a(1)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.datagram(0, answer_to(Make("www.example.com.").id(id)).a(1)).waits(UNCUT_CAUSE_QUESTION));
    CHECK(story.datagram(0, answer_to(Make("www.exampl.").id(id)).a(1)).waits(UNCUT_CAUSE_QUESTION));
    CHECK(story.datagram(0, answer_to(Make("www.example.", 28).id(id)).a(1)).waits(UNCUT_CAUSE_QUESTION));
    CHECK(story.datagram(0, answer_to(Make("www.example.", 1, 4).id(id)).a(1)).waits(UNCUT_CAUSE_QUESTION));
}

TEST_CASE("lesson CVE-2023-28452: a bad packet does not end the wait") {
    Lab lab;
    Story story(lab, plain);
    for (int packet = 0; packet < 1000; ++packet) {
        Bytes bad = answer_to(story.asked()).a(2);
        bad.resize(static_cast<std::size_t>(packet % 20));
        REQUIRE(story.datagram(0, bad).waits(UNCUT_CAUSE_MALFORMED));
    }
    CHECK(story.datagram(0, answer_to(story.asked()).a(2)).answers() == 2);
}

TEST_CASE("lesson CVE-2023-26249: an upstream that closes TCP costs one connection a query") {
    Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_TCP;
    Lab lab(policy);
    for (const std::uint32_t cause : {UNCUT_CAUSE_CLOSED, UNCUT_CAUSE_RESET}) {
        Story story(lab, plain);
        CHECK(story.fails(0, tcp, cause).rcode() == wire::rcode::servfail);
    }
    CHECK(lab.count(Counter::asked_tcp) == 2);
}

TEST_CASE("lesson CVE-2018-14663, CVE-2026-42004: octets behind the query do not come alive behind an added OPT") {
    Lab lab(adding());
    // A whole record trails, which one more in the count would make part of the message.
    Make query = Make(plain).record(wire::additional, ".", wire::type::opt, {}, 4096).counts(wire::additional, 0);
    Story story(lab, query);
    CHECK(story.rcode() == wire::rcode::formerr);
    CHECK(lab.count(Counter::asked_udp) == 0);
}

TEST_CASE("lesson CVE-2025-31498, CVE-2026-50046: what happens while a retry fails does not outlive it") {
    Lab lab;
    Story story(lab, plain);
    const Bytes asked = story.asked();
    story.datagram(0, answer_to(asked).a(3).tc());
    story.fails(0, tcp, UNCUT_CAUSE_RESET);
    REQUIRE(story.delivers());
    const std::uint64_t counted = lab.total();
    exchange::Action action;
    Bytes out(65535);
    for (const std::uint32_t kind : {UNCUT_EVENT_MESSAGE, UNCUT_EVENT_TIMEOUT, UNCUT_EVENT_FAILED}) {
        const Bytes late = answer_to(asked).a(3);
        const exchange::Event event{kind, 0, tcp, UNCUT_CAUSE_RESET, false, late};
        CHECK(exchange::on_event(story.exchange(), event, lab.now_us, out, action) == UNCUT_MISUSE_STATE);
    }
    CHECK(lab.total() == counted);
}

TEST_CASE("lesson CVE-2023-32067: an empty datagram is not the end of anything") {
    Lab lab;
    Story story(lab, plain);
    CHECK(story.datagram(0, {}).waits(UNCUT_CAUSE_MALFORMED));
    CHECK(story.datagram(0, {}, true).waits(UNCUT_CAUSE_MALFORMED));
    CHECK(story.datagram(0, answer_to(story.asked()).a(1)).answers() == 1);
}

TEST_CASE("lesson CVE-2025-5994: what is remembered of a name with DO, or of another class, is another memory") {
    Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_LEARNED;
    Lab lab(policy);
    Story story(lab, Make(plain).edns(1232, true));
    story.datagram(0, answer_to(story.asked()).tc());
    story.stream(0, answer_to(story.asked()).a(30));
    CHECK(Story(lab, Make(plain).edns(1232, true)).asks(tcp, 0));
    CHECK(Story(lab, Make(plain).edns(1232, false)).asks(udp, 0));
    CHECK(Story(lab, Make("www.example.", wire::type::a, 3).edns(1232, true)).asks(udp, 0));
}

TEST_CASE("lesson CVE-2026-82399: other opcodes pass on purpose, and only they do") {
    Lab lab;
    for (std::uint32_t opcode = 0; opcode < 16; ++opcode) {
        Story story(lab, Make(plain).opcode(opcode));
        INFO(opcode);
        CHECK(story.is_over() == (opcode == 6));
        CHECK(exchange::is_transparent(story.exchange()) == (opcode != 0 && opcode != 6));
    }
}

TEST_CASE("lesson CVE-2026-41292, CVE-2026-42944: a great many options, repeated, still fit or are left out") {
    Lab lab;
    for (const std::size_t count : {10u, 300u, 5000u}) {
        Bytes options;
        for (std::size_t at = 0; at < count; ++at)
            for (const std::uint8_t octet : option(65001, Bytes(8, 'r'))) options.push_back(octet);
        const Make query = Make(plain).edns(1232, false, options);
        Story story(lab, query, {.transport = tcp});
        CHECK(story.asked().size() == query.size());
        story.stream(0, answer_to(story.asked()).a(1).edns(1232, false, options));
        REQUIRE(story.delivers());
        CHECK(story.answers() == 1);
        CHECK(story.response().has(UNCUT_FACT_OPT));
        Story small(lab, Make(plain).edns(512));
        small.datagram(0, answer_to(small.asked()).tc());
        small.stream(0, answer_to(small.asked()).a(1).edns(1232, false, options));
        CHECK(small.octets().size() <= 512);
        CHECK(small.answers() == 1);
    }
}

TEST_CASE("lesson hickory 3963: TC over TCP ends the retry, not the query") {
    Lab lab;
    Story story(lab, plain);
    story.datagram(0, answer_to(story.asked()).a(4).tc());
    story.stream(0, answer_to(story.asked()).a(4).tc());
    CHECK(story.answers() == 4);
    CHECK(story.tc());
    CHECK(lab.count(Counter::retry_tc_again) == 1);
}

TEST_CASE("lesson hickory 2608: a truncated answer leads to no whole one, now or later") {
    Lab lab;
    for (int times = 0; times < 2; ++times) {
        Story story(lab, plain);
        story.datagram(0, answer_to(story.asked()).a(4).tc());
        CHECK(story.stream(0, answer_to(story.asked()).a(9)).answers() == 9);
    }
}

TEST_CASE("lesson Knot 138: what is said of the transport is what was used") {
    Lab lab;
    Story story(lab, plain);
    story.datagram(0, answer_to(story.asked()).tc());
    REQUIRE(story.action().kind == UNCUT_ACTION_ASK_TCP);
    story.stream(0, answer_to(story.asked()).a(1));
    CHECK(story.action().transport == tcp);
    CHECK(lab.count(Counter::asked_tcp) == 1);
}

TEST_CASE("lesson c-ares 891: the retry goes to the upstream that truncated") {
    Lab lab;
    for (std::uint32_t first = 0; first < 3; ++first) {
        Story story(lab, plain, {.upstreams = 3, .first = first});
        CHECK(story.datagram(first, answer_to(story.asked()).tc()).asks(tcp, first));
    }
}

TEST_CASE("lesson dnsdist 11604: a retry changes the ID in the query and nothing else") {
    Lab lab(adding());
    for (const Make& query : {plain, Make(plain).edns(1232, true, option(8, {0, 1, 0, 0}))}) {
        Story story(lab, query);
        Bytes before = story.asked();
        story.datagram(0, answer_to(before).tc());
        wire::set_id(before.data(), wire::id(story.asked().data()));
        CHECK(story.asked() == before);
    }
}

TEST_CASE("lesson blocky 1904: a response over TCP is not cut to a UDP size") {
    Lab lab;
    for (const Make& query : {plain, Make(plain).edns(512)}) {
        Story story(lab, query, {.transport = tcp});
        story.stream(0, answer_to(story.asked()).a(1000));
        CHECK(story.answers() == 1000);
        CHECK_FALSE(story.tc());
    }
}

TEST_CASE("lesson pdns 4857: the OPT stays when the response is truncated") {
    for (const std::uint32_t mode : {0u, 1u, 2u, 3u}) {
        Policy policy;
        policy.fit = static_cast<std::uint8_t>(mode);
        Lab lab(policy);
        Story story(lab, Make(plain).edns(512));
        story.datagram(0, answer_to(story.asked()).tc().edns(512));
        story.stream(0, answer_to(story.asked()).a(200).edns(512));
        CHECK(story.response().has(UNCUT_FACT_OPT));
    }
}

TEST_CASE("lesson Unbound 106: UDP that times out without a word may be too large to arrive: TCP is tried") {
    Lab lab;
    Story story(lab, plain);
    for (int tries = 0; tries < 3; ++tries) story.times_out();
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.stream(0, answer_to(story.asked()).a(100)).delivers());
    CHECK(lab.sum("tcp_retries") == 0);
}

TEST_CASE("lesson draft-song-atr: a TC that follows the answer is too late") {
    Lab lab;
    Story story(lab, plain);
    const Bytes asked = story.asked();
    story.datagram(0, answer_to(asked).a(3));
    REQUIRE(story.delivers());
    exchange::Action action;
    Bytes out(65535);
    const Bytes late = answer_to(asked).tc();
    const exchange::Event event{UNCUT_EVENT_MESSAGE, 0, udp, 0, false, late};
    CHECK(exchange::on_event(story.exchange(), event, lab.now_us, out, action) == UNCUT_MISUSE_STATE);
    CHECK(lab.count(Counter::tc_seen) == 0);
}
