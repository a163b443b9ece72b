// SPDX-License-Identifier: Apache-2.0
// Exchanges driven by chance, and the promises looked at after every step. A seed replays everything.
#include <random>

#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

// More events than one exchange can have without ending it; the rest is told by timeouts.
constexpr int events_max = 60;
constexpr int exchanges_a_seed = 25;
constexpr std::uint64_t seeds = 300;

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : generator_(seed) {}
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(generator_() % bound); }
    bool one_in(std::uint32_t bound) { return below(bound) == 0; }
    std::uint64_t bits() { return generator_(); }
    template <typename T>
    T pick(std::initializer_list<T> from) {
        return from.begin()[below(static_cast<std::uint32_t>(from.size()))];
    }

  private:
    std::mt19937_64 generator_;
};

Policy any_policy(Chance& chance) {
    Policy policy;
    policy.enabled = !chance.one_in(8);
    policy.retry_truncated = !chance.one_in(5);
    policy.upstream_transport = static_cast<std::uint8_t>(chance.below(4));
    policy.suspect = static_cast<std::uint8_t>(chance.pick({0u, 7u, 7u, chance.below(8)}));
    policy.upstream_edns = static_cast<std::uint8_t>(chance.below(2));
    policy.fit = static_cast<std::uint8_t>(chance.below(4));
    policy.on_tcp_failure = static_cast<std::uint8_t>(chance.below(3));
    policy.udp_tries = static_cast<std::uint8_t>(1 + chance.below(UNCUT_UDP_TRIES_MAX));
    policy.upstream_bufsize = static_cast<std::uint16_t>(512 + chance.below(3585));
    policy.client_bufsize = chance.pick<std::uint16_t>({512, 700, 1232, 4096, 65535});
    policy.udp_timeout_ms = 1 + chance.below(1500);
    policy.tcp_timeout_ms = 1 + chance.below(2500);
    policy.deadline_ms = 1 + chance.below(6000);
    policy.learned_ttl_s = chance.pick({0u, 1u, 300u});
    return policy;
}

Make any_query(Chance& chance) {
    const char* const name = chance.pick({"www.example.", "WWW.example.", "a.b.c.d.e.f.example.", "."});
    Make query(name, chance.pick<std::uint16_t>({1, 28, 16, 255}));
    query.id(static_cast<std::uint16_t>(chance.bits()));
    if (chance.one_in(4)) query.set(wire::flag::cd | wire::flag::ad);
    if (chance.one_in(2)) {
        const Bytes options = chance.one_in(3) ? option(10, Bytes(8)) : option(65001, Bytes(chance.below(40)));
        query.edns(static_cast<std::uint16_t>(chance.below(5000)), chance.one_in(2), options);
    }
    return query;
}

// An answer of some kind to `asked`: whole, truncated, chained, refused, large, with an OPT or without.
Make any_answer(Chance& chance, const Bytes& asked) {
    Make answer = answer_to(asked);
    if (chance.one_in(6)) answer.cname("end.example.");
    if (!chance.one_in(5)) answer.a(chance.pick({0u, 1u, 22u, 60u, 200u}));
    if (chance.one_in(8)) answer.soa();
    if (chance.one_in(3)) answer.tc();
    if (chance.one_in(6)) answer.rcode(chance.pick({1u, 2u, 3u, 4u, 5u}));
    if (chance.one_in(12)) answer.without_question().counts(wire::answer, 0).counts(wire::authority, 0);
    if (chance.one_in(2))
        answer.edns(static_cast<std::uint16_t>(chance.below(5000)), chance.one_in(2),
                    option(65002, Bytes(chance.below(60))), chance.one_in(10) ? 1 : 0);
    return answer;
}

// The same, spoiled in a way that must never be taken for an answer over UDP.
Bytes any_forgery(Chance& chance, const Bytes& asked) {
    Make answer = any_answer(chance, asked);
    const auto id = wire::id(asked.data());
    switch (chance.below(6)) {
        case 0:
            return answer.id(static_cast<std::uint16_t>(id ^ (1 + chance.below(65535))));
        case 1:
            return answer.clear(wire::flag::qr);
        case 2:
            return answer.opcode(1 + chance.below(15));
        case 3:
            return answer_to(Make("else.example.").id(id)).a(chance.below(30));
        case 4:
            return answer.octets({0});
        default:
            return Make(answer).cut_to(chance.below(12));
    }
}

