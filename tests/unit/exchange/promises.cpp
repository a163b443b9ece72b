// SPDX-License-Identifier: Apache-2.0
// What an exchange promises, whatever arrives: the seven of README.md, one test each.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make shouted = Make("wWw.ExAmPlE.").id(0xbeef);

// Ends of an exchange of every kind that carries an answer: whole over UDP, whole over TCP, kept, empty, restored
// question, SERVFAIL made here. `check` looks at each.
template <typename Check>
void for_each_delivery(const Make& query, std::uint32_t transport, Check check) {
    for (const std::uint32_t on_failure : {0u, 1u, 2u}) {
        Policy policy;
        policy.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST;
        policy.on_tcp_failure = static_cast<std::uint8_t>(on_failure);
        policy.upstream_edns = on_failure == 0 ? UNCUT_EDNS_ADD : UNCUT_EDNS_KEEP;
        Lab lab(policy);
        for (const bool opt : {false, true}) {
            const auto answer = [opt](const Bytes& asked, std::uint32_t count) {
                Make made = answer_to(asked).a(count);
                if (opt) made.edns(4096, true, option(65001, Bytes(30, 'o')));
                return made;
            };
            const Setup setup{.transport = transport};
            Story whole(lab, query, setup);
            check(whole.datagram(0, answer(whole.asked(), 3)));
            Story retried(lab, query, setup);
            retried.datagram(0, answer(retried.asked(), 3).tc());
            check(retried.stream(0, answer(retried.asked(), 300)));
            Story failed(lab, query, setup);
            failed.datagram(0, answer(failed.asked(), 25).tc());
            check(failed.fails(0, tcp, UNCUT_CAUSE_RESET));
            Story refused(lab, query, setup);
            Make refusal = answer_to(refused.asked()).without_question().rcode(5);
            if (opt) refusal.edns(4096);
            check(refused.datagram(0, refusal));
            Story extended(lab, query, setup);
            check(extended.datagram(0, answer_to(extended.asked()).edns(4096, false, {}, 2)));
            Story silent(lab, query, setup);
            while (!silent.is_over()) silent.times_out();
            check(silent);
        }
    }
}

}  // namespace

TEST_CASE("promise 1: exactly one end, at the latest at the deadline, however much arrives that is no answer") {
    for (const std::uint32_t transport : {udp, tcp}) {
        Lab lab;
        Story story(lab, shouted, {.transport = transport, .upstreams = 2});
        int ends = 0;
        for (int event = 0; event < 10000 && !story.is_over(); ++event) {
            story.after_ms(1);
            if (lab.now_us >= story.action().until_us)
                story.times_out();
            else
                story.datagram(static_cast<std::uint32_t>(event % 3), answer_to(Make("other.example.")).a(1));
            if (story.is_over()) ++ends;
        }
        CHECK(ends == 1);
        CHECK(story.lasted_ms() == (transport == udp ? 4500u : 4000u));  // two upstreams over TCP, 2 s each
        CHECK(story.rcode() == wire::rcode::servfail);
        CHECK(lab.count(Counter::started) == 1);
        CHECK(lab.count(Counter::delivered) == 1);
        CHECK(lab.in_flight() == 0);
        // That nothing can be told to an exchange that is over is looked at after every end of every story.
    }
}

TEST_CASE("promise 2: what is delivered has the client's ID, opcode, question and letter case") {
    for (const std::uint32_t transport : {udp, tcp}) {
        for (const Make& query : {shouted, Make(shouted).edns(1232)}) {
            for_each_delivery(query, transport, [](const Story& story) {
                CHECK(story.response().id == 0xbeef);
                CHECK(story.response().opcode == wire::opcode::query);
                CHECK((story.response().flags & wire::flag::qr) != 0);
                REQUIRE(story.response().counts[wire::question] == 1);
                const Octets question = story.response().question();
                const Bytes& asked = shouted.bytes();
                CHECK(Bytes(question.begin(), question.end()) == Bytes(asked.begin() + 12, asked.end()));
            });
        }
    }
    // The upstream's letter case is not the client's.
    Lab lab;
    Story story(lab, shouted);
    const auto id = wire::id(story.asked().data());
    story.datagram(0, answer_to(Make("www.example.").id(id)).a(1));
    CHECK(story.octets()[13] == 'w');
    CHECK(story.octets()[14] == 'W');
}

TEST_CASE("promise 3: a datagram that is not ours, or ours and malformed, never ends the wait, TC set or not") {
    Lab lab;
    Story story(lab, shouted);
    const Bytes asked = story.asked();
    const Bytes good = answer_to(asked).a(2);
    std::uint64_t told = 0;
    // Every single bit of the header's first half and of the question, flipped.
    for (std::size_t bit = 0; bit < 8 * (wire::header_octets + 17); ++bit) {
        const std::size_t octet = bit / 8;
        const bool in_match = octet < 2 || octet >= wire::header_octets || bit / 8 == 2;
        const bool is_flag_only = octet == 2 && (7 - bit % 8) < 3;  // AA, TC, RD
        if (!in_match || is_flag_only) continue;
        for (const std::uint32_t tc : {0u, std::uint32_t{wire::flag::tc}}) {
            Bytes wrong = good;
            wrong[octet] = static_cast<std::uint8_t>(wrong[octet] ^ 0x80 >> bit % 8);
            wire::set_flags(wrong.data(), wire::flags(wrong.data()) | tc);
            wire::Message view;
            // A letter's case is not a difference.
            const bool same = wire::parse(wrong, view) == UNCUT_OK && octet >= wire::header_octets && bit % 8 == 2 &&
                              std::isalpha(good[octet]) != 0;
            if (same) continue;
            INFO("bit " << bit);
            story.datagram(0, wrong);
            REQUIRE(story.action().kind == UNCUT_ACTION_WAIT);
            ++told;
        }
    }
    CHECK(told > 200);
    CHECK(lab.sum("ignored_datagrams") == told);
    CHECK(story.datagram(0, good).answers() == 2);
    // Over TCP such a message fails the attempt at once.
    Story stream(lab, shouted, {.transport = tcp});
    stream.stream(0, answer_to(stream.asked()).id(0));
    CHECK(stream.rcode() == wire::rcode::servfail);
}

