// SPDX-License-Identifier: Apache-2.0
// Faults together: what they make of one query, and that nothing makes the upstream stumble.
#include <algorithm>
#include <random>

#include "harness/upstream/wire.hpp"
#include "tests/harness/upstream_running.hpp"

using namespace uncut::harness::upstream;
using namespace uncut::test;

namespace {

constexpr Milliseconds long_enough{10'000};
const Octets chain_query = make_query({chain_name}, {.bufsize = 1232});
const Octets one_query = make_query({one_name}, {.bufsize = 1232});

/// The least that a kind must be told, with which it strikes at once.
Fault fault_of(const FaultKindInfo& info) {
    Fault fault{.kind = info.kind};
    if (info.parameter.required) fault.parameters.*info.parameter.member = std::max(1, info.parameter.minimum);
    return fault;
}

/// Any fault that the table allows, but for those that would make the test wait.
Fault random_fault(std::mt19937& random) {
    constexpr std::int32_t delay_most_ms = 3;
    const auto kinds = fault_kinds();
    const FaultKindInfo& info = kinds[random() % kinds.size()];
    Fault fault = fault_of(info);
    if (const FaultParameterInfo& parameter = info.parameter; parameter.member != nullptr && random() % 4 != 0) {
        const bool delays = parameter.member == &FaultParameters::delay_ms;
        const std::int64_t maximum = delays ? delay_most_ms : parameter.maximum;
        const std::int64_t room = maximum - parameter.minimum + 1;
        auto value = static_cast<std::int32_t>(parameter.minimum + static_cast<std::int64_t>(random()) % room);
        if (info.kind == FaultKind::tcp_wrong_length && value == 0) value = 1;
        fault.parameters.*parameter.member = value;
    }
    if (!info.matches_queries) return fault;
    fault.times = static_cast<std::uint32_t>(random() % 3);
    fault.seed = static_cast<std::uint32_t>(random());
    fault.probability = random() % 2 == 0 ? 1.0 : 0.5;
    if (random() % 4 == 0) fault.match.name = chain_name;
    if (random() % 4 == 0) fault.match.transport = info.udp ? Transport::udp : Transport::tcp;
    return fault;
}

/// A query, or what a query has become on a bad day.
Octets random_query(std::mt19937& random) {
    const char* names[] = {chain_name, one_name, "nowhere.cluster.local", "elsewhere.test", ""};
    QueryOptions options;
    options.id = static_cast<std::uint16_t>(random());
    if (random() % 2 == 0) options.bufsize = static_cast<std::uint16_t>(random());
    options.dnssec_ok = random() % 2 == 0;
    Octets query = make_query({names[random() % std::size(names)], random() % 2 == 0 ? type_a : type_txt}, options);
    for (auto changes = random() % 8; changes > 4; --changes) {
        query[random() % query.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 16 == 0) query.resize(random() % query.size());
    if (random() % 16 == 0) query.resize(query.size() + random() % 40, static_cast<std::uint8_t>(random()));
    return query;
}

}  // namespace

TEST_CASE("upstream combination: every kind strikes over every transport that its row says, and over no other",
          "[upstream]") {
    // tcp_refused and tcp_close_burst have tests of their own.
    const auto sees_queries = [](std::size_t row) { return fault_kinds()[row].matches_queries; };
    const std::size_t row = GENERATE_REF(filter(sees_queries, range(std::size_t{0}, fault_kinds().size())));
    const FaultKindInfo& info = fault_kinds()[row];
    const bool tcp = GENERATE(false, true);
    const bool of_size = info.group == FaultGroup::size && info.udp && info.kind != FaultKind::size_max;
    std::vector<Fault> faults{fault_of(info)};
    if (tcp && of_size) faults.push_back({.kind = FaultKind::tc_over_tcp});
    const RunningUpstream server = start_upstream(faults);
    INFO(info.name << (tcp ? " over TCP" : " over UDP"));
    if (tcp) {
        TcpClient client(server.endpoint);
        client.send(chain_query);
        server.wait_for_a_query();
    } else {
        const UdpClient client(server.endpoint);
        client.send(chain_query);
        server.wait_for_a_query();
    }
    CHECK(server.upstream->faults().at(0).struck == ((tcp ? info.tcp : info.udp) ? 1 : 0));
}

TEST_CASE("upstream combination: truncated, malformed, delayed, forged before, twice, and late", "[upstream]") {
    const RunningUpstream server = start_upstream({
        {.kind = FaultKind::tc_empty, .parameters = {.octets = 100}},
        {.kind = FaultKind::trailing_octets, .parameters = {.octets = 5}},
        {.kind = FaultKind::opt_version},
        {.kind = FaultKind::wrong_id},
        {.kind = FaultKind::empty_datagram},
        {.kind = FaultKind::duplicate},
        {.kind = FaultKind::delay, .parameters = {.delay_ms = 20}},
    });
    const UdpClient client(server.endpoint);
    client.send(chain_query);
    CHECK(client.receive(long_enough).value().empty());
    const Octets forged = client.receive(long_enough).value();
    CHECK(read_answer(forged).id != 0x2b1d);
    CHECK(read_answer(forged).tc);
    const Octets first = client.receive(long_enough).value();
    CHECK(client.receive(long_enough) == first);
    REQUIRE(first.size() == forged.size() + 5);
    CHECK((first[2] & 0x02) != 0);
    CHECK(first[forged.size() - 5] == 1);  // the OPT's version
    for (const FaultState& state : server.upstream->faults()) CHECK(state.struck == 1);
}

TEST_CASE("upstream combination: ATR with a delay comes behind the delayed answer", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::atr, .parameters = {.delay_ms = 5}},
                                                   {.kind = FaultKind::delay, .parameters = {.delay_ms = 30}}});
    const UdpClient client(server.endpoint);
    client.send(chain_query);
    CHECK(read_answer(client.receive(long_enough).value()).count("A") == 22);
    CHECK(read_answer(client.receive(long_enough).value()).tc);
}

