// SPDX-License-Identifier: Apache-2.0
// The room's public functions: what they refuse, and that refusing changes nothing.
#include "module/exchange/exchange.hpp"

#include <thread>

#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Bytes plain = Make("www.example.").id(0x1234);

struct Room {
    alignas(UNCUT_STORAGE_ALIGNMENT) std::uint8_t state[1024];
    Bytes out = Bytes(65535);
    exchange::Exchange* begun = nullptr;
    Action action;
};

Status start(Lab& lab, Room& room, const exchange::Query& query, std::size_t state, std::size_t out) {
    const exchange::Storage storage{{room.state, state}, {}};
    const std::span<std::uint8_t> to = std::span(room.out).first(out);
    return exchange::start(lab.instance, query, storage, lab.now_us, to, room.begun, room.action);
}

exchange::Query query_of(const Bytes& message) {
    exchange::Query query;
    query.message = message;
    return query;
}

}  // namespace

TEST_CASE("exchange: start refuses what is wrong, and nothing has begun") {
    Lab lab;
    Room room;
    exchange::Query query = query_of(plain);
    query.upstream_count = 0;
    CHECK(start(lab, room, query, 1024, 65535) == UNCUT_MISUSE_VALUE);
    query.upstream_count = 17;
    CHECK(start(lab, room, query, 1024, 65535) == UNCUT_LIMIT_UPSTREAMS);
    query.upstream_count = 2;
    query.upstream_first = 2;
    CHECK(start(lab, room, query, 1024, 65535) == UNCUT_MISUSE_VALUE);
    query.upstream_first = 0;
    query.transport = 3;
    CHECK(start(lab, room, query, 1024, 65535) == UNCUT_MISUSE_VALUE);
    query.transport = udp;
    const Bytes long_one(65536);
    CHECK(start(lab, room, query_of(long_one), 1024, 65535) == UNCUT_LIMIT_OCTETS);
    const std::size_t needed = exchange::needs(lab.instance, query).state_octets;
    CHECK(start(lab, room, query, needed - 1, 65535) == UNCUT_MISUSE_SHORT_BUFFER);
    CHECK(room.action.octets == 0);
    CHECK(start(lab, room, query, needed, 20) == UNCUT_MISUSE_SHORT_BUFFER);
    const std::size_t enough = room.action.octets;
    CHECK(enough > 20);
    const exchange::Storage crooked{{room.state + 8, 1000}, {}};
    CHECK(exchange::start(lab.instance, query, crooked, 0, room.out, room.begun, room.action) ==
          UNCUT_MISUSE_ALIGNMENT);
    CHECK(room.begun == nullptr);
    CHECK(lab.total() == 0);
    CHECK(start(lab, room, query, needed, enough) == UNCUT_OK);
    CHECK(room.begun != nullptr);
    CHECK(lab.count(Counter::started) == 1);
    CHECK(exchange::cancel(*room.begun) == UNCUT_OK);
}

TEST_CASE("exchange: a buffer that is too short for what an event brings leaves the event unconsumed") {
    Lab lab;
    Story story(lab, plain);
    const Bytes truncated = answer_to(story.asked()).a(5).tc();
    // tell() looks at state and counters, and comes again with what was asked for.
    story.tell({UNCUT_EVENT_MESSAGE, 0, udp, 0, false, truncated}, 30);
    REQUIRE(story.asks(tcp, 0));
    const Bytes whole = answer_to(story.asked()).a(200);
    story.tell({UNCUT_EVENT_MESSAGE, 0, tcp, 0, false, whole}, 100);
    CHECK(story.delivers());
}

TEST_CASE("exchange: events that make no sense are refused or waited out") {
    Lab lab;
    Story story(lab, plain);
    Action action;
    Bytes out(65535);
    const auto status_of = [&](const exchange::Event& event) {
        return exchange::on_event(story.exchange(), event, lab.now_us, out, action);
    };
    CHECK(status_of({77, 0, udp, 0, false, {}}) == UNCUT_MISUSE_VALUE);
    CHECK(status_of({UNCUT_EVENT_MESSAGE, 0, 9, 0, false, plain}) == UNCUT_MISUSE_VALUE);
    CHECK(status_of({UNCUT_EVENT_FAILED, 0, 0, UNCUT_CAUSE_RESET, false, {}}) == UNCUT_MISUSE_VALUE);
    const Bytes long_one(65536);
    CHECK(status_of({UNCUT_EVENT_MESSAGE, 0, udp, 0, false, long_one}) == UNCUT_LIMIT_OCTETS);
    CHECK(lab.total() == 2);  // started, asked
    CHECK(story.datagram(4000000000u, plain).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.stream(4000000000u, plain).waits(UNCUT_CAUSE_SOURCE));
    CHECK(story.fails(4000000000u, udp, UNCUT_CAUSE_RESET).waits(UNCUT_CAUSE_LATE));
    CHECK(story.fails(4000000000u, tcp, 12345).waits(UNCUT_CAUSE_LATE));
    CHECK(story.fails(0, udp, 12345).asks(udp, 0));  // a failure is one, whatever it calls itself
}