TEST_CASE("promise 4: OPT in, OPT out; no OPT in, no OPT out") {
    for (const std::uint32_t transport : {udp, tcp}) {
        for_each_delivery(shouted, transport, [](const Story& story) {
            CHECK_FALSE(story.response().has(UNCUT_FACT_OPT));
            CHECK(story.response().counts[wire::additional] == 0);
        });
        for_each_delivery(Make(shouted).edns(512, true), transport, [](const Story& story) {
            CHECK(story.response().has(UNCUT_FACT_OPT));
            CHECK(story.response().counts[wire::additional] == 1);
            CHECK(story.response().udp_payload_size == 1232);
        });
    }
}

TEST_CASE("promise 5: over UDP never longer than client and policy allow, and TC where something is left out") {
    struct Row {
        std::uint16_t advertised;  // 0: no OPT
        std::size_t limit;
    };
    for (const Row row : {Row{0, 512}, Row{1, 512}, Row{511, 512}, Row{513, 513}, Row{1232, 1232}, Row{65535, 1232}}) {
        Make query = shouted;
        if (row.advertised != 0) query.edns(row.advertised);
        for_each_delivery(query, udp, [row](const Story& story) {
            CHECK(story.octets().size() <= row.limit);
            if (story.action().transport == tcp) CHECK(story.tc());  // 300 addresses fit nowhere here
        });
        // The edge itself: as many addresses as just fit, and one more.
        Policy policy;
        policy.suspect = 0;
        Lab lab(policy);
        const std::size_t opt = row.advertised != 0 ? wire::opt_octets_min : 0;
        const auto fitting = static_cast<std::uint32_t>((row.limit - shouted.size() - opt) / 16);
        for (const std::uint32_t count : {fitting, fitting + 1}) {
            Story story(lab, query);
            story.datagram(0, answer_to(story.asked()).a(count));
            CHECK(story.tc() == (count > fitting));
            CHECK(story.octets().size() <= row.limit);
        }
    }
}

TEST_CASE("promise 6: asks, time and memory are bounded") {
    Policy policy;
    policy.udp_tries = UNCUT_UDP_TRIES_MAX;
    policy.upstream_edns = UNCUT_EDNS_ADD;
    policy.deadline_ms = 60000;
    policy.udp_timeout_ms = 60000;
    Lab lab(policy);
    // Every upstream refuses at once, and one refuses the OPT: as many asks as there can be.
    Story story(lab, shouted, {.upstreams = UNCUT_UPSTREAMS_MAX});
    story.datagram(0, answer_to(story.asked()).rcode(1));
    std::uint32_t asks = 2;
    while (!story.is_over()) {
        const bool is_udp = story.action().kind == UNCUT_ACTION_ASK_UDP;
        story.fails(story.action().upstream, is_udp ? udp : tcp, UNCUT_CAUSE_REFUSED);
        if (!story.is_over()) ++asks;
        REQUIRE(asks < 100);
    }
    CHECK(lab.count(Counter::asked_udp) == UNCUT_UDP_TRIES_MAX + 1);
    CHECK(lab.count(Counter::asked_tcp) == UNCUT_UPSTREAMS_MAX);
    CHECK(asks == UNCUT_UDP_TRIES_MAX + 1 + UNCUT_UPSTREAMS_MAX);
    CHECK(story.lasted_ms() == 0);
    CHECK(exchange::state_octets_fixed <= 320);
    exchange::Query query;
    query.message = shouted.bytes();
    CHECK(exchange::needs(lab.instance, query).state_octets == exchange::state_octets(shouted.size()));
    CHECK(exchange::needs(lab.instance, query).kept_octets == 512);
}

TEST_CASE("promise 7: what is refused on purpose, what passes untouched, and what is not of one answer") {
    Lab lab;
    const Make two = Make(shouted).octets({0, 0, 1, 0, 1}).counts(wire::question, 2);
    CHECK(Story(lab, two).rcode() == wire::rcode::formerr);
    CHECK(Story(lab, Make(shouted).opcode(6)).rcode() == wire::rcode::notimp);
    CHECK(Story(lab, Make(shouted).edns(512).edns(512)).rcode() == wire::rcode::formerr);
    CHECK(Story(lab, Make(shouted).edns(512, false, {}, 0, 1)).rcode() == wire::rcode::badvers);
    CHECK(lab.sum("upstream_asked") == 0);
    for (const Make& query : {Make(shouted).opcode(5), Make(shouted).opcode(4), Make(shouted).tsig()}) {
        Story story(lab, query);
        CHECK(story.asked() == query.bytes());
        const Bytes answer = answer_to(query).a(100).edns(100).tsig();
        CHECK(story.datagram(0, answer).octets() == answer);
    }
    CHECK(Story(lab, Make("example.", wire::type::axfr)).bypasses());
    CHECK(Story(lab, Make("example.", wire::type::ixfr)).bypasses());
}