TEST_CASE("upstream combination: 65,535 octets hold what else is wrong with the answer", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::size_max},
                                                   {.kind = FaultKind::two_opts},
                                                   {.kind = FaultKind::opt_options, .parameters = {.octets = 50}},
                                                   {.kind = FaultKind::trailing_octets, .parameters = {.octets = 9}}});
    const Octets message = server.tcp(one_query).value();
    REQUIRE(message.size() == 65'535);
    CHECK(get_u16(message, 10) == 2);
    const std::size_t opts = message.size() - 9 - 2 * (opt_octets + 50);
    CHECK(get_u16(message, opts + 1) == 41);
    CHECK(get_u16(message, opts + opt_octets + 50 + 1) == 41);
}

TEST_CASE("upstream combination: an RCODE replaces the answer, the way it goes stays bad", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::rcode, .parameters = {.rcode = 5}},
                                                   {.kind = FaultKind::oversize},
                                                   {.kind = FaultKind::garbage, .parameters = {.octets = 3}}});
    const UdpClient client(server.endpoint);
    client.send(chain_query);
    CHECK(client.receive(long_enough).value().size() == 3);
    CHECK(read_answer(client.receive(long_enough).value()).rcode == 5);
    CHECK(server.upstream->faults().at(1).struck == 0);  // there was nothing that could be too long
}

TEST_CASE("upstream combination: what another fault leaves nothing to do is not spent", "[upstream]") {
    struct Row {
        std::vector<Fault> faults;
        std::vector<std::uint64_t> struck;
    };
    const auto row = GENERATE(values<Row>({
        {{{.kind = FaultKind::rcode, .parameters = {.rcode = 2}}, {.kind = FaultKind::drop}}, {0, 1}},
        {{{.kind = FaultKind::rcode, .parameters = {.rcode = 2}}, {.kind = FaultKind::formerr_edns}}, {0, 1}},
        {{{.kind = FaultKind::two_opts}, {.kind = FaultKind::formerr_edns}}, {0, 1}},
        {{{.kind = FaultKind::atr}, {.kind = FaultKind::rcode, .parameters = {.rcode = 2}}}, {0, 1}},
        {{{.kind = FaultKind::cut, .parameters = {.octets = 20}},
          {.kind = FaultKind::rcode, .parameters = {.rcode = 2}}},
         {1, 1}},
        {{{.kind = FaultKind::tc_partial, .parameters = {.octets = 20}}, {.kind = FaultKind::size_max}}, {1, 1}},
    }));
    const RunningUpstream server = start_upstream(row.faults);
    const UdpClient client(server.endpoint);
    client.send(chain_query);
    server.wait_for_a_query();
    std::vector<std::uint64_t> struck;
    for (const FaultState& state : server.upstream->faults()) struck.push_back(state.struck);
    CHECK(struck == row.struck);
}

TEST_CASE("upstream combination: whatever the faults and the queries, it goes on", "[upstream]") {
    std::mt19937 random(20'260);
    constexpr int rounds = 400;
    const RunningUpstream server = start_upstream();
    for (int round = 0; round < rounds; ++round) {
        std::vector<Fault> faults;
        for (auto count = random() % 8; count > 0; --count) faults.push_back(random_fault(random));
        INFO("round " << round);
        const auto set = server.set_faults(faults);
        INFO((set ? "" : set.error()));
        REQUIRE(set);
        const UdpClient udp(server.endpoint);
        for (int i = 0; i < 8; ++i) udp.send(random_query(random));
        try {
            const TcpClient tcp(server.endpoint);
            for (int i = 0; i < 4; ++i) tcp.send(random_query(random));
        } catch (const std::runtime_error&) {
            // Refused, or reset while it was being written to: some of these faults do that.
        }
    }
    REQUIRE(server.set_faults({}));
    CHECK(read_answer(server.tcp(chain_query).value()).count("A") == 22);
    CHECK(read_answer(server.udp(one_query).value()).count("A") == 1);
}
