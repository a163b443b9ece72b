// SPDX-License-Identifier: Apache-2.0
// Each fault of the scripted upstream over real sockets, as a client meets it.
#include <chrono>

#include "tests/harness/upstream_running.hpp"

using namespace uncut::harness::upstream;
using namespace uncut::test;

namespace {

// A test that waits for nothing to come waits this long; nothing comes later on loopback.
constexpr Milliseconds nothing_comes{300};

const Octets chain_query = make_query({chain_name}, {.bufsize = 1232});
const Octets one_query = make_query({one_name}, {.bufsize = 1232});

}  // namespace

TEST_CASE("Without faults: TC with whole RRsets over UDP, all over TCP") {
    const RunningUpstream server = start_upstream();
    const Answer udp = read_answer(server.udp(chain_query).value());
    CHECK(udp.tc);
    CHECK(udp.octets <= 512);
    CHECK(udp.count("CNAME") == 2);
    CHECK(udp.count("A") == 0);
    const Answer tcp = read_answer(server.tcp(chain_query).value());
    CHECK_FALSE(tcp.tc);
    CHECK(tcp.count("A") == 22);
    CHECK(read_answer(server.udp(one_query).value()).count("A") == 1);
}

TEST_CASE("The UDP limit is the lower of the client's and the server's") {
    UpstreamConfig config;
    config.udp_limit_octets = 0;
    const RunningUpstream server = start_upstream(std::move(config));
    CHECK(read_answer(server.udp(make_query({chain_name})).value()).tc);
    CHECK_FALSE(read_answer(server.udp(make_query({chain_name}, {.bufsize = 600})).value()).tc);
    CHECK(read_answer(server.udp(make_query({chain_name}, {.bufsize = 100})).value()).octets <= 512);
    server.upstream->set_udp_limit(512);
    CHECK(read_answer(server.udp(make_query({chain_name}, {.bufsize = 600})).value()).tc);
}

TEST_CASE("Faults of shape, over UDP") {
    struct Row {
        FaultKind kind;
        std::uint32_t value;
        bool tc;
        std::size_t cnames;
        std::size_t addresses;
    };
    const auto row = GENERATE(values<Row>({
        {FaultKind::tc_partial, 0, true, 2, 0},
        {FaultKind::tc_partial, 150, true, 1, 0},
        {FaultKind::tc_empty, 0, true, 0, 0},
        {FaultKind::dangling_cname, 0, false, 2, 0},
        {FaultKind::oversize, 0, false, 2, 22},
    }));
    const RunningUpstream server = start_upstream({{.kind = row.kind, .value = row.value}});
    const Answer answer = read_answer(server.udp(make_query({chain_name})).value());
    CHECK(answer.tc == row.tc);
    CHECK(answer.count("CNAME") == row.cnames);
    CHECK(answer.count("A") == row.addresses);
    CHECK(read_answer(server.tcp(chain_query).value()).count("A") == 22);
}

TEST_CASE("A cut answer ends where it was told to") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::cut, .value = 333}});
    const Octets answer = server.udp(chain_query).value();
    CHECK(answer.size() == 333);
    CHECK((answer[2] & 0x02) == 0);
    CHECK_THROWS(read_answer(answer));
}

TEST_CASE("TC over TCP too") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tc_empty}, {.kind = FaultKind::tc_over_tcp}});
    const Answer answer = read_answer(server.tcp(chain_query).value());
    CHECK(answer.tc);
    CHECK(answer.answer.empty());
    CHECK(read_answer(server.tcp(one_query).value()).count("A") == 1);
}

TEST_CASE("TCP refused, from the start and while it runs; the port comes back") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_refused}});
    CHECK(server.tcp_refused());
    CHECK(read_answer(server.udp(one_query).value()).count("A") == 1);
    REQUIRE(server.upstream->set_faults({}));
    CHECK(read_answer(server.tcp(chain_query).value()).count("A") == 22);
    REQUIRE(server.upstream->set_faults({{.kind = FaultKind::tcp_refused}}));
    CHECK(server.tcp_refused());
    UpstreamConfig config;
    config.tcp = false;
    CHECK(start_upstream(std::move(config)).tcp_refused());
}

