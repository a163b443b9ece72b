// SPDX-License-Identifier: Apache-2.0
// A truncated answer made whole over TCP, and every way in which that can go wrong.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make plain = Make("www.example.").id(0x1234);
const Make with_opt = Make(plain).edns(1232);

// Told that the answer is longer than it may be, the exchange asks again over TCP.
Story truncated(Lab& lab, const Make& query = plain, const Setup& setup = {}) {
    Story story(lab, query, setup);
    Make answer = answer_to(story.asked()).a(10).tc();
    if (setup.transport == udp && query.size() != plain.size()) answer.edns(1232);
    story.datagram(setup.first, answer);
    return story;
}

Make dangling(const Bytes& asked) {
    return answer_to(asked).cname("end.example.");
}

struct Failure {
    std::uint32_t cause;
    Counter counter;
};

constexpr Failure failures[] = {
    {UNCUT_CAUSE_REFUSED, Counter::retry_refused}, {UNCUT_CAUSE_CONNECT_TIMEOUT, Counter::retry_connect_timeout},
    {UNCUT_CAUSE_RESET, Counter::retry_reset},     {UNCUT_CAUSE_CLOSED, Counter::retry_closed},
    {UNCUT_CAUSE_STALLED, Counter::retry_stalled}, {UNCUT_CAUSE_MALFORMED, Counter::retry_malformed},
    {UNCUT_CAUSE_FOREIGN, Counter::retry_foreign}, {UNCUT_CAUSE_TC_AGAIN, Counter::retry_tc_again},
    {UNCUT_CAUSE_LIMIT, Counter::retry_limit},     {UNCUT_CAUSE_SEND, Counter::retry_send}};

// Makes the retry in hand fail, as the exchange would learn of it.
void fail(Story& story, std::uint32_t cause) {
    switch (cause) {
        case UNCUT_CAUSE_STALLED:
            story.times_out();
            break;
        case UNCUT_CAUSE_MALFORMED:
            story.stream(0, answer_to(story.asked()).a(1).octets({0}));
            break;
        case UNCUT_CAUSE_FOREIGN:
            story.stream(0, answer_to(Make("other.example.")).a(1));
            break;
        case UNCUT_CAUSE_TC_AGAIN:
            story.stream(0, answer_to(story.asked()).a(1).tc());
            break;
        default:
            story.fails(0, tcp, cause);
    }
}

}  // namespace

TEST_CASE("retry: TC sends the same question to the same upstream over TCP, under another ID") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 3, .first = 1});
    const Bytes over_udp = story.asked();
    story.datagram(1, answer_to(over_udp).tc());
    REQUIRE(story.asks(tcp, 1));
    CHECK(story.action().verdict == UNCUT_VERDICT_TRUNCATED);
    CHECK(story.waits_ms() == 2000);
    Bytes same = over_udp;
    wire::set_id(same.data(), wire::id(story.asked().data()));
    CHECK(story.asked() == same);
    CHECK(story.asked() != over_udp);
    story.stream(1, answer_to(story.asked()).a(22));
    CHECK(story.answers() == 22);
    CHECK_FALSE(story.tc());
    CHECK(story.action().transport == tcp);
    CHECK(lab.count(Counter::tc_seen) == 1);
    CHECK(lab.count(Counter::retry_ok) == 1);
}

TEST_CASE("retry: what is too long for the client is truncated for the client") {
    Lab lab;
    Story story = truncated(lab);
    story.stream(0, answer_to(story.asked()).a(200));
    CHECK(story.tc());
    CHECK(story.octets().size() <= 512);
    CHECK(lab.count(Counter::fit_truncated) == 1);
}

TEST_CASE("retry: however TCP fails, the client gets the UDP answer with TC, and the cause is counted") {
    for (const Failure& failure : failures) {
        INFO(failure.cause);
        Lab lab;
        Story story = truncated(lab, with_opt);
        REQUIRE(story.asks(tcp, 0));
        fail(story, failure.cause);
        CHECK(story.answers() == 10);
        CHECK(story.tc());
        CHECK(story.response().has(UNCUT_FACT_OPT));
        CHECK(story.response().id == 0x1234);
        CHECK(story.action().cause == failure.cause);
        CHECK(story.action().transport == udp);
        CHECK(lab.count(failure.counter) == 1);
        CHECK(lab.sum("tcp_retries") == 1);
    }
}

TEST_CASE("retry: on_tcp_failure empty is header, question and OPT with TC; servfail is SERVFAIL") {
    for (const Failure& failure : failures) {
        Policy policy;
        policy.on_tcp_failure = UNCUT_ON_TCP_FAILURE_EMPTY;
        Lab lab(policy);
        Story empty = truncated(lab, with_opt);
        fail(empty, failure.cause);
        CHECK(empty.tc());
        CHECK(empty.answers() == 0);
        CHECK(empty.rcode() == wire::rcode::noerror);
        CHECK(empty.octets().size() == with_opt.size());
        policy.on_tcp_failure = UNCUT_ON_TCP_FAILURE_SERVFAIL;
        Lab strict(policy);
        Story servfail = truncated(strict, with_opt);
        fail(servfail, failure.cause);
        CHECK(servfail.rcode() == wire::rcode::servfail);
        CHECK_FALSE(servfail.tc());
        CHECK(servfail.extended_error() != 0);
    }
}

