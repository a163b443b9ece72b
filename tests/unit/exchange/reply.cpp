// SPDX-License-Identifier: Apache-2.0
// What a datagram or a message on a stream leads to, when it is not simply the answer.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make plain = Make("www.example.").id(0x1234);

struct Wrong {
    const char* what;
    Bytes message;
    std::uint32_t cause;
    Counter counter;
};

std::vector<Wrong> wrong_answers(const Bytes& asked) {
    const Make good = answer_to(asked).a(1);
    const auto other_id = static_cast<std::uint16_t>(wire::id(asked.data()) + 1);
    return {{"empty", {}, UNCUT_CAUSE_MALFORMED, Counter::ignored_malformed},
            {"short", Make(good).cut_to(11), UNCUT_CAUSE_MALFORMED, Counter::ignored_malformed},
            {"another ID", Make(good).id(other_id), UNCUT_CAUSE_ID, Counter::ignored_id},
            {"another ID, TC", Make(good).id(other_id).tc(), UNCUT_CAUSE_ID, Counter::ignored_id},
            {"the query itself", asked, UNCUT_CAUSE_QR, Counter::ignored_qr},
            {"another opcode", Make(good).opcode(5), UNCUT_CAUSE_OPCODE, Counter::ignored_opcode},
            {"another question", answer_to(Make("wwx.example.").id(wire::id(asked.data()))).a(1), UNCUT_CAUSE_QUESTION,
             Counter::ignored_question},
            {"no question", answer_to(asked).without_question(), UNCUT_CAUSE_QUESTION, Counter::ignored_question},
            {"trailing octets", Make(good).octets({1, 2}), UNCUT_CAUSE_MALFORMED, Counter::ignored_malformed},
            {"a reserved label", answer_to(asked).octets({0x80, 0}).counts(wire::answer, 1), UNCUT_CAUSE_MALFORMED,
             Counter::ignored_malformed},
            {"malformed, TC", Make(good).tc().octets({1}), UNCUT_CAUSE_MALFORMED, Counter::ignored_malformed}};
}

}  // namespace

TEST_CASE("reply: whatever is not the answer is counted by its cause, and the wait goes on as it was") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    const std::uint64_t until_us = story.action().until_us;
    for (const Wrong& wrong : wrong_answers(story.asked())) {
        INFO(wrong.what);
        const std::uint64_t before = lab.count(wrong.counter);
        story.after_ms(1).datagram(0, wrong.message);
        CHECK(story.waits(wrong.cause));
        CHECK(story.action().until_us == until_us);
        CHECK(lab.count(wrong.counter) == before + 1);
    }
    CHECK(story.datagram(1, answer_to(story.asked()).a(1)).waits(UNCUT_CAUSE_SOURCE));  // was not asked
    CHECK(story.datagram(15, answer_to(story.asked()).a(1)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.datagram(~0u, answer_to(story.asked()).a(1)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.stream(0, answer_to(story.asked()).a(1)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(lab.sum("ignored_datagrams") == 15);
    CHECK(story.datagram(0, answer_to(story.asked()).a(1)).answers() == 1);
}

TEST_CASE("reply: over TCP the first thing that is not the answer fails the attempt at once") {
    for (const Wrong& wrong : wrong_answers(Make(plain))) {
        INFO(wrong.what);
        Lab lab;
        Story story(lab, plain, {.transport = tcp, .upstreams = 2});
        Bytes message = wrong.message;
        const bool own_id = message.size() >= 2 && wire::id(message.data()) == 0x1234;
        if (own_id) wire::set_id(message.data(), wire::id(story.asked().data()));
        story.stream(0, message);
        REQUIRE(story.asks(tcp, 1));
        const bool malformed = wrong.cause == UNCUT_CAUSE_MALFORMED;
        CHECK(story.action().cause == (malformed ? UNCUT_CAUSE_MALFORMED : UNCUT_CAUSE_FOREIGN));
        CHECK(lab.sum("ignored_datagrams") == 0);
    }
}

TEST_CASE("reply: a late answer to an earlier try is as good as any") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    const Bytes first = story.asked();
    story.times_out();
    REQUIRE(story.asks(udp, 1));
    // The first try's ID from the second upstream is a guess, not an answer.
    CHECK(story.datagram(1, answer_to(first).a(7)).waits(UNCUT_CAUSE_ID));
    CHECK(story.datagram(0, answer_to(first).a(7)).answers() == 7);
    CHECK(story.action().upstream == 0);
}

TEST_CASE("reply: tries at one upstream are told apart by their IDs") {
    Lab lab;
    Story story(lab, plain);
    const Bytes first = story.asked();
    story.times_out();
    const Bytes second = story.asked();
    story.datagram(0, answer_to(second).tc());
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.datagram(0, answer_to(second).a(1)).waits(UNCUT_CAUSE_LATE));
    CHECK(story.datagram(0, answer_to(first).a(2)).answers() == 2);
}

TEST_CASE("reply: an answer to a try that was refused is late") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    const Bytes first = story.asked();
    story.fails(0, udp, UNCUT_CAUSE_REFUSED);
    REQUIRE(story.asks(udp, 1));
    CHECK(story.datagram(0, answer_to(first).a(1)).waits(UNCUT_CAUSE_LATE));
}

