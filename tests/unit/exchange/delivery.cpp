// SPDX-License-Identifier: Apache-2.0
// The response as the client gets it.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make plain = Make("wWw.example.").id(0x1234);
const Make with_opt = Make(plain).edns(4096);

Story delivered(Lab& lab, const Make& query, const Make& response, std::uint32_t transport = udp) {
    Story story(lab, query, {.transport = transport});
    Bytes octets = response;
    wire::set_id(octets.data(), wire::id(story.asked().data()));
    if (transport == udp)
        story.datagram(0, octets);
    else
        story.stream(0, octets);
    return story;
}

}  // namespace

TEST_CASE("delivery: a whole answer goes out as it came, but for ID and letter case") {
    Lab lab;
    const Make response = answer_to(Make("www.EXAMPLE.")).a(3).soa();
    Bytes expected = Make::from(answer_to(plain)).a(3).soa();
    const Story story = delivered(lab, plain, response);
    CHECK(story.octets() == expected);
    CHECK(story.action().transport == udp);
    CHECK(story.action().verdict == UNCUT_VERDICT_WHOLE);
    CHECK(lab.sum("fit_responses") == 0);
}

TEST_CASE("delivery: OPT out is ours: size, version, DO as the upstream has it, options that are not for one hop") {
    Lab lab;
    Bytes options = option(wire::option::cookie, Bytes(16, 1));
    for (const Bytes& more : {option(wire::option::extended_error, {0, 3}), option(wire::option::padding, Bytes(9))})
        options.insert(options.end(), more.begin(), more.end());
    const Story story = delivered(lab, with_opt, answer_to(plain).a(1).edns(4096, true, options));
    CHECK(story.response().udp_payload_size == 1232);
    CHECK(story.response().edns_flags == wire::edns_do);
    CHECK(story.extended_error() == 3);
    CHECK(story.response().opt_octets == wire::opt_octets_min + 6);
    CHECK(lab.count(Counter::opt_stripped) == 0);
}

TEST_CASE("delivery: an upstream without EDNS does not take it from the client") {
    Lab lab;
    const Story story = delivered(lab, Make(plain).edns(4096, true), answer_to(plain).a(1));
    REQUIRE(story.response().has(UNCUT_FACT_OPT));
    CHECK(story.response().edns_flags == 0);  // DO clear: nobody said that it was understood
    CHECK(story.answers() == 1);
}

TEST_CASE("delivery: an OPT that nobody asked for is taken away") {
    Lab lab;
    const Story story = delivered(lab, plain, answer_to(plain).a(1).edns(4096));
    CHECK_FALSE(story.response().has(UNCUT_FACT_OPT));
    CHECK(story.response().counts[wire::additional] == 0);
    CHECK(lab.count(Counter::opt_stripped) == 1);
}

TEST_CASE("delivery: an RCODE above 15 needs an OPT; without one it is SERVFAIL") {
    Lab lab;
    const Make badcookie = answer_to(plain).rcode(7).edns(1232, false, {}, 1);
    CHECK(delivered(lab, with_opt, badcookie).rcode() == 23);
    const Story without = delivered(lab, plain, badcookie);
    CHECK(without.rcode() == wire::rcode::servfail);
    CHECK_FALSE(without.response().has(UNCUT_FACT_OPT));
    CHECK(without.action().transport == udp);
    CHECK(lab.count(Counter::answered_servfail) == 0);  // an upstream answered
}

TEST_CASE("delivery: a refusal without its question gets it back, and keeps what its OPT says") {
    Lab lab;
    const Make refusal = answer_to(plain).without_question().rcode(5);
    const Story story = delivered(lab, plain, refusal);
    CHECK(story.octets() == Bytes(answer_to(plain).rcode(5)));
    const Bytes error = option(wire::option::extended_error, {0, 18});
    const Story with = delivered(lab, with_opt, Make(refusal).edns(512, false, error));
    CHECK(with.rcode() == 5);
    CHECK(with.extended_error() == 18);
    CHECK(with.response().counts[wire::question] == 1);
}

TEST_CASE("delivery: fitted to what the client says it takes, and to what the policy allows") {
    Lab lab;
    const Make long_one = answer_to(plain).a(60).edns(4096);  // 1,000 octets
    const Story small = delivered(lab, Make(plain).edns(600), Make(long_one));
    REQUIRE(small.asks(tcp, 0));  // 600 were advertised: this is oversize, which another test is about
    Policy policy;
    policy.suspect = 0;
    lab.set(policy);
    const Story fitted = delivered(lab, Make(plain).edns(600), long_one);
    CHECK(fitted.tc());
    CHECK(fitted.octets().size() <= 600);
    CHECK(fitted.response().has(UNCUT_FACT_OPT));
    CHECK_FALSE(delivered(lab, Make(plain).edns(1100), long_one).tc());
    CHECK(delivered(lab, plain, long_one).octets().size() <= 512);
    CHECK(delivered(lab, Make(plain).edns(100), long_one).octets().size() <= 512);
    policy.client_bufsize = 700;
    lab.set(policy);
    CHECK(delivered(lab, Make(plain).edns(4096), long_one).octets().size() <= 700);
    CHECK(delivered(lab, plain, Make(long_one), tcp).answers() == 60);
    CHECK(lab.count(Counter::fit_truncated) == 4);
}

TEST_CASE("delivery: options that leave no room for the question are left out, not the OPT") {
    Policy policy;
    policy.suspect = 0;
    Lab lab(policy);
    const Make verbose = answer_to(plain).a(40).edns(4096, false, option(65001, Bytes(480, 'x')));
    const Story story = delivered(lab, Make(plain).edns(512), verbose);
    CHECK(story.octets().size() <= 512);
    CHECK(story.response().opt_octets == wire::opt_octets_min);
    CHECK(story.tc());
    const Make refusal = answer_to(plain).without_question().rcode(5).edns(512, false, option(65001, Bytes(480)));
    CHECK(delivered(lab, Make(plain).edns(512), refusal).octets().size() <= 512);
}

TEST_CASE("delivery: SERVFAIL says why to clients that sent an OPT") {
    Lab lab;
    Story silent(lab, with_opt);
    while (!silent.is_over()) silent.times_out();
    CHECK(silent.rcode() == wire::rcode::servfail);
    CHECK(silent.extended_error() == 22);
    Story refused(lab, with_opt, {.transport = tcp});
    refused.fails(0, tcp, UNCUT_CAUSE_REFUSED);
    CHECK(refused.extended_error() == 23);
    Story quiet(lab, plain, {.transport = tcp});
    quiet.fails(0, tcp, UNCUT_CAUSE_REFUSED);
    CHECK_FALSE(quiet.response().has(UNCUT_FACT_OPT));
    CHECK(lab.count(Counter::answered_servfail) == 3);
}

TEST_CASE("delivery: upstream RCODEs are answers, and cause no failover") {
    Lab lab;
    for (const std::uint32_t rcode : {1u, 2u, 3u, 4u, 5u, 9u}) {
        Story story(lab, plain, {.upstreams = 2});
        story.datagram(0, answer_to(story.asked()).rcode(rcode));
        CHECK(story.rcode() == rcode);
    }
    CHECK(lab.count(Counter::asked_udp) == 6);
}
