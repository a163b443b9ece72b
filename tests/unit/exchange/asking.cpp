// SPDX-License-Identifier: Apache-2.0
// The upstream query: what of the client's passes on, and who gets it next.
#include <set>

#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

wire::Message view(const Bytes& message) {
    wire::Message read;
    REQUIRE(wire::parse(message, read) == UNCUT_OK);
    return read;
}

const Make plain = Make("Www.Example.").id(0x1234);

}  // namespace

TEST_CASE("asking: the query that goes upstream has its own ID and the client's question") {
    Lab lab;
    const Story story(lab, plain);
    REQUIRE(story.asks(udp, 0));
    CHECK(story.waits_ms() == 1000);
    Bytes expected = plain;
    const std::uint16_t id = wire::id(story.asked().data());
    CHECK(id != 0x1234);
    wire::set_id(expected.data(), id);
    CHECK(story.asked() == expected);
}

TEST_CASE("asking: RD, AD and CD pass, other flags do not") {
    Lab lab;
    constexpr std::uint32_t every_flag = 0xffffu & ~(std::uint32_t{wire::flag::qr} | wire::flag::opcode_mask);
    const Story story(lab, Make(plain).set(every_flag));
    CHECK(view(story.asked()).flags == (wire::flag::rd | wire::flag::ad | wire::flag::cd));
    CHECK(view(Story(lab, Make(plain).clear(0xffff)).asked()).flags == 0);
}

TEST_CASE("asking: the OPT is made anew, hop-by-hop options stay behind, others pass") {
    Lab lab;
    Bytes options = option(wire::option::cookie, Bytes(8, 1));
    for (const Bytes& more : {option(8, {0, 1, 24, 0, 192, 0, 2}), option(wire::option::tcp_keepalive, {}),
                              option(3, {}), option(wire::option::padding, Bytes(20)), option(65001, {9})})
        options.insert(options.end(), more.begin(), more.end());
    const Story story(lab, Make(plain).edns(1000, true, options));
    Bytes passed = option(8, {0, 1, 24, 0, 192, 0, 2});
    for (const Bytes& more : {option(3, {}), option(65001, {9})}) passed.insert(passed.end(), more.begin(), more.end());
    Bytes expected = Make(plain).edns(1000, true, passed);
    wire::set_id(expected.data(), wire::id(story.asked().data()));
    CHECK(story.asked() == expected);
}

TEST_CASE("asking: an OPT with records behind it is made anew all the same") {
    Lab lab;
    const Bytes address{192, 0, 2, 1};
    Make query = Make(plain).edns(4096, false, option(wire::option::cookie, Bytes(8, 1)));
    query.record(wire::additional, "a.example.", wire::type::a, address);
    query.record(wire::additional, "b.a.example.", wire::type::a, address);
    const Story story(lab, query);
    const wire::Message asked = view(story.asked());
    CHECK(asked.counts[wire::additional] == 3);
    CHECK(asked.opt_octets == wire::opt_octets_min);
    CHECK(asked.udp_payload_size == 1232);
    CHECK(asked.flags == wire::flag::rd);
    CHECK(story.asked().size() < query.size());
}

TEST_CASE("asking: every ask has an ID of its own, never the client's, and another secret gives others") {
    Policy patient;
    patient.udp_tries = 8;
    patient.deadline_ms = 60000;
    exchange::InstanceConfig other_config;
    other_config.secret[0] = 1;
    Lab lab(patient);
    Lab other(patient, other_config);
    Story story(lab, plain);
    Story elsewhere(other, plain);
    std::set<std::uint16_t> ids{0x1234};
    for (int ask = 0; ask < 8; ++ask) {
        ids.insert(wire::id(story.asked().data()));
        ids.insert(wire::id(elsewhere.asked().data()));
        story.times_out();
        elsewhere.times_out();
    }
    REQUIRE(story.asks(tcp, 0));
    ids.insert(wire::id(story.asked().data()));
    CHECK(ids.size() == 18);
}

TEST_CASE("asking: upstreams are tried round about from the one that the host names") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 3, .first = 1});
    CHECK(story.asks(udp, 1));
    CHECK(story.times_out().asks(udp, 2));
    CHECK(story.times_out().asks(udp, 0));
    CHECK(story.times_out().asks(tcp, 1));  // the tries are over: TCP, with what time remains
    CHECK(story.waits_ms() == 1500);
    CHECK(story.times_out().rcode() == wire::rcode::servfail);
    CHECK(story.lasted_ms() == 4500);
    CHECK(lab.count(Counter::udp_timeout) == 3);
}

TEST_CASE("asking: a refusal moves on at once, and counts as one try") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    CHECK(story.fails(0, udp, UNCUT_CAUSE_REFUSED).asks(udp, 1));
    CHECK(story.fails(1, udp, UNCUT_CAUSE_SEND).asks(udp, 0));
    CHECK(story.fails(0, udp, UNCUT_CAUSE_REFUSED).asks(tcp, 0));
    CHECK(story.fails(0, tcp, UNCUT_CAUSE_REFUSED).asks(tcp, 1));
    CHECK(story.fails(1, tcp, UNCUT_CAUSE_REFUSED).rcode() == wire::rcode::servfail);
    CHECK(story.lasted_ms() == 0);
    CHECK(lab.count(Counter::udp_refused) == 2);
    CHECK(lab.count(Counter::udp_send) == 1);
    CHECK(lab.count(Counter::udp_timeout) == 0);
}