TEST_CASE("reply: TCP from an upstream that is not the one in hand is late, or foreign") {
    Lab lab;
    Story story(lab, plain, {.transport = tcp, .upstreams = 3});
    const Bytes first = story.asked();
    story.times_out();
    REQUIRE(story.asks(tcp, 1));
    CHECK(story.stream(0, answer_to(first).a(1)).waits(UNCUT_CAUSE_LATE));
    CHECK(story.stream(2, answer_to(first).a(1)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.fails(0, tcp, UNCUT_CAUSE_RESET).waits(UNCUT_CAUSE_LATE));
    CHECK(story.datagram(1, answer_to(story.asked()).a(1)).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.stream(1, answer_to(story.asked()).a(1)).answers() == 1);
}

TEST_CASE("reply: a refused OPT that we added is left out of one more ask, over the same way") {
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    for (const std::uint32_t rcode : {1u, 4u}) {
        Lab lab(policy);
        Story story(lab, plain);
        const Bytes with_opt = story.asked();
        CHECK(with_opt.size() == plain.size() + wire::opt_octets_min);
        story.datagram(0, answer_to(with_opt).rcode(rcode));
        REQUIRE(story.asks(udp, 0));
        CHECK(story.asked().size() == plain.size());
        CHECK(wire::id(story.asked().data()) != wire::id(with_opt.data()));
        CHECK(lab.count(Counter::edns_refused) == 1);
        CHECK(story.datagram(0, answer_to(with_opt).rcode(rcode)).waits(UNCUT_CAUSE_LATE));
        const Bytes without = story.asked();
        SECTION("what is said then is the answer") {
            story.datagram(0, answer_to(without).rcode(rcode));
            CHECK(story.rcode() == rcode);
        }
        SECTION("it does not come back in later tries, and costs none of them") {
            CHECK(story.times_out().asks(udp, 0));
            CHECK(story.asked().size() == plain.size());
            CHECK(story.times_out().asks(udp, 0));
            CHECK(story.times_out().asks(tcp, 0));
            CHECK(story.asked().size() == plain.size());
        }
        SECTION("without an OPT 512 octets are what was advertised") {
            CHECK(story.datagram(0, answer_to(without).a(40)).asks(tcp, 0));
            CHECK(story.action().verdict == UNCUT_VERDICT_OVERSIZE);
        }
    }
}

TEST_CASE("reply: FORMERR to an OPT of an earlier try does not end the later one") {
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    Lab lab(policy);
    Story story(lab, plain, {.upstreams = 2});
    const Bytes first = story.asked();
    story.times_out();
    const Bytes second = story.asked();
    REQUIRE(story.datagram(0, answer_to(first).rcode(1)).asks(udp, 0));
    CHECK(story.datagram(1, answer_to(second).rcode(1)).waits(UNCUT_CAUSE_LATE));
    CHECK(story.datagram(1, answer_to(second).a(1)).answers() == 1);
    CHECK(lab.count(Counter::edns_refused) == 1);
}

TEST_CASE("reply: over TCP too the refused OPT is left out of one more ask") {
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    Lab lab(policy);
    Story story(lab, plain, {.transport = tcp});
    story.stream(0, answer_to(story.asked()).rcode(1));
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.asked().size() == plain.size());
    story.stream(0, answer_to(story.asked()).rcode(1));
    CHECK(story.rcode() == 1);
}

TEST_CASE("reply: FORMERR to the client's own OPT is the answer") {
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    Lab lab(policy);
    Story story(lab, Make(plain).edns(1232));
    CHECK(story.datagram(0, answer_to(story.asked()).rcode(1)).rcode() == 1);
}

TEST_CASE("reply: a refused OPT at the deadline is the answer: no time is left to ask without it") {
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    Lab lab(policy);
    Story story(lab, plain);
    CHECK(story.after_ms(4500).datagram(0, answer_to(story.asked()).rcode(1)).rcode() == 1);
    Story stream(lab, plain, {.transport = tcp});
    CHECK(stream.after_ms(4500).stream(0, answer_to(stream.asked()).rcode(4)).rcode() == 4);
    CHECK(lab.count(Counter::edns_refused) == 0);
}

TEST_CASE("reply: of two tries that chance gave one ID the answer belongs to the one that waits for it") {
    Lab lab;
    std::uint64_t entropy = 0;
    const auto id = [&lab, &entropy](std::uint64_t ask) { return lab.instance.derive(entropy, ask) & 0xffff; };
    while (id(0) != id(1)) ++entropy;
    Story story(lab, plain, {.entropy = entropy});
    const Bytes first = story.asked();
    story.times_out();
    REQUIRE(story.asked() == first);
    REQUIRE(story.fails(0, udp, UNCUT_CAUSE_REFUSED).asks(udp, 0));  // the second; the first may still be answered
    CHECK(story.datagram(0, answer_to(first).a(1)).answers() == 1);
}
