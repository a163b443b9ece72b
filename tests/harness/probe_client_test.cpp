// SPDX-License-Identifier: Apache-2.0
// The probe's client against a real server that does wrong, judged by the real module.
#include "harness/probe/probe_client.hpp"

#include <uncut_paths.hpp>

#include "harness/host/module.hpp"
#include "harness/probe/probe_diagnosis.hpp"
#include "harness/upstream/name.hpp"
#include "tests/harness/upstream_running.hpp"

using namespace uncut::harness;
using uncut::harness::upstream::FaultKind;
using uncut::harness::upstream::FaultParameters;
using uncut::test::chain_name;
using uncut::test::RunningUpstream;
using uncut::test::start_upstream;

namespace {

// Short, for what never comes: everything here is on loopback.
constexpr ProbeTimeouts hasty{.udp_ms = 300, .udp_tries = 1, .connect_ms = 1000, .tcp_ms = 300};
// Long, for what does come, on a machine that is busy.
constexpr ProbeTimeouts patient{.udp_ms = 10'000, .udp_tries = 1, .connect_ms = 10'000, .tcp_ms = 10'000};

const Module& module() {
    static const auto opened = Module::open(UNCUT_SO);
    INFO((opened ? std::string() : opened.error()));
    REQUIRE(opened);
    return *opened;
}

std::string chain_wire() {
    return upstream::name_from_text(chain_name).value();
}

ProbeRow udp(const RunningUpstream& server, std::optional<std::uint16_t> bufsize, const ProbeTimeouts& timeouts) {
    return ask_udp(server.upstream->address(), {chain_wire(), 1}, bufsize, timeouts, module().table());
}

ProbeRow tcp(const RunningUpstream& server, const ProbeTimeouts& timeouts) {
    return ask_tcp(server.upstream->address(), {chain_wire(), 1}, timeouts, module().table());
}

}  // namespace

TEST_CASE("What the probe sees of truncation and of the whole answer") {
    const RunningUpstream server = start_upstream();
    const ProbeRow truncated = udp(server, 1232, patient);
    CHECK(truncated.answered());
    CHECK(truncated.verdict == UNCUT_VERDICT_TRUNCATED);
    CHECK(truncated.tc);
    CHECK(truncated.records == 0);
    CHECK(truncated.counts == std::array<std::uint16_t, 3>{2, 0, 0});
    const ProbeRow whole = tcp(server, patient);
    CHECK(whole.verdict == UNCUT_VERDICT_WHOLE);
    CHECK(whole.records == 22);
    CHECK(whole.octets == 530);
    CHECK(truncated.time_ms > 0);
    CHECK(whole.time_ms > 0);
    const auto seen = server.upstream->queries();
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].udp_payload_size == 1232);
    CHECK(seen[0].id != seen[1].id);  // one in 65,536 times this is chance
}

TEST_CASE("Verdicts over UDP are the module's") {
    struct Row {
        FaultKind kind;
        std::uint32_t verdict;
    };
    const auto row = GENERATE(values<Row>({
        {FaultKind::dangling_cname, UNCUT_VERDICT_DANGLING_CNAME},
        {FaultKind::oversize, UNCUT_VERDICT_OVERSIZE},
        {FaultKind::cut, UNCUT_VERDICT_CUT},
        {FaultKind::wrong_id, UNCUT_VERDICT_TRUNCATED},
        {FaultKind::wrong_question, UNCUT_VERDICT_TRUNCATED},
        {FaultKind::garbage, UNCUT_VERDICT_TRUNCATED},
    }));
    const RunningUpstream server = start_upstream({{.kind = row.kind}});
    const ProbeRow found = udp(server, std::nullopt, patient);
    CHECK(found.answered());
    CHECK(found.verdict == row.verdict);
}

TEST_CASE("A wrong answer is reported when no right one comes") {
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::wrong_id}, {.kind = FaultKind::delay, .parameters = {.delay_ms = 60'000}}});
    const ProbeRow found = udp(server, 512, hasty);
    CHECK(found.answered());
    CHECK(found.verdict == UNCUT_VERDICT_NOT_OURS);
}

TEST_CASE("The ways in which TCP fails are told apart") {
    struct Row {
        FaultKind kind;
        FaultParameters parameters;
        ProbeOutcome outcome;
    };
    const auto row = GENERATE(values<Row>({
        {FaultKind::tcp_refused, {}, ProbeOutcome::refused},
        {FaultKind::tcp_stall, {}, ProbeOutcome::stalled},
        {FaultKind::tcp_stall, {.octets = 100}, ProbeOutcome::stalled},
        {FaultKind::tcp_close, {}, ProbeOutcome::closed},
        {FaultKind::tcp_close, {.octets = 100}, ProbeOutcome::closed},
        {FaultKind::tcp_reset, {}, ProbeOutcome::reset},
    }));
    const RunningUpstream server = start_upstream({{.kind = row.kind, .parameters = row.parameters}});
    const bool waits = row.outcome == ProbeOutcome::stalled;
    CHECK(tcp(server, waits ? hasty : patient).outcome == row.outcome);
}

TEST_CASE("Silence over UDP, and a port where nothing listens") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::drop}});
    CHECK(udp(server, 512, hasty).outcome == ProbeOutcome::no_answer);
    CHECK(server.upstream->statistics().udp_queries == 1);
    ProbeTimeouts twice = hasty;
    twice.udp_tries = 2;
    CHECK(udp(server, 512, twice).outcome == ProbeOutcome::no_answer);
    CHECK(server.upstream->statistics().udp_queries == 3);
    server.upstream->stop();
    CHECK(udp(server, 512, patient).outcome == ProbeOutcome::refused);
}

TEST_CASE("A query without EDNS has no OPT, one with a size has that size") {
    const std::string name = chain_wire();
    const auto read = [](const Octets& octets) { return upstream::read_query(octets).value(); };
    const Octets plain = make_query({name, 28}, std::nullopt);
    CHECK_FALSE(read(plain).has_opt);
    CHECK_FALSE(read(plain).rcode);
    CHECK(read(plain).type == 28);
    CHECK(read(plain).recursion_desired());
    const Octets edns = make_query({name, 28}, 4096);
    CHECK(read(edns).has_opt);
    CHECK(read(edns).udp_payload_size == 4096);
    CHECK_FALSE(read(edns).rcode);
}
