// SPDX-License-Identifier: Apache-2.0
#include "harness/journal/recorder.hpp"

#include <uncut_paths.hpp>

#include "harness/host/module.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using Kind = ExchangeEvent::Kind;

namespace {

using Octets = std::vector<std::uint8_t>;

const Module& module() {
    static const auto opened = Module::open(UNCUT_SO);
    REQUIRE(opened);
    return *opened;
}

/// "WWW.example." A
const Octets query = {0x12, 0x34, 1,   0,   0,   1,   0,   0,   0,   0, 0, 0, 3, 'W', 'W',
                      'W',  7,    'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

Octets answer(bool tc) {
    Octets message = query;
    message[2] = tc ? 0x83 : 0x81;
    return message;
}

/// A journal, a recorder and what an engine would tell it.
struct Desk {
    Journal journal{10};
    Recorder recorder{journal, "uncut"};
    std::vector<Address> upstreams = {Address::loopback(5301), Address::loopback(5302)};
    std::uint64_t now_us = 1000;

    Recorder::Source source() const { return {module().table(), upstreams, 40}; }
    uncut_trace_event event(std::uint32_t kind, const Octets& message = {}) {
        uncut_trace_event made{};
        made.size = UNCUT_STRUCT_SIZE(uncut_trace_event, octets);
        made.kind = kind;
        made.time_us = now_us += 10;
        made.transport = UNCUT_TRANSPORT_UDP;
        made.message = message.empty() ? nullptr : message.data();
        made.octets = message.size();
        return made;
    }
    void begin(std::uint32_t slot) {
        auto start = event(UNCUT_TRACE_START, query);
        start.revision = 2;
        recorder.begin(slot, Address::loopback(40000), start, source());
    }
    void ask(std::uint32_t slot, std::uint32_t socket) {
        auto asked = event(UNCUT_TRACE_ASK, query);
        asked.socket = socket;
        recorder.note(slot, asked, source());
    }
    void deliver(std::uint32_t slot, const Octets& message, std::uint32_t transport = UNCUT_TRANSPORT_TCP) {
        uncut_completion completion{};
        completion.outcome = UNCUT_OUTCOME_DELIVERED;
        completion.message = message.data();
        completion.octets = message.size();
        completion.transport = transport;
        recorder.end(slot, completion);
    }
};

std::vector<Kind> kinds(const ExchangeRecord& record) {
    std::vector<Kind> all;
    for (const ExchangeEvent& event : record.events) all.push_back(event.kind);
    return all;
}

}  // namespace

TEST_CASE("recorder: an exchange from its query to its answer", "[journal]") {
    Desk desk;
    desk.begin(7);
    desk.ask(7, 0);
    const Octets cut = answer(true);
    auto truncated = desk.event(UNCUT_TRACE_ANSWER, cut);
    truncated.verdict = UNCUT_VERDICT_TRUNCATED;
    truncated.upstream = 1;
    desk.recorder.note(7, truncated, desk.source());
    const Octets whole_octets = answer(false);
    auto whole = desk.event(UNCUT_TRACE_ANSWER, whole_octets);
    whole.transport = UNCUT_TRANSPORT_TCP;
    desk.recorder.note(7, whole, desk.source());
    CHECK(desk.journal.last() == 0);
    desk.deliver(7, whole_octets);

    REQUIRE(desk.journal.last() == 1);
    const ExchangeRecord& record = *desk.journal.find(1);
    CHECK(record.server == "uncut");
    CHECK(record.name == "WWW.example.");
    CHECK(record.client == Address::loopback(40000));
    CHECK(record.revision == 42);  // the module's 2, and what went before this load of it
    CHECK(record.outcome == UNCUT_OUTCOME_DELIVERED);
    CHECK(record.verdict == UNCUT_VERDICT_TRUNCATED);  // what was wrong, not that it was mended
    CHECK(record.upstream_transport == UNCUT_TRANSPORT_TCP);
    CHECK(record.query == query);
    CHECK(record.response == whole_octets);
    CHECK(kinds(record) == std::vector{Kind::query, Kind::ask, Kind::answer, Kind::answer, Kind::deliver});
    CHECK(record.events[2].upstream == Address::loopback(5302));
    CHECK(record.events[2].tc == true);
    CHECK(record.events[3].tc == false);
    CHECK(record.events[3].verdict == UNCUT_VERDICT_WHOLE);
    CHECK_FALSE(record.events[1].verdict);
    CHECK(record.events[1].at_us == 10);
    CHECK(record.duration_us == record.events.back().at_us);
}

TEST_CASE("recorder: a stray goes to whoever asked last from the socket it came to", "[journal]") {
    Desk desk;
    desk.begin(0);
    desk.ask(0, 5);
    desk.begin(1);
    desk.ask(1, 6);
    const Octets wrong = answer(false);
    auto stray = desk.event(UNCUT_TRACE_STRAY, wrong);
    stray.cause = UNCUT_CAUSE_ID;
    stray.socket = 5;
    desk.recorder.stray(stray, desk.source());
    stray.socket = 9;  // nobody
    desk.recorder.stray(stray, desk.source());
    stray.socket = UINT32_MAX;
    desk.recorder.stray(stray, desk.source());
    desk.deliver(1, answer(false));
    desk.deliver(0, answer(false));
    CHECK(kinds(*desk.journal.find(1)) == std::vector{Kind::query, Kind::ask, Kind::deliver});
    const ExchangeRecord& struck = *desk.journal.find(2);
    REQUIRE(kinds(struck) == std::vector{Kind::query, Kind::ask, Kind::ignored, Kind::deliver});
    CHECK(struck.events[2].cause == UNCUT_CAUSE_ID);
    CHECK_FALSE(struck.verdict);  // nothing was taken
    // Over: what comes now is nobody's.
    stray.socket = 5;
    desk.recorder.stray(stray, desk.source());
    CHECK(desk.journal.last() == 2);
}

TEST_CASE("recorder: a flood of garbage is counted, not kept, and the end is still seen", "[journal]") {
    Desk desk;
    desk.begin(0);
    const Octets garbage(60'000, 0xff);
    for (int i = 0; i < 1000; ++i) desk.recorder.note(0, desk.event(UNCUT_TRACE_IGNORED, garbage), desk.source());
    desk.deliver(0, answer(false));
    const ExchangeRecord& record = *desk.journal.find(1);
    CHECK(record.events.size() == 100);
    CHECK(record.events.back().kind == Kind::deliver);
    CHECK(record.events_omitted == 1000 - 98);
    CHECK(record.octets() < 600'000);
    CHECK(record.events[50].message.empty());
    CHECK(record.events[50].octets == 60'000U);  // the size is still told
}

TEST_CASE("recorder: a client that goes, a drop, a zone transfer", "[journal]") {
    Desk desk;
    desk.begin(0);
    desk.recorder.abandon(0);
    desk.recorder.abandon(0);  // and nothing more
    desk.begin(0);
    uncut_completion dropped{};
    dropped.outcome = UNCUT_OUTCOME_DROPPED;
    dropped.cause = UNCUT_CAUSE_SILENCE;
    desk.recorder.end(0, dropped);
    desk.begin(0);
    const Octets part = answer(false);
    uncut_completion stream{};
    stream.outcome = UNCUT_OUTCOME_STREAM;
    stream.message = part.data();
    stream.octets = part.size();
    desk.recorder.streamed(0, stream);
    desk.recorder.streamed(0, stream);
    desk.recorder.end(0, dropped);
    REQUIRE(desk.journal.last() == 3);
    CHECK(desk.journal.find(1)->cause == UNCUT_CAUSE_CANCELLED);
    CHECK(desk.journal.find(2)->cause == UNCUT_CAUSE_SILENCE);
    CHECK(kinds(*desk.journal.find(2)) == std::vector{Kind::query, Kind::drop});
    CHECK(desk.journal.find(3)->outcome == UNCUT_OUTCOME_STREAM);
    CHECK(kinds(*desk.journal.find(3)) == std::vector{Kind::query, Kind::deliver, Kind::deliver});
}

TEST_CASE("recorder: however many messages a zone transfer has, its end is still seen", "[journal]") {
    Desk desk;
    const Octets message = answer(false);
    uncut_completion stream{};
    stream.outcome = UNCUT_OUTCOME_STREAM;
    stream.message = message.data();
    stream.octets = message.size();
    desk.begin(0);
    for (int i = 0; i < 1000; ++i) desk.recorder.streamed(0, stream);
    desk.recorder.abandon(0);
    const ExchangeRecord& record = *desk.journal.find(1);
    CHECK(record.events.size() == 100);
    CHECK(record.events.back().kind == Kind::drop);
    CHECK(record.events.back().cause == UNCUT_CAUSE_CANCELLED);
    CHECK(record.events_omitted == 1000 - 98);
}

TEST_CASE("recorder: octets that are no query have no name", "[journal]") {
    Desk desk;
    const Octets garbage = {1, 2, 3};
    desk.recorder.begin(0, Address::loopback(1), desk.event(UNCUT_TRACE_START, garbage), desk.source());
    desk.recorder.abandon(0);
    CHECK(desk.journal.find(1)->name.empty());
    CHECK(desk.journal.find(1)->revision == 0);
}