TEST_CASE("retry: without storage for the partial answer it is the empty one") {
    Lab lab;
    Story story = truncated(lab, with_opt, {.kept_max = 40});
    fail(story, UNCUT_CAUSE_RESET);
    CHECK(story.tc());
    CHECK(story.answers() == 0);
    CHECK(story.response().has(UNCUT_FACT_OPT));
    Story none = truncated(lab, plain, {.kept_max = 0});
    fail(none, UNCUT_CAUSE_RESET);
    CHECK(none.tc());
}

TEST_CASE("retry: an upstream that cannot be connected is not tried again for a while, other names neither") {
    Lab lab;
    Story first = truncated(lab);
    fail(first, UNCUT_CAUSE_REFUSED);
    Story second(lab, Make("other.example."));
    second.datagram(0, answer_to(second.asked()).a(3).tc());
    CHECK(second.answers() == 3);
    CHECK(second.tc());
    CHECK(second.action().cause == UNCUT_CAUSE_HELD_OFF);
    CHECK(lab.count(Counter::retry_held_off) == 1);
    lab.now_us += 2'000'000;
    CHECK(truncated(lab).asks(tcp, 0));
}

TEST_CASE("retry: the deadline ends it") {
    Policy policy;
    policy.deadline_ms = 1500;
    Lab lab(policy);
    Story story(lab, plain);
    story.after_ms(600).datagram(0, answer_to(story.asked()).a(2).tc());
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.waits_ms() == 900);
    CHECK(story.times_out().tc());
    CHECK(story.lasted_ms() == 1500);
    // No time is left when TC comes: no TCP is begun.
    Story late(lab, plain);
    late.after_ms(1500).datagram(0, answer_to(late.asked()).a(2).tc());
    CHECK(late.tc());
    CHECK(lab.count(Counter::retry_stalled) == 2);
}

TEST_CASE("retry: a client on TCP is never told to ask over TCP: other upstreams, then SERVFAIL") {
    Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST;
    Lab lab(policy);
    Story story = truncated(lab, plain, {.transport = tcp, .upstreams = 2});
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.fails(0, tcp, UNCUT_CAUSE_CLOSED).asks(tcp, 1));
    story.stream(1, answer_to(story.asked()).a(200));
    CHECK(story.answers() == 200);
    CHECK(lab.count(Counter::retry_closed) == 1);
    CHECK(lab.sum("tcp_retries") == 1);
    Story none = truncated(lab, plain, {.transport = tcp});
    fail(none, UNCUT_CAUSE_CLOSED);
    CHECK(none.rcode() == wire::rcode::servfail);
}

TEST_CASE("retry: cut is asked for again; its complete RRsets are what remains when TCP fails") {
    Lab lab;
    Story story(lab, plain);
    const Make chain = answer_to(story.asked()).cname("end.example.").a(5, "end.example.");
    story.datagram(0, Make(chain).cut_to(chain.size() - 3));
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.action().verdict == UNCUT_VERDICT_CUT);
    fail(story, UNCUT_CAUSE_RESET);
    CHECK(story.answers() == 1);  // the CNAME: of the addresses one is missing
    CHECK(story.tc());
    CHECK(lab.count(Counter::suspected_cut) == 1);
    CHECK(lab.count(Counter::suspicion_cleared) == 0);
}

TEST_CASE("retry: what the kernel cut is asked for again") {
    Lab lab;
    Story story(lab, plain);
    story.datagram(0, answer_to(story.asked()).a(5), true);
    CHECK(story.asks(tcp, 0));
    CHECK(story.action().verdict == UNCUT_VERDICT_CUT);
    // What is left may look whole; it is not.
    fail(story, UNCUT_CAUSE_RESET);
    CHECK(story.answers() == 5);
    CHECK(story.tc());
}

TEST_CASE("retry: oversize: TCP has more, and the client gets it") {
    Lab lab;
    Story story(lab, Make(plain).edns(1232));
    Make overflow = answer_to(story.asked()).a(100);
    story.datagram(0, overflow);
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.action().verdict == UNCUT_VERDICT_OVERSIZE);
    story.stream(0, answer_to(story.asked()).a(120));
    CHECK(story.delivers());
    CHECK(lab.count(Counter::suspicion_cleared) == 0);
    CHECK(lab.count(Counter::retry_ok) == 1);
}

