// SPDX-License-Identifier: Apache-2.0
// Every field of a policy does what the table says: one test a row.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make plain = Make("www.example.").id(0x1234);
constexpr Setup over_tcp{.transport = tcp};

wire::Message view(const Bytes& message) {
    wire::Message read;
    REQUIRE(wire::parse(message, read) == UNCUT_OK);
    return read;
}

Policy transport(std::uint32_t mode) {
    Policy policy;
    policy.upstream_transport = static_cast<std::uint8_t>(mode);
    return policy;
}

}  // namespace

TEST_CASE("policy table: enabled false: no retry, clamp, fit or suspicion; IDs, matching and EDNS by hop stay") {
    Policy policy;
    policy.enabled = false;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    Lab lab(policy);
    Story story(lab, Make(plain).edns(4096, false, option(wire::option::cookie, Bytes(8))));
    CHECK(view(story.asked()).udp_payload_size == 4096);
    CHECK(view(story.asked()).opt_octets == wire::opt_octets_min);
    CHECK(wire::id(story.asked().data()) != 0x1234);
    CHECK(story.datagram(0, answer_to(story.asked()).id(0x1234).a(1)).waits(UNCUT_CAUSE_ID));
    const Make chain = answer_to(story.asked()).cname("end.example.");
    CHECK(story.datagram(0, Make(chain).cut_to(chain.size() - 1)).waits(UNCUT_CAUSE_MALFORMED));
    story.datagram(0, Make(chain).tc().edns(512, false, option(wire::option::cookie, Bytes(16))));
    REQUIRE(story.tc());
    CHECK(story.response().udp_payload_size == 1232);
    CHECK(story.response().opt_octets == wire::opt_octets_min);
    Story big(lab, plain);
    CHECK(big.asked().size() == plain.size());
    CHECK(big.datagram(0, answer_to(big.asked()).a(100)).answers() == 100);
    Story silent(lab, plain);
    for (int tries = 0; tries < 3; ++tries) silent.times_out();
    CHECK(silent.rcode() == wire::rcode::servfail);  // TCP would be a retry
    CHECK(lab.count(Counter::asked_tcp) == 0);
    Story stream(lab, plain, over_tcp);
    CHECK(stream.stream(0, answer_to(stream.asked()).a(1).tc()).tc());
}

TEST_CASE("policy table: upstream_transport match_client: UDP in, UDP out; TCP in, TCP out") {
    Lab lab;
    CHECK(Story(lab, plain).asks(udp, 0));
    CHECK(Story(lab, plain, over_tcp).asks(tcp, 0));
}

TEST_CASE("policy table: upstream_transport udp_first: UDP whatever the client uses") {
    Lab lab(transport(UNCUT_UPSTREAM_UDP_FIRST));
    CHECK(Story(lab, plain).asks(udp, 0));
    Story story(lab, plain, over_tcp);
    REQUIRE(story.asks(udp, 0));
    CHECK(story.datagram(0, answer_to(story.asked()).a(2)).answers() == 2);
}

TEST_CASE("policy table: upstream_transport tcp: TCP whatever the client uses, and no UDP after it") {
    Lab lab(transport(UNCUT_UPSTREAM_TCP));
    CHECK(Story(lab, plain, over_tcp).asks(tcp, 0));
    Story story(lab, plain);
    REQUIRE(story.asks(tcp, 0));
    story.stream(0, answer_to(story.asked()).a(60));
    CHECK(story.tc());  // for a client on UDP it has to fit all the same
    CHECK(Story(lab, plain).fails(0, tcp, UNCUT_CAUSE_CLOSED).rcode() == wire::rcode::servfail);
}