// What is asked upstream, in order, so that late and doubled answers can be made.
struct Asked {
    Bytes query;
    std::uint32_t upstream;
    std::uint32_t transport;
};

struct Run {
    Lab& lab;
    Chance& chance;
    const Policy policy;
    const Make query;
    const wire::Message view;
    const Setup setup;
    std::vector<Asked> asked{};
    std::uint64_t ignored = 0;
};

void check_ask(Run& run, const Story& story) {
    const Action& action = story.action();
    const std::uint32_t transport = action.kind == UNCUT_ACTION_ASK_UDP ? udp : tcp;
    wire::Message asked;
    REQUIRE(wire::parse(story.asked(), asked) == UNCUT_OK);
    REQUIRE(action.upstream < run.setup.upstreams);
    REQUIRE(action.until_us > run.lab.now_us);
    REQUIRE(action.until_us <= story.started_us() + run.policy.deadline_ms * std::uint64_t{1000});
    REQUIRE(Bytes(asked.question().begin(), asked.question().end()) ==
            Bytes(run.view.question().begin(), run.view.question().end()));
    if (run.policy.enabled && asked.has(UNCUT_FACT_OPT)) REQUIRE(asked.udp_payload_size <= run.policy.upstream_bufsize);
    run.asked.push_back({story.asked(), action.upstream, transport});
    std::uint32_t same = 0;
    for (const Asked& one : run.asked) same += one.transport == tcp && one.upstream == action.upstream ? 1 : 0;
    if (transport == tcp) REQUIRE(same <= 2);  // the second is the one without the OPT
    REQUIRE(run.asked.size() <= UNCUT_UDP_TRIES_MAX + UNCUT_UPSTREAMS_MAX + 2);
}

void check_delivery(const Run& run, const Story& story) {
    const wire::Message& response = story.response();
    REQUIRE(response.id == run.view.id);
    REQUIRE(response.opcode == run.view.opcode);
    REQUIRE((response.flags & wire::flag::qr) != 0);
    REQUIRE(response.counts[wire::question] == 1);
    REQUIRE(Bytes(response.question().begin(), response.question().end()) ==
            Bytes(run.view.question().begin(), run.view.question().end()));
    REQUIRE(response.has(UNCUT_FACT_OPT) == run.view.has(UNCUT_FACT_OPT));
    if (run.policy.enabled && run.setup.transport == udp) {
        const std::uint32_t limit = std::max<std::uint32_t>(
            512, std::min<std::uint32_t>(wire::effective_payload_size(run.view), run.policy.client_bufsize));
        REQUIRE(story.octets().size() <= limit);
    }
    const bool tc_for_tcp = run.setup.transport == tcp && response.tc();
    if (tc_for_tcp) REQUIRE((!run.policy.enabled || !run.policy.retry_truncated));
}

void check(Run& run, const Story& story, const exchange::Event& event, std::uint64_t until_us) {
    const Action& action = story.action();
    if (action.kind == UNCUT_ACTION_ASK_UDP || action.kind == UNCUT_ACTION_ASK_TCP) check_ask(run, story);
    if (story.delivers()) check_delivery(run, story);
    if (action.kind == UNCUT_ACTION_WAIT) {
        REQUIRE(action.until_us == until_us);
        if (event.kind == UNCUT_EVENT_MESSAGE) ++run.ignored;
    }
    REQUIRE(run.lab.sum("ignored_datagrams") == run.ignored);
    REQUIRE(run.lab.in_flight() == (story.is_over() ? 0 : 1));
}