TEST_CASE("exchange: the clock may begin anywhere, and at the end of time too") {
    for (const std::uint64_t now_us : {std::uint64_t{0}, ~std::uint64_t{0} - 10, ~std::uint64_t{0}}) {
        Lab lab;
        lab.now_us = now_us;
        Story story(lab, plain);
        for (int events = 0; events < 10 && !story.is_over(); ++events) story.times_out();
        CHECK(story.delivers());
    }
}

TEST_CASE("exchange: a query is not touched, and not needed after start") {
    Lab lab;
    Bytes query = plain;
    Room room;
    REQUIRE(start(lab, room, query_of(query), 1024, 65535) == UNCUT_OK);
    CHECK(query == plain);
    std::fill(query.begin(), query.end(), std::uint8_t{0xff});
    const Bytes asked(room.out.begin(), room.out.begin() + static_cast<std::ptrdiff_t>(room.action.octets));
    const Bytes answer = answer_to(asked).a(1);
    const exchange::Event event{UNCUT_EVENT_MESSAGE, 0, udp, 0, false, answer};
    REQUIRE(exchange::on_event(*room.begun, event, lab.now_us, room.out, room.action) == UNCUT_OK);
    CHECK(room.action.kind == UNCUT_ACTION_DELIVER);
    CHECK(Bytes(room.out.begin() + 12, room.out.begin() + 29) == Bytes(plain.begin() + 12, plain.end()));
}

TEST_CASE("exchange: what is needed of storage for an answer to keep") {
    Policy policy;
    policy.client_bufsize = 2000;
    Lab lab(policy);
    const auto kept = [&lab](const Bytes& message, std::uint32_t transport) {
        exchange::Query query = query_of(message);
        query.transport = transport;
        return exchange::needs(lab.instance, query).kept_octets;
    };
    const Bytes with_opt = Make("www.example.").edns(4096);
    CHECK(kept(plain, udp) == 512);
    CHECK(kept(with_opt, udp) == 2000);
    CHECK(kept(with_opt, tcp) == 0);  // UDP is not asked
    CHECK(kept(Make("www.example.").opcode(5), udp) == 0);
    CHECK(kept({}, udp) == 0);
    policy.upstream_transport = UNCUT_UPSTREAM_TCP;
    lab.set(policy);
    CHECK(kept(with_opt, udp) == 0);
    policy.upstream_transport = UNCUT_UPSTREAM_UDP_FIRST;
    lab.set(policy);
    CHECK(kept(with_opt, tcp) == 65535);
}

TEST_CASE("exchange: exchanges of one instance on two threads lose no count", "[threads]") {
    Lab lab;
    const auto run = [&lab](std::uint64_t seed, int& wrong) {
        alignas(UNCUT_STORAGE_ALIGNMENT) std::uint8_t state[1024];
        std::uint8_t kept[512];
        Bytes out(65535);
        for (std::uint64_t number = 0; number < 2000; ++number) {
            exchange::Query query = query_of(plain);
            query.entropy = seed << 32 | number;
            exchange::Exchange* begun = nullptr;
            Action action;
            const exchange::Storage storage{state, kept};
            if (exchange::start(lab.instance, query, storage, number, out, begun, action) != UNCUT_OK) ++wrong;
            for (const bool tc : {true, false}) {
                Make answer = answer_to(Bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(action.octets)));
                if (tc) answer.tc();
                const exchange::Event event{UNCUT_EVENT_MESSAGE, 0, tc ? udp : tcp, 0, false, answer.bytes()};
                if (exchange::on_event(*begun, event, number, out, action) != UNCUT_OK) ++wrong;
            }
            if (action.kind != UNCUT_ACTION_DELIVER) ++wrong;
        }
    };
    int wrong_one = 0;
    int wrong_other = 0;
    std::thread one(run, 1, std::ref(wrong_one));
    std::thread other(run, 2, std::ref(wrong_other));
    one.join();
    other.join();
    CHECK(wrong_one + wrong_other == 0);
    CHECK(lab.count(Counter::started) == 4000);
    CHECK(lab.count(Counter::delivered) == 4000);
    CHECK(lab.count(Counter::retry_ok) == 4000);
}