TEST_CASE("retry: oversize: TCP says the same, or nothing: the answer stands, and nobody asks again") {
    for (const std::uint32_t cause : {UNCUT_CAUSE_NONE, UNCUT_CAUSE_RESET, UNCUT_CAUSE_REFUSED, UNCUT_CAUSE_STALLED}) {
        INFO(cause);
        Lab lab;
        Story story(lab, plain);  // 512 advertised, by saying nothing
        const Make big = answer_to(story.asked()).a(29).soa();
        REQUIRE(big.size() > 512);
        story.datagram(0, big);
        REQUIRE(story.asks(tcp, 0));
        if (cause == UNCUT_CAUSE_NONE)
            story.stream(0, answer_to(story.asked()).a(29).soa());
        else
            fail(story, cause);
        CHECK(story.delivers());
        CHECK(lab.count(Counter::suspicion_cleared) == 1);
        Story again(lab, plain);
        again.datagram(0, answer_to(again.asked()).a(29).soa());
        CHECK(again.delivers());
        CHECK(lab.count(Counter::learned_cleared_hits) == 1);
        CHECK(lab.count(Counter::suspected_oversize) == 1);
    }
}

TEST_CASE("retry: dangling_cname: TC was lost on the way, TCP has the addresses") {
    Lab lab;
    Story story(lab, plain);
    story.datagram(0, dangling(story.asked()));
    REQUIRE(story.asks(tcp, 0));
    CHECK(story.action().verdict == UNCUT_VERDICT_DANGLING_CNAME);
    story.stream(0, dangling(story.asked()).a(22, "end.example."));
    CHECK(story.delivers());
    CHECK(lab.count(Counter::suspected_dangling_cname) == 1);
    CHECK(lab.count(Counter::suspicion_cleared) == 0);
}

TEST_CASE("retry: dangling_cname: if there is no more to it the answer stands, without TC, in every transport mode") {
    const std::uint32_t mode = GENERATE(0u, 1u, 3u);
    Policy policy;
    policy.upstream_transport = static_cast<std::uint8_t>(mode);
    policy.on_tcp_failure = UNCUT_ON_TCP_FAILURE_SERVFAIL;  // that is for what is truncated
    for (const bool same : {true, false}) {
        Lab lab(policy);
        Story story(lab, plain);
        story.datagram(0, dangling(story.asked()));
        REQUIRE(story.asks(tcp, 0));
        if (same)
            story.stream(0, dangling(story.asked()));
        else
            fail(story, UNCUT_CAUSE_CLOSED);
        CHECK(story.octets() == Bytes(dangling(plain)));
        Story again(lab, plain);
        REQUIRE(again.asks(udp, 0));
        CHECK(again.datagram(0, dangling(again.asked())).octets() == Bytes(dangling(plain)));
        // Another name is suspected anew, and so is this one when the memory expires.
        lab.now_us += 301'000'000;
        Story later(lab, plain);
        CHECK(later.datagram(0, dangling(later.asked())).asks(tcp, 0));
    }
}

TEST_CASE("retry: a suspected answer stands for a client on TCP too, in full") {
    Policy policy;
    policy.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST;
    Lab lab(policy);
    Story story(lab, plain, {.transport = tcp});
    story.datagram(0, answer_to(story.asked()).a(100));
    REQUIRE(story.asks(tcp, 0));
    fail(story, UNCUT_CAUSE_CLOSED);
    CHECK(story.answers() == 100);
    CHECK_FALSE(story.tc());
}

TEST_CASE("retry: a whole answer to an earlier try may overtake it; anything less may not") {
    Lab lab;
    Story story(lab, plain, {.upstreams = 2});
    const Bytes first = story.asked();
    story.times_out();
    REQUIRE(story.asks(udp, 1));
    const Bytes second = story.asked();
    story.datagram(1, answer_to(second).tc());
    REQUIRE(story.asks(tcp, 1));
    CHECK(story.datagram(0, answer_to(first).tc()).waits(UNCUT_CAUSE_LATE));
    CHECK(story.datagram(0, dangling(first)).waits(UNCUT_CAUSE_LATE));
    CHECK(story.datagram(1, answer_to(second).a(3)).waits(UNCUT_CAUSE_LATE));  // that try has had its answer
    CHECK(story.datagram(0, answer_to(first).a(4)).answers() == 4);
    CHECK(lab.count(Counter::retry_abandoned) == 1);
    CHECK(lab.count(Counter::ignored_late) == 3);
    CHECK(lab.count(Counter::tc_seen) == 1);
}

TEST_CASE("retry: giving an exchange up abandons its retry") {
    Lab lab;
    Story story = truncated(lab);
    CHECK(exchange::cancel(story.exchange()) == UNCUT_OK);
    CHECK(exchange::cancel(story.exchange()) == UNCUT_MISUSE_STATE);
    CHECK(lab.count(Counter::retry_abandoned) == 1);
    CHECK(lab.count(Counter::dropped_cancelled) == 1);
    CHECK(lab.in_flight() == 0);
}