TEST_CASE("asking: a failure of an earlier try does not end the one in hand") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    story.times_out();
    REQUIRE(story.asks(udp, 1));
    const std::uint64_t until_us = story.action().until_us;
    story.after_ms(10).fails(0, udp, UNCUT_CAUSE_REFUSED);
    CHECK(story.waits(UNCUT_CAUSE_LATE));
    CHECK(story.action().until_us == until_us);
    CHECK(lab.count(Counter::udp_refused) == 0);  // that try has been counted as a timeout
    CHECK(story.fails(0, tcp, UNCUT_CAUSE_REFUSED).waits(UNCUT_CAUSE_LATE));
    CHECK(story.fails(7, udp, UNCUT_CAUSE_REFUSED).waits(UNCUT_CAUSE_LATE));
}

TEST_CASE("asking: a timeout that comes too early changes nothing") {
    Lab lab;
    Story story(lab, plain);
    const std::uint64_t until_us = story.action().until_us;
    story.after_ms(999).tell({UNCUT_EVENT_TIMEOUT, 0, udp, 0, false, {}});
    CHECK(story.waits(UNCUT_CAUSE_NONE));
    CHECK(story.action().until_us == until_us);
    CHECK(lab.count(Counter::udp_timeout) == 0);
}

TEST_CASE("asking: over TCP each upstream is asked once, and then no more") {
    Lab lab;
    Story story(lab, plain, {.transport = tcp, .upstreams = 3, .first = 2});
    CHECK(story.asks(tcp, 2));
    CHECK(story.fails(2, tcp, UNCUT_CAUSE_CLOSED).asks(tcp, 0));
    CHECK(story.fails(0, tcp, UNCUT_CAUSE_RESET).asks(tcp, 1));
    CHECK(story.fails(1, tcp, UNCUT_CAUSE_CLOSED).rcode() == wire::rcode::servfail);
    CHECK(lab.count(Counter::asked_tcp) == 3);
    CHECK(lab.count(Counter::asked_udp) == 0);
    CHECK(lab.sum("tcp_retries") == 0);  // nothing truncated was asked for again
}

TEST_CASE("asking: an upstream that cannot be connected is left alone, one that stalls is not") {
    Lab lab;
    Story(lab, plain, {.transport = tcp, .upstreams = 2}).fails(0, tcp, UNCUT_CAUSE_REFUSED);
    CHECK(Story(lab, plain, {.transport = tcp, .upstreams = 2}).asks(tcp, 1));
    lab.now_us += 2'000'000;
    Story(lab, plain, {.transport = tcp, .upstreams = 2}).fails(0, tcp, UNCUT_CAUSE_CONNECT_TIMEOUT);
    CHECK(Story(lab, plain, {.transport = tcp, .upstreams = 2}).asks(tcp, 1));
    lab.now_us += 2'000'000;
    for (const std::uint32_t cause : {UNCUT_CAUSE_STALLED, UNCUT_CAUSE_CLOSED, UNCUT_CAUSE_RESET, UNCUT_CAUSE_LIMIT}) {
        Story(lab, plain, {.transport = tcp, .upstreams = 2}).fails(0, tcp, cause);
        CHECK(Story(lab, plain, {.transport = tcp, .upstreams = 2}).asks(tcp, 0));
    }
}

TEST_CASE("asking: an answer over TCP ends the hold-off") {
    Lab lab;
    lab.instance.hold_off_tcp(0, lab.now_us);
    Story story(lab, plain, {.transport = tcp});
    REQUIRE(story.asks(tcp, 0));  // there is nobody else: it is tried all the same
    story.stream(0, answer_to(story.asked()).a(1));
    CHECK(story.answers() == 1);
    CHECK_FALSE(lab.instance.tcp_held_off(0, lab.now_us));
}

TEST_CASE("asking: when every upstream is held off the first is tried, once") {
    Lab lab;
    lab.instance.hold_off_tcp(0, lab.now_us);
    lab.instance.hold_off_tcp(1, lab.now_us);
    Story story(lab, plain, {.transport = tcp, .upstreams = 2, .first = 1});
    REQUIRE(story.asks(tcp, 1));
    CHECK(story.fails(1, tcp, UNCUT_CAUSE_REFUSED).rcode() == wire::rcode::servfail);
}

TEST_CASE("asking: no query is too long or too short for its storage") {
    Policy adding;
    adding.upstream_edns = UNCUT_EDNS_ADD;
    Lab lab(adding);
    Make query(".", wire::type::ns);
    CHECK(Story(lab, query).asked().size() == query.size() + wire::opt_octets_min);
    // An OPT that would make the query longer than a message can be is not added.
    Bytes rdata(65535 - query.size() - 11 - 5);
    query.record(wire::additional, ".", 65280, rdata);
    REQUIRE(query.size() == 65530);
    Story story(lab, query, {.transport = tcp});
    CHECK(story.asked().size() == 65530);
    CHECK(lab.count(Counter::opt_added) == 1);
}
