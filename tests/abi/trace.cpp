// SPDX-License-Identifier: Apache-2.0
// What an engine tells a host that asked to be told.
#include "tests/abi/engines.hpp"

using namespace uncut::abi_test;

namespace {

void remember(void* host, const uncut_trace_event* event) {
    Octets message;
    if (event->octets != 0) message.assign(event->message, event->message + event->octets);
    static_cast<Host*>(host)->traced.emplace_back(*event, std::move(message));
}

std::vector<std::uint32_t> kinds(const Host& host, std::uint64_t token) {
    std::vector<std::uint32_t> all;
    for (const auto& [event, message] : host.traced) {
        if (event.token == token) all.push_back(event.kind);
    }
    return all;
}

}  // namespace

TEST_CASE("an engine tells each step of a submission in its order, between submit and the completion") {
    Engine engine(60, 100, remember);
    const Octets asked = query("www.example.com", 1232, 0xbee0);
    std::uint64_t ticket = 0;
    REQUIRE(engine.submit(asked, 42, &ticket) == UNCUT_OK);
    REQUIRE(engine.host.traced.size() == 1);  // from inside submit
    const auto& [start, taken] = engine.host.traced[0];
    CHECK(start.size == UNCUT_STRUCT_SIZE(uncut_trace_event, octets));
    CHECK(start.kind == UNCUT_TRACE_START);
    CHECK(start.token == 42);
    CHECK(start.revision == 1);
    CHECK(start.transport == UNCUT_TRANSPORT_UDP);
    CHECK(taken == asked);

    REQUIRE(engine.run_until(1));
    const std::vector<std::uint32_t> steps = {UNCUT_TRACE_START, UNCUT_TRACE_ASK, UNCUT_TRACE_ANSWER, UNCUT_TRACE_ASK,
                                              UNCUT_TRACE_ANSWER};
    REQUIRE(kinds(engine.host, 42) == steps);
    const auto& traced = engine.host.traced;
    CHECK(traced[1].first.transport == UNCUT_TRANSPORT_UDP);
    CHECK(traced[1].second.size() == asked.size());
    CHECK(traced[2].first.transport == UNCUT_TRANSPORT_UDP);
    CHECK(traced[2].first.verdict == UNCUT_VERDICT_TRUNCATED);
    CHECK(traced[2].first.socket == traced[1].first.socket);
    CHECK((traced[2].second[2] & 0x02) != 0);  // TC, as it came
    CHECK(traced[3].first.transport == UNCUT_TRANSPORT_TCP);
    CHECK(traced[3].first.shared == 0);
    CHECK(traced[4].first.transport == UNCUT_TRANSPORT_TCP);
    CHECK(traced[4].first.verdict == UNCUT_VERDICT_WHOLE);
    for (std::size_t i = 1; i < traced.size(); ++i) {
        CHECK(traced[i].first.time_us >= traced[i - 1].first.time_us);
        CHECK(traced[i].first.cause == UNCUT_CAUSE_NONE);
        CHECK(traced[i].first.upstream == 0);
    }
}

TEST_CASE("a submission that joins a query in flight is told so") {
    Engine engine(60, 100, remember);
    const Octets asked = query("www.example.com", 1232);
    std::uint64_t ticket = 0;
    for (std::uint64_t token = 1; token <= 3; ++token) REQUIRE(engine.submit(asked, token, &ticket) == UNCUT_OK);
    REQUIRE(engine.run_until(3));
    std::size_t own = 0;
    std::size_t shared = 0;
    for (const auto& [event, message] : engine.host.traced) {
        if (event.kind == UNCUT_TRACE_ASK && event.transport == UNCUT_TRANSPORT_TCP)
            ++(event.shared != 0 ? shared : own);
    }
    CHECK(own == engine.upstream.tcp_queries());
    CHECK(own + shared == 3);
    CHECK(shared >= 1);
}

TEST_CASE("a datagram that leads to no submission is told as a stray of the socket it came to") {
    Engine engine(1, 100, remember);
    engine.upstream.answer_with_wrong_id_first();
    std::uint64_t ticket = 0;
    REQUIRE(engine.submit(query("www.example.com", 1232), 7, &ticket) == UNCUT_OK);
    REQUIRE(engine.run_until(1));
    const auto& traced = engine.host.traced;
    REQUIRE(traced.size() == 4);
    CHECK(traced[2].first.kind == UNCUT_TRACE_STRAY);
    CHECK(traced[2].first.cause == UNCUT_CAUSE_ID);
    CHECK(traced[2].first.socket == traced[1].first.socket);
    CHECK_FALSE(traced[2].second.empty());
    CHECK(traced[3].first.kind == UNCUT_TRACE_ANSWER);
}

TEST_CASE("a host of the release before the trace gets an engine without one") {
    Engine engine(1, 100, remember);
    uncut_engine* older = nullptr;
    auto config = engine.config;
    config.size = UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case);
    REQUIRE(table().engine_create(engine.instance.get(), &config, &older) == UNCUT_OK);
    std::uint64_t ticket = 0;
    auto submission = sized<uncut_submission>();
    const Octets asked = query("www.example.com", 1232);
    submission.transport = UNCUT_TRANSPORT_UDP;
    submission.message = asked.data();
    submission.octets = asked.size();
    CHECK(table().engine_submit(older, &submission, &ticket) == UNCUT_OK);
    CHECK(table().engine_destroy(older) == UNCUT_OK);
    CHECK(engine.host.traced.empty());
}