// One event; true when it must not end the wait.
bool tell_something(Run& run, Story& story) {
    Chance& chance = run.chance;
    const Asked& current = run.asked.back();
    const Asked& any = run.asked[chance.below(static_cast<std::uint32_t>(run.asked.size()))];
    const std::size_t capacity = chance.one_in(4) ? chance.below(600) : UNCUT_MESSAGE_OCTETS_MAX;
    const std::uint64_t until_us = story.action().until_us;
    exchange::Event event{UNCUT_EVENT_MESSAGE, current.upstream, current.transport, 0, false, {}};
    Bytes message;
    bool must_wait = false;
    switch (chance.below(10)) {
        case 0:  // the right answer, whatever it says
            message = any_answer(chance, current.query);
            break;
        case 1:  // an answer to any ask so far: late, doubled, or on time
            message = any_answer(chance, any.query);
            event.upstream = any.upstream;
            event.transport = any.transport;
            break;
        case 2:
            message = any_answer(chance, any.query);
            message.resize(chance.below(static_cast<std::uint32_t>(message.size()) + 1));
            event.kernel_cut = chance.one_in(2);
            break;
        case 3: {  // one octet is another
            message = any_answer(chance, any.query);
            message[chance.below(static_cast<std::uint32_t>(message.size()))] =
                static_cast<std::uint8_t>(chance.bits());
            event.transport = chance.pick({udp, tcp});
            break;
        }
        case 4:
            message.resize(chance.below(80));
            for (std::uint8_t& octet : message) octet = static_cast<std::uint8_t>(chance.bits());
            event.upstream = chance.below(20);
            break;
        case 5:
            event.kind = UNCUT_EVENT_FAILED;
            event.cause = UNCUT_CAUSE_REFUSED + chance.below(10);
            break;
        case 6:
            event.kind = UNCUT_EVENT_FAILED;
            event.cause = UNCUT_CAUSE_REFUSED + chance.below(10);
            event.upstream = chance.below(20);
            event.transport = chance.pick({udp, tcp});
            break;
        case 7:
            event.kind = UNCUT_EVENT_TIMEOUT;
            run.lab.now_us = std::max(run.lab.now_us, until_us);
            break;
        default:
            message = any_forgery(chance, current.query);
            event.transport = udp;
            must_wait = true;
    }
    event.message = message;
    story.tell(event, capacity);
    check(run, story, event, until_us);
    return !must_wait || story.action().kind == UNCUT_ACTION_WAIT;
}

void run_one(Lab& lab, Chance& chance, std::uint64_t& ignored) {
    const Policy policy = any_policy(chance);
    lab.set(policy);
    const Make query = any_query(chance);
    wire::Message view;
    REQUIRE(wire::parse(query.bytes(), view) == UNCUT_OK);
    Setup setup;
    setup.transport = chance.pick({udp, udp, tcp});
    setup.upstreams = 1 + chance.below(4);
    setup.first = chance.below(setup.upstreams);
    setup.entropy = chance.bits();
    if (chance.one_in(5)) setup.kept_max = chance.below(300);
    const std::uint64_t retries = lab.sum("tcp_retries");
    const std::uint64_t truncated = lab.sum("truncated_responses");
    Run run{lab, chance, policy, query, view, setup, {}, ignored};
    Story story(lab, query, setup);
    check(run, story, {}, 0);
    for (int events = 0; events < events_max && !story.is_over(); ++events) {
        lab.now_us += chance.below(200'000);
        REQUIRE(tell_something(run, story));
    }
    while (!story.is_over()) {
        const std::uint64_t until_us = std::max(story.action().until_us, lab.now_us);
        story.times_out();
        check(run, story, {}, until_us);
    }
    ignored = run.ignored;
    const bool retries_on = policy.enabled && policy.retry_truncated;
    const std::uint64_t retried = lab.sum("tcp_retries") - retries;
    REQUIRE(retried == (retries_on ? lab.sum("truncated_responses") - truncated : 0));
    lab.now_us += chance.below(3'000'000);
}

}  // namespace

TEST_CASE("random: the promises hold and the counters add up, whatever arrives") {
    std::uint64_t ended = 0;
    std::uint64_t tcp_answers = 0;
    std::uint64_t fallbacks = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        INFO("seed " << seed);
        Chance chance(seed);
        exchange::InstanceConfig config;
        config.learned_max_names = chance.below(20);
        config.tcp_holdoff_ms = chance.below(4000);
        Lab lab({}, config);
        std::uint64_t ignored = 0;
        for (int exchanges = 0; exchanges < exchanges_a_seed; ++exchanges) run_one(lab, chance, ignored);
        CHECK(lab.in_flight() == 0);
        CHECK(lab.count(Counter::started) == exchanges_a_seed);
        CHECK(lab.count(Counter::delivered) == exchanges_a_seed);
        ended += lab.count(Counter::delivered);
        tcp_answers += lab.count(Counter::retry_ok);
        fallbacks += lab.sum("tcp_retries") - lab.count(Counter::retry_ok);
    }
    // Chance reached what it was to reach.
    CHECK(ended == seeds * exchanges_a_seed);
    CHECK(tcp_answers > 20);
    CHECK(fallbacks > 20);
}