TEST_CASE("policy table: upstream_transport learned: straight to TCP for names that are known to truncate") {
    Lab lab(transport(UNCUT_UPSTREAM_LEARNED));
    Story first(lab, plain);
    REQUIRE(first.asks(udp, 0));
    first.datagram(0, answer_to(first.asked()).tc());
    first.stream(0, answer_to(first.asked()).a(22));
    REQUIRE(first.delivers());
    Story second(lab, Make("WWW.example."));
    REQUIRE(second.asks(tcp, 0));
    CHECK(lab.count(Counter::learned_hits) == 1);
    CHECK(second.stream(0, answer_to(second.asked()).a(22)).answers() == 22);
    CHECK(lab.sum("tcp_retries") == 1);
    CHECK(Story(lab, Make("other.example.")).asks(udp, 0));
    CHECK(Story(lab, Make("www.example.", wire::type::aaaa)).asks(udp, 0));
    CHECK(Story(lab, plain, {.upstreams = 2, .first = 1}).asks(udp, 1));  // another upstream may not truncate
    SECTION("when TCP fails, UDP is still there") {
        Story story(lab, plain);
        REQUIRE(story.asks(tcp, 0));
        CHECK(story.fails(0, tcp, UNCUT_CAUSE_CLOSED).asks(udp, 0));
        // TC again: TCP has failed for this query, so the UDP answer it is.
        story.datagram(0, answer_to(story.asked()).a(2).tc());
        CHECK(story.answers() == 2);
        CHECK(story.tc());
        CHECK(lab.count(Counter::retry_closed) == 1);
    }
    SECTION("an upstream that is held off is asked over UDP") {
        lab.instance.hold_off_tcp(0, lab.now_us);
        CHECK(Story(lab, plain).asks(udp, 0));
    }
    SECTION("expiry asks over UDP again") {
        lab.now_us += 301'000'000;
        CHECK(Story(lab, plain).asks(udp, 0));
    }
    SECTION("forgetting does so too") {
        lab.instance.forget_learned();
        CHECK(Story(lab, plain).asks(udp, 0));
    }
}

TEST_CASE("policy table: retry_truncated false: TC is delivered as TC, a suspected answer as it is") {
    Policy policy;
    policy.retry_truncated = false;
    Lab lab(policy);
    Story story(lab, plain);
    CHECK(story.datagram(0, answer_to(story.asked()).a(5).tc()).tc());
    CHECK(story.answers() == 5);
    Story chain(lab, plain);
    CHECK_FALSE(chain.datagram(0, answer_to(chain.asked()).cname("end.example.")).tc());
    Story cut(lab, plain);
    const Make answer = answer_to(cut.asked()).cname("end.example.").a(5, "end.example.");
    cut.datagram(0, Make(answer).cut_to(answer.size() - 3));
    CHECK(cut.answers() == 1);
    CHECK(cut.tc());
    CHECK(lab.count(Counter::asked_tcp) == 0);
    CHECK(lab.sum("tcp_retries") == 0);
}

TEST_CASE("policy table: suspect: each bit stands for itself") {
    const std::uint32_t suspect = GENERATE(0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u);
    Policy policy;
    policy.suspect = static_cast<std::uint8_t>(suspect);
    Lab lab(policy);
    INFO(suspect);
    Story cut(lab, plain);
    const Make answer = answer_to(cut.asked()).a(5);
    cut.datagram(0, Make(answer).cut_to(answer.size() - 3));
    CHECK(cut.asks(tcp, 0) == ((suspect & UNCUT_SUSPECT_CUT) != 0));
    CHECK(cut.waits(UNCUT_CAUSE_MALFORMED) == ((suspect & UNCUT_SUSPECT_CUT) == 0));
    Story oversize(lab, plain);
    oversize.datagram(0, answer_to(oversize.asked()).a(50));
    CHECK(oversize.asks(tcp, 0) == ((suspect & UNCUT_SUSPECT_OVERSIZE) != 0));
    CHECK(oversize.delivers() == ((suspect & UNCUT_SUSPECT_OVERSIZE) == 0));
    Story dangling(lab, plain);
    dangling.datagram(0, answer_to(dangling.asked()).cname("end.example."));
    CHECK(dangling.asks(tcp, 0) == ((suspect & UNCUT_SUSPECT_DANGLING_CNAME) != 0));
    CHECK(dangling.delivers() == ((suspect & UNCUT_SUSPECT_DANGLING_CNAME) == 0));
}