TEST_CASE("TCP stalls: connected, some octets, then nothing") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_stall, .value = 20}});
    TcpClient client(server.endpoint);
    client.send(chain_query);
    CHECK_FALSE(client.receive(nothing_comes));
    CHECK_FALSE(client.closed());
}

TEST_CASE("TCP closes early, or resets") {
    const auto kind = GENERATE(FaultKind::tcp_close_early, FaultKind::tcp_reset);
    const std::uint32_t octets = GENERATE(0U, 1U, 100U);
    const RunningUpstream server = start_upstream({{.kind = kind, .value = octets}});
    TcpClient client(server.endpoint);
    client.send(chain_query);
    CHECK_FALSE(client.receive(Milliseconds{10'000}));
    CHECK(client.closed());
}

TEST_CASE("A dropped query gets no answer, a delayed one gets it later") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::drop, .match = {.transport = Transport::udp}}});
    CHECK_FALSE(server.udp(one_query, nothing_comes));
    CHECK(server.tcp(one_query));
    CHECK(server.upstream->statistics().withheld == 1);
    REQUIRE(server.upstream->set_faults({{.kind = FaultKind::delay, .value = 120}}));
    for (const bool tcp : {false, true}) {
        const auto start = std::chrono::steady_clock::now();
        const auto answer = tcp ? server.tcp(one_query) : server.udp(one_query);
        CHECK(std::chrono::steady_clock::now() - start >= Milliseconds{120});
        CHECK(read_answer(answer.value()).count("A") == 1);
    }
}

