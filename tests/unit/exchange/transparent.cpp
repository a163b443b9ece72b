// SPDX-License-Identifier: Apache-2.0
// Signed messages and other opcodes: every octet is between client and upstream.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make update = Make("example.", wire::type::soa).id(0x7777).opcode(5).deletes("old.example.");
const Make notify = Make("example.", wire::type::soa).id(0x7777).opcode(4);
const Make signed_query = Make("www.example.").id(0x7777).edns(4096).tsig();

}  // namespace

TEST_CASE("transparent: the query goes up and the answer comes down octet by octet") {
    for (const Make& query : {update, notify, signed_query}) {
        Lab lab;
        Story story(lab, query);
        REQUIRE(story.asks(udp, 0));
        CHECK(exchange::is_transparent(story.exchange()));
        CHECK(story.asked() == Bytes(query));
        // Longer than the client takes, TC set, with an OPT and a signature: all of that is theirs.
        const Bytes answer = answer_to(query).a(100).edns(512).tsig().set(wire::flag::tc);
        story.datagram(0, answer);
        REQUIRE(story.delivers());
        CHECK(story.octets() == answer);
        CHECK(lab.count(Counter::clamped) + lab.sum("fit_responses") + lab.sum("truncated_responses") == 0);
    }
}

TEST_CASE("transparent: matched by source, ID and opcode") {
    Lab lab;
    Story story(lab, update, {.upstreams = 2});
    CHECK(story.datagram(1, answer_to(update)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.datagram(0, answer_to(update).id(0x7778)).waits(UNCUT_CAUSE_ID));
    CHECK(story.datagram(0, answer_to(update).opcode(0)).waits(UNCUT_CAUSE_OPCODE));
    CHECK(story.datagram(0, update).waits(UNCUT_CAUSE_QR));
    CHECK(story.datagram(0, {}).waits(UNCUT_CAUSE_MALFORMED));
    CHECK(story.datagram(0, answer_to(update), true).waits(UNCUT_CAUSE_MALFORMED));
    CHECK(story.stream(0, answer_to(update)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(lab.sum("ignored_datagrams") == 7);
    // A question is not asked for: an answer to an UPDATE may come without.
    CHECK(story.datagram(0, answer_to(update).without_question()).delivers());
}

TEST_CASE("transparent: asked once, by the client's transport, and silence is silence") {
    Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_TCP;
    Lab lab(policy);
    Story story(lab, update, {.upstreams = 2});
    REQUIRE(story.asks(udp, 0));
    CHECK(story.waits_ms() == 4500);
    CHECK(story.times_out().drops(UNCUT_CAUSE_SILENCE));
    policy.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST;
    lab.set(policy);
    Story stream(lab, update, {.transport = tcp, .upstreams = 2});
    REQUIRE(stream.asks(tcp, 0));
    CHECK(stream.fails(0, tcp, UNCUT_CAUSE_CLOSED).drops(UNCUT_CAUSE_SILENCE));
    CHECK(lab.count(Counter::dropped_silence) == 2);
    CHECK(lab.count(Counter::answered_servfail) == 0);
}

TEST_CASE("transparent: another upstream is asked only when nobody can have read the message") {
    Lab lab;
    Story story(lab, update, {.upstreams = 2});
    CHECK(story.fails(0, udp, UNCUT_CAUSE_REFUSED).asks(udp, 1));
    CHECK(story.asked() == Bytes(update));
    CHECK(story.fails(1, udp, UNCUT_CAUSE_REFUSED).drops(UNCUT_CAUSE_SILENCE));
    Story stream(lab, update, {.transport = tcp, .upstreams = 2});
    CHECK(stream.fails(0, tcp, UNCUT_CAUSE_REFUSED).asks(tcp, 1));
    CHECK(stream.fails(1, tcp, UNCUT_CAUSE_STALLED).drops(UNCUT_CAUSE_SILENCE));
}

TEST_CASE("transparent: over TCP what is foreign fails the attempt") {
    Lab lab;
    Story story(lab, update, {.transport = tcp});
    CHECK(story.stream(0, answer_to(update).id(1)).drops(UNCUT_CAUSE_SILENCE));
    Story answered(lab, update, {.transport = tcp});
    const Bytes answer = answer_to(update).tsig();
    CHECK(answered.stream(0, answer).octets() == answer);
}

TEST_CASE("transparent: an opcode that nobody knows yet passes, whatever is in the message") {
    Lab lab;
    Story story(lab, Make("www.example.").opcode(15).octets({1, 2, 3}).counts(wire::answer, 77));
    REQUIRE(story.asks(udp, 0));
    CHECK(story.asked()[story.asked().size() - 1] == 3);
}