TEST_CASE("policy table: upstream_bufsize lowers what is advertised and never raises it") {
    Policy policy;
    policy.upstream_bufsize = 1000;
    Lab lab(policy);
    const auto advertised = [&lab](std::uint16_t size) {
        return view(Story(lab, Make(plain).edns(size)).asked()).udp_payload_size;
    };
    CHECK(advertised(4096) == 1000);
    CHECK(advertised(1001) == 1000);
    CHECK(lab.count(Counter::clamped) == 2);
    CHECK(advertised(1000) == 1000);
    CHECK(advertised(700) == 700);
    CHECK(advertised(100) == 512);  // RFC 6891 6.2.3
    CHECK(lab.count(Counter::clamped) == 2);
}

TEST_CASE("policy table: upstream_edns keep adds nothing; add adds an OPT, and takes it out of the answer") {
    Lab lab;
    CHECK_FALSE(view(Story(lab, plain).asked()).has(UNCUT_FACT_OPT));
    Policy policy;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    lab.set(policy);
    Story story(lab, plain);
    const wire::Message asked = view(story.asked());
    REQUIRE(asked.has(UNCUT_FACT_OPT));
    CHECK(asked.udp_payload_size == 1232);
    CHECK(asked.edns_flags == 0);
    story.datagram(0, answer_to(story.asked()).a(40).edns(1232));  // more than 512, as we said that we take
    CHECK_FALSE(story.response().has(UNCUT_FACT_OPT));
    CHECK(story.octets().size() <= 512);
    CHECK(lab.count(Counter::opt_added) == 1);
    CHECK(lab.count(Counter::opt_stripped) == 1);
    CHECK(lab.sum("truncated_responses") == 0);
}

TEST_CASE("policy table: client_bufsize caps what a client gets over UDP, not over TCP") {
    Policy policy;
    policy.client_bufsize = 600;
    policy.upstream_bufsize = 4096;
    Lab lab(policy);
    Story story(lab, Make(plain).edns(4096));
    story.datagram(0, answer_to(story.asked()).a(100).edns(4096));
    CHECK(story.tc());
    CHECK(story.octets().size() <= 600);
    Story stream(lab, plain, over_tcp);
    CHECK(stream.stream(0, answer_to(stream.asked()).a(100)).answers() == 100);
}

TEST_CASE("policy table: fit says what becomes of what does not fit") {
    struct Row {
        std::uint32_t mode;
        bool tc;
        std::uint32_t at_least;
        std::uint32_t at_most;
    };
    const Row row = GENERATE(Row{UNCUT_FIT_RRSET, true, 0, 0}, Row{UNCUT_FIT_FILL, true, 25, 40},
                             Row{UNCUT_FIT_EMPTY, true, 0, 0}, Row{UNCUT_FIT_SUBSET, false, 25, 40});
    Policy policy;
    policy.fit = static_cast<std::uint8_t>(row.mode);
    Lab lab(policy);
    Story story(lab, plain, over_tcp);
    Story small(lab, plain);
    small.datagram(0, answer_to(small.asked()).tc());
    small.stream(0, answer_to(small.asked()).a(60));
    INFO(row.mode);
    CHECK(small.tc() == row.tc);
    CHECK(small.answers() >= row.at_least);
    CHECK(small.answers() <= row.at_most);
    CHECK(small.octets().size() <= 512);
}

TEST_CASE("policy table: fit subset begins elsewhere each time") {
    Policy policy;
    policy.fit = UNCUT_FIT_SUBSET;
    policy.suspect = 0;
    Lab lab(policy);
    std::vector<Bytes> seen;
    for (std::uint64_t entropy = 1; entropy <= 8; ++entropy) {
        Story story(lab, plain, {.entropy = entropy * 0x123456789abcdef});
        story.datagram(0, answer_to(story.asked()).a(60));
        REQUIRE(story.delivers());
        seen.push_back(story.octets());
    }
    CHECK(std::any_of(seen.begin(), seen.end(), [&seen](const Bytes& one) { return one != seen[0]; }));
}

TEST_CASE("policy table: on_tcp_failure: partial, empty, servfail") {
    for (const std::uint32_t choice : {0u, 1u, 2u}) {
        Policy policy;
        policy.on_tcp_failure = static_cast<std::uint8_t>(choice);
        Lab lab(policy);
        Story story(lab, plain);
        story.datagram(0, answer_to(story.asked()).a(3).tc());
        story.fails(0, tcp, UNCUT_CAUSE_RESET);
        CHECK(story.answers() == (choice == UNCUT_ON_TCP_FAILURE_PARTIAL ? 3u : 0u));
        CHECK(story.tc() == (choice != UNCUT_ON_TCP_FAILURE_SERVFAIL));
        CHECK(story.rcode() == (choice == UNCUT_ON_TCP_FAILURE_SERVFAIL ? 2u : 0u));
    }
}