TEST_CASE("Wrong answers come first, then the right one") {
    const auto kind = GENERATE(FaultKind::wrong_id, FaultKind::wrong_question, FaultKind::garbage);
    const RunningUpstream server = start_upstream({{.kind = kind}});
    const UdpClient client(server.endpoint);
    client.send(one_query);
    const Octets wrong = client.receive(Milliseconds{10'000}).value();
    const Octets right = client.receive(Milliseconds{10'000}).value();
    const Answer answer = read_answer(right);
    CHECK(answer.id == 0x2b1d);
    CHECK(answer.count("A") == 1);
    CHECK(answer.question == std::string(one_name) + ". A");
    if (kind == FaultKind::garbage) {
        CHECK_THROWS(read_answer(wrong));
    } else {
        CHECK((read_answer(wrong).id == answer.id) == (kind == FaultKind::wrong_question));
        CHECK((read_answer(wrong).question == answer.question) == (kind == FaultKind::wrong_id));
    }
    CHECK_FALSE(client.receive(nothing_comes));
}

TEST_CASE("A wrong answer comes at once though the right one is delayed") {
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::wrong_id}, {.kind = FaultKind::delay, .value = 60'000}});
    const UdpClient client(server.endpoint);
    client.send(one_query);
    CHECK(read_answer(client.receive(Milliseconds{10'000}).value()).id != 0x2b1d);
}

TEST_CASE("A duplicate is the same answer again") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::duplicate}});
    const UdpClient client(server.endpoint);
    client.send(one_query);
    const auto first = client.receive(Milliseconds{10'000});
    REQUIRE(first);
    CHECK(client.receive(Milliseconds{10'000}) == first);
}

TEST_CASE("An RCODE on request, also one of 12 bits; FORMERR to EDNS and not to others") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::rcode, .value = 23}});
    const Answer extended = read_answer(server.udp(one_query).value());
    CHECK(extended.rcode == 23);
    CHECK(extended.answer.empty());
    REQUIRE(server.upstream->set_faults({{.kind = FaultKind::formerr_edns}}));
    const Answer formerr = read_answer(server.udp(one_query).value());
    CHECK(formerr.rcode == 1);
    CHECK_FALSE(formerr.edns);
    CHECK(read_answer(server.udp(make_query({one_name})).value()).rcode == 0);
}

TEST_CASE("A fault strikes what it matches, so many times, and says what is left") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::rcode,
                                                    .match = {.name = "ONE.default.svc.cluster.local.", .type = type_a},
                                                    .value = 2,
                                                    .times = 2}});
    const auto rcode = [&](const char* name, std::uint16_t type) {
        return read_answer(server.udp(make_query({name, type})).value()).rcode;
    };
    CHECK(rcode(chain_name, type_a) == 0);
    CHECK(rcode(one_name, type_aaaa) == 0);
    CHECK(rcode(one_name, type_a) == 2);
    REQUIRE(server.upstream->faults().size() == 1);
    CHECK(server.upstream->faults().front().times == 1);
    CHECK(rcode(one_name, type_a) == 2);
    CHECK(rcode(one_name, type_a) == 0);
    CHECK(server.upstream->faults().empty());
}

TEST_CASE("A fault is not spent on a query to which it can do nothing") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_reset, .times = 1},
                                                   {.kind = FaultKind::tc_empty, .times = 1},
                                                   {.kind = FaultKind::formerr_edns, .times = 1}});
    REQUIRE(server.tcp_refused() == false);
    CHECK(read_answer(server.udp(make_query({chain_name})).value()).answer.empty());
    CHECK(server.upstream->faults().size() == 2);
    TcpClient client(server.endpoint);
    client.send(make_query({chain_name}));
    CHECK_FALSE(client.receive(Milliseconds{10'000}));
    CHECK(server.upstream->faults().size() == 1);
    CHECK(read_answer(server.udp(chain_query).value()).rcode == 1);
    CHECK(server.upstream->faults().empty());
}

TEST_CASE("A probability is drawn from the seed: the same seed, the same queries struck") {
    const auto struck = [](std::uint64_t seed) {
        UpstreamConfig config;
        config.seed = seed;
        config.faults = {{.kind = FaultKind::rcode, .value = 2, .probability = 0.5}};
        const RunningUpstream server = start_upstream(std::move(config));
        std::string out;
        for (int i = 0; i < 40; ++i) out += read_answer(server.udp(one_query).value()).rcode == 2 ? 'x' : '.';
        return out;
    };
    const std::string first = struck(7);
    CHECK(first == struck(7));
    CHECK(first != struck(8));
    CHECK(first.find('x') != std::string::npos);
    CHECK(first.find('.') != std::string::npos);
}

TEST_CASE("Faults that cannot be are refused with the reason, and nothing changes") {
    struct Row {
        Fault fault;
        const char* error;
    };
    const auto row = GENERATE(values<Row>({
        {{.kind = FaultKind::rcode, .value = 4096}, "fault 1: rcode: 4096: expected 0 to 4095"},
        {{.kind = FaultKind::drop, .probability = 1.5},
         "fault 1: drop: probability 1.5: expected more than 0, at most 1"},
        {{.kind = FaultKind::drop, .match = {.name = "a..b"}}, "fault 1: \"a..b\" is not a domain name: "},
        {{.kind = FaultKind::tcp_refused, .times = 1}, "fault 1: tcp_refused: no times"},
    }));
    const RunningUpstream server = start_upstream();
    const auto set = server.upstream->set_faults({{.kind = FaultKind::drop}, row.fault});
    REQUIRE_FALSE(set);
    CHECK(set.error().starts_with(row.error));
    CHECK(server.upstream->faults().empty());
}

TEST_CASE("Every kind of fault has a name of its own") {
    for (const FaultKindInfo& info : fault_kinds()) {
        CHECK(fault_from_name(info.name) == info.kind);
        CHECK(fault_name(info.kind) == info.name);
    }
    CHECK_FALSE(fault_from_name("none such"));
}