TEST_CASE("policy table: udp_timeout_ms, tcp_timeout_ms, udp_tries and deadline_ms") {
    Policy policy;
    policy.udp_timeout_ms = 100;
    policy.tcp_timeout_ms = 250;
    policy.udp_tries = 2;
    policy.deadline_ms = 400;
    Lab lab(policy);
    Story story(lab, plain, {.upstreams = 3});
    CHECK((story.asks(udp, 0) && story.waits_ms() == 100));
    story.times_out();
    CHECK((story.asks(udp, 1) && story.waits_ms() == 100));
    story.times_out();
    CHECK((story.asks(tcp, 0) && story.waits_ms() == 200));
    story.times_out();
    CHECK(story.rcode() == wire::rcode::servfail);
    CHECK(story.lasted_ms() == 400);
    Story stream(lab, plain, {.transport = tcp, .upstreams = 3});
    CHECK((stream.asks(tcp, 0) && stream.waits_ms() == 250));
    stream.times_out();
    CHECK((stream.asks(tcp, 1) && stream.waits_ms() == 150));
    CHECK(stream.times_out().rcode() == wire::rcode::servfail);
    CHECK(stream.lasted_ms() == 400);
}

TEST_CASE("policy table: learned_ttl_s: for so long, and 0 is not at all") {
    for (const std::uint32_t ttl_s : {0u, 7u}) {
        Policy policy = transport(UNCUT_UPSTREAM_LEARNED);
        policy.learned_ttl_s = ttl_s;
        Lab lab(policy);
        Story story(lab, plain);
        story.datagram(0, answer_to(story.asked()).tc());
        story.stream(0, answer_to(story.asked()).a(22));
        CHECK(Story(lab, plain).asks(tcp, 0) == (ttl_s != 0));
        lab.now_us += 6'999'999;
        CHECK(Story(lab, plain).asks(tcp, 0) == (ttl_s != 0));
        lab.now_us += 1;
        CHECK(Story(lab, plain).asks(udp, 0));
    }
}

TEST_CASE("policy table: learned_max_names and tcp_holdoff_ms are the instance's") {
    exchange::InstanceConfig config;
    config.learned_max_names = 0;
    config.tcp_holdoff_ms = 50;
    Lab lab(transport(UNCUT_UPSTREAM_LEARNED), config);
    Story story(lab, plain);
    story.datagram(0, answer_to(story.asked()).tc());
    story.stream(0, answer_to(story.asked()).a(22));
    CHECK(Story(lab, plain).asks(udp, 0));
    lab.instance.hold_off_tcp(0, lab.now_us);
    CHECK(lab.instance.tcp_held_off(0, lab.now_us + 49'999));
    CHECK_FALSE(lab.instance.tcp_held_off(0, lab.now_us + 50'000));
}

TEST_CASE("policy table: CoreDNS's three behaviours are presets") {
    Lab lab(*policy::preset("coredns-default"));
    Story before(lab, plain);
    CHECK(before.datagram(0, answer_to(before.asked()).tc()).tc());
    CHECK(Story(lab, plain, over_tcp).asks(tcp, 0));
    lab.set(*policy::preset("coredns-prefer-udp"));
    Story prefer(lab, plain, over_tcp);
    REQUIRE(prefer.asks(udp, 0));
    CHECK(prefer.datagram(0, answer_to(prefer.asked()).tc()).asks(tcp, 0));
    lab.set(*policy::preset("coredns-force-tcp"));
    CHECK(Story(lab, plain).asks(tcp, 0));
}

TEST_CASE("policy table: a policy that changes meanwhile is for exchanges that begin later") {
    Lab lab;
    Story story(lab, plain);
    Policy off;
    off.enabled = false;
    lab.set(off);
    CHECK(story.datagram(0, answer_to(story.asked()).tc()).asks(tcp, 0));
}
