// SPDX-License-Identifier: Apache-2.0
// Each fault of the scripted upstream over real sockets, as a client meets it.
#include <chrono>
#include <map>

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
    REQUIRE(server.upstream->change({.udp_octets_max = 512}));
    CHECK(read_answer(server.udp(make_query({chain_name}, {.bufsize = 600})).value()).tc);
}

TEST_CASE("What is too long over UDP, as each fault of size has it") {
    struct Row {
        FaultKind kind;
        FaultParameters parameters;
        bool tc;
        std::size_t cnames;
        std::size_t addresses;
    };
    const auto row = GENERATE(values<Row>({
        {FaultKind::tc_partial, {}, true, 2, 0},
        {FaultKind::tc_partial, {.octets = 150}, true, 1, 0},
        {FaultKind::tc_empty, {}, true, 0, 0},
        {FaultKind::tc_lost, {}, false, 2, 0},
        {FaultKind::tc_lost, {.octets = 150}, false, 1, 0},
        {FaultKind::dangling_cname, {}, false, 2, 0},
        {FaultKind::oversize, {}, false, 2, 22},
        {FaultKind::atr, {.delay_ms = 0}, false, 2, 22},
    }));
    const RunningUpstream server = start_upstream({{.kind = row.kind, .parameters = row.parameters}});
    const Answer answer = read_answer(server.udp(make_query({chain_name})).value());
    CHECK(answer.tc == row.tc);
    CHECK(answer.count("CNAME") == row.cnames);
    CHECK(answer.count("A") == row.addresses);
    CHECK(read_answer(server.tcp(chain_query).value()).count("A") == 22);
    CHECK(server.upstream->faults().front().struck == 1);
}

TEST_CASE("ATR: behind the whole answer comes an empty one with TC, which TCP knows nothing of") {
    const char* name = GENERATE(chain_name, one_name);
    const RunningUpstream server = start_upstream({{.kind = FaultKind::atr, .parameters = {.delay_ms = 5}}});
    const UdpClient client(server.endpoint);
    client.send(make_query({name}));
    const Answer first = read_answer(client.receive(Milliseconds{10'000}).value());
    CHECK_FALSE(first.tc);
    CHECK(first.count("A") == (name == one_name ? 1 : 22));
    const Answer late = read_answer(client.receive(Milliseconds{10'000}).value());
    CHECK(late.tc);
    CHECK(late.id == first.id);
    CHECK(late.question == first.question);
    CHECK(late.answer.empty());
    TcpClient tcp(server.endpoint);
    tcp.send(make_query({name}));
    CHECK_FALSE(read_answer(tcp.receive(Milliseconds{10'000}).value()).tc);
    CHECK_FALSE(tcp.receive(nothing_comes));
}

TEST_CASE("65,535 octets over TCP; over UDP the longest datagram, or what is truncated of it") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::size_max}});
    const char* name = GENERATE(chain_name, one_name);
    const bool edns = GENERATE(false, true);
    const Octets query = edns ? make_query({name}, {.bufsize = 1232}) : make_query({name});
    const Octets whole = server.tcp(query).value();
    CHECK(whole.size() == 65'535);
    CHECK(read_answer(whole).count("A") == (name == one_name ? 1 : 22));
    CHECK(read_answer(whole).count("TXT") == 1);
    CHECK(read_answer(server.udp(query).value()).tc);
    REQUIRE(server.set_faults({{.kind = FaultKind::size_max}, {.kind = FaultKind::oversize}}));
    const UdpClient client(server.endpoint);
    client.send(query);
    CHECK(client.receive(Milliseconds{10'000}).value().size() == 65'507);
}

TEST_CASE("A cut answer ends where it was told to") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::cut, .parameters = {.octets = 333}}});
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
    REQUIRE(server.set_faults({}));
    CHECK(read_answer(server.tcp(chain_query).value()).count("A") == 22);
    REQUIRE(server.set_faults({{.kind = FaultKind::tcp_refused}}));
    CHECK(server.tcp_refused());
    UpstreamConfig config;
    config.tcp = false;
    CHECK(start_upstream(std::move(config)).tcp_refused());
}

TEST_CASE("TCP stalls: connected, some octets, then nothing") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_stall, .parameters = {.octets = 20}}});
    TcpClient client(server.endpoint);
    client.send(chain_query);
    CHECK_FALSE(client.receive(nothing_comes));
    CHECK_FALSE(client.closed());
}

TEST_CASE("TCP closes early, or resets") {
    const auto kind = GENERATE(FaultKind::tcp_close, FaultKind::tcp_reset);
    const std::int32_t octets = GENERATE(0, 1, 100);
    Fault fault{.kind = kind};
    if (kind == FaultKind::tcp_close) fault.parameters.octets = octets;
    const RunningUpstream server = start_upstream({fault});
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
    REQUIRE(server.set_faults({{.kind = FaultKind::delay, .parameters = {.delay_ms = 120}}}));
    for (const bool tcp : {false, true}) {
        const auto start = std::chrono::steady_clock::now();
        const auto answer = tcp ? server.tcp(one_query) : server.udp(one_query);
        CHECK(std::chrono::steady_clock::now() - start >= Milliseconds{120});
        CHECK(read_answer(answer.value()).count("A") == 1);
    }
}

TEST_CASE("Wrong answers come first, then the right one") {
    const auto kind =
        GENERATE(FaultKind::wrong_id, FaultKind::wrong_question, FaultKind::garbage, FaultKind::empty_datagram);
    const RunningUpstream server = start_upstream({{.kind = kind}});
    const UdpClient client(server.endpoint);
    client.send(one_query);
    const Octets wrong = client.receive(Milliseconds{10'000}).value();
    const Octets right = client.receive(Milliseconds{10'000}).value();
    const Answer answer = read_answer(right);
    CHECK(answer.id == 0x2b1d);
    CHECK(answer.answer == std::multiset<std::string>{std::string(one_name) + ".\t30\tIN\tA\t203.0.113.1"});
    CHECK(answer.question == std::string(one_name) + ". A");
    if (kind == FaultKind::garbage) {
        CHECK(wrong.size() == 7);
        CHECK((wrong[0] == right[0] && wrong[1] == right[1]));
        CHECK_THROWS(read_answer(wrong));
    } else if (kind == FaultKind::empty_datagram) {
        CHECK(wrong.empty());
    } else {
        CHECK((read_answer(wrong).id == answer.id) == (kind == FaultKind::wrong_question));
        CHECK((read_answer(wrong).question == answer.question) == (kind == FaultKind::wrong_id));
        CHECK(read_answer(wrong).answer.begin()->ends_with("198.51.100.66"));
    }
    CHECK_FALSE(client.receive(nothing_comes));
}

TEST_CASE("A forged answer comes from another port of the same address, the right one from where it was asked") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::wrong_source}});
    const Socket socket = open_socket(server.endpoint, SOCK_DGRAM);
    const SystemAddress address(server.endpoint);
    REQUIRE(::sendto(socket.fd(), one_query.data(), one_query.size(), 0, address.get(), address.octets) ==
            static_cast<ssize_t>(one_query.size()));
    std::map<bool, Answer> from_there;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(readable(socket, Milliseconds{10'000}));
        Octets message(4096);
        sockaddr_storage raw{};
        socklen_t octets = sizeof raw;
        const ssize_t count =
            ::recvfrom(socket.fd(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&raw), &octets);
        REQUIRE(count > 0);
        message.resize(static_cast<std::size_t>(count));
        const auto from = uncut::harness::Address::from_sockaddr(reinterpret_cast<sockaddr*>(&raw), octets).value();
        CHECK(from.same_host(server.upstream->address()));
        from_there[from.port() == server.upstream->address().port()] = read_answer(message);
    }
    REQUIRE(from_there.size() == 2);
    CHECK(from_there[true].answer.begin()->ends_with("203.0.113.1"));
    CHECK(from_there[false].answer.begin()->ends_with("198.51.100.66"));
    CHECK(from_there[false].id == from_there[true].id);
    CHECK(from_there[false].question == from_there[true].question);
}

TEST_CASE("A wrong answer comes at once though the right one is delayed") {
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::wrong_id}, {.kind = FaultKind::delay, .parameters = {.delay_ms = 60'000}}});
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
    const RunningUpstream server = start_upstream({{.kind = FaultKind::rcode, .parameters = {.rcode = 23}}});
    const Answer extended = read_answer(server.udp(one_query).value());
    CHECK(extended.rcode == 23);
    CHECK(extended.answer.empty());
    REQUIRE(server.set_faults({{.kind = FaultKind::formerr_edns}}));
    const Answer formerr = read_answer(server.udp(one_query).value());
    CHECK(formerr.rcode == 1);
    CHECK_FALSE(formerr.edns);
    CHECK(read_answer(server.udp(make_query({one_name})).value()).rcode == 0);
}

TEST_CASE("An RCODE over 15 has no room without an OPT, so it strikes only queries with one") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::rcode, .parameters = {.rcode = 23}}});
    CHECK(read_answer(server.udp(make_query({one_name})).value()).rcode == 0);
    CHECK(server.upstream->faults().front().struck == 0);
    CHECK(read_answer(server.udp(one_query).value()).rcode == 23);
    CHECK(server.upstream->faults().front().struck == 1);
}

TEST_CASE("A fault strikes what it matches, so many times, and stays in the list when it is spent") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::rcode,
                                                    .match = {.name = "ONE.default.svc.cluster.local.", .type = type_a},
                                                    .parameters = {.rcode = 2},
                                                    .times = 2}});
    const auto rcode = [&](const char* name, std::uint16_t type) {
        return read_answer(server.udp(make_query({name, type})).value()).rcode;
    };
    const auto struck = [&] { return server.upstream->faults().at(0).struck; };
    CHECK(rcode(chain_name, type_a) == 0);
    CHECK(rcode(one_name, type_aaaa) == 0);
    CHECK(struck() == 0);
    CHECK(rcode(one_name, type_a) == 2);
    CHECK(struck() == 1);
    CHECK(rcode(one_name, type_a) == 2);
    CHECK(rcode(one_name, type_a) == 0);
    CHECK(struck() == 2);
    CHECK(server.upstream->faults().at(0).fault.times == 2);
}

TEST_CASE("A fault is not spent on a query to which it can do nothing") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_reset, .times = 1},
                                                   {.kind = FaultKind::tc_empty, .times = 1},
                                                   {.kind = FaultKind::formerr_edns, .times = 1}});
    const auto struck = [&] {
        std::vector<std::uint64_t> out;
        for (const FaultState& state : server.upstream->faults()) out.push_back(state.struck);
        return out;
    };
    CHECK(read_answer(server.udp(make_query({one_name})).value()).count("A") == 1);  // it fits
    CHECK(struck() == std::vector<std::uint64_t>{0, 0, 0});
    CHECK(read_answer(server.udp(make_query({chain_name})).value()).answer.empty());
    CHECK(struck() == std::vector<std::uint64_t>{0, 1, 0});
    TcpClient client(server.endpoint);
    client.send(make_query({chain_name}));
    CHECK_FALSE(client.receive(Milliseconds{10'000}));
    CHECK(struck() == std::vector<std::uint64_t>{1, 1, 0});
    CHECK(read_answer(server.udp(chain_query).value()).rcode == 1);
    CHECK(struck() == std::vector<std::uint64_t>{1, 1, 1});
}

TEST_CASE("A probability is drawn from the fault's own seed: the same seed, the same queries struck") {
    const auto struck = [](std::uint32_t seed, bool beside_another) {
        std::vector<Fault> faults;
        if (beside_another) faults.push_back({.kind = FaultKind::duplicate, .probability = 0.3});
        faults.push_back({.kind = FaultKind::rcode, .parameters = {.rcode = 2}, .probability = 0.5, .seed = seed});
        const RunningUpstream server = start_upstream(std::move(faults));
        std::string out;
        for (int i = 0; i < 40; ++i) out += read_answer(server.udp(one_query).value()).rcode == 2 ? 'x' : '.';
        return out;
    };
    const std::string first = struck(7, false);
    CHECK(first == struck(7, false));
    CHECK(first == struck(7, true));
    CHECK(first != struck(8, false));
    CHECK(first.find('x') != std::string::npos);
    CHECK(first.find('.') != std::string::npos);
}

TEST_CASE("Faults that cannot be are refused with the reason, and nothing changes") {
    struct Row {
        Fault fault;
        const char* error;
    };
    const auto row = GENERATE(values<Row>({
        {{.kind = FaultKind::rcode, .parameters = {.rcode = 4096}},
         "fault 1: rcode: rcode: expected an integer from 0 to 4095, got 4096"},
        {{.kind = FaultKind::rcode}, "fault 1: rcode: rcode: expected an integer from 0 to 4095"},
        {{.kind = FaultKind::drop, .parameters = {.octets = 1}},
         "fault 1: drop: octets: expected nothing: drop does not take it, got 1"},
        {{.kind = FaultKind::drop, .probability = 1.5},
         "fault 1: drop: probability: expected a number over 0 and at most 1, got 1.5"},
        {{.kind = FaultKind::drop, .match = {.name = "a..b"}}, "fault 1: drop: name: expected a domain name, got "},
        {{.kind = FaultKind::tcp_reset, .match = {.transport = Transport::udp}},
         "fault 1: tcp_reset: transport: expected \"tcp\": tcp_reset acts over nothing else, got \"udp\""},
        {{.kind = FaultKind::tcp_refused, .times = 1},
         "fault 1: tcp_refused: times: expected nothing: tcp_refused acts before a query is seen, got 1"},
    }));
    const RunningUpstream server = start_upstream();
    const auto set = server.set_faults({{.kind = FaultKind::drop}, row.fault});
    REQUIRE_FALSE(set);
    INFO(set.error());
    CHECK(set.error().starts_with(row.error));
    CHECK(server.upstream->faults().empty());
}

TEST_CASE("Every kind of fault has a name of its own, and a parameter that its own default satisfies") {
    for (const FaultKindInfo& info : fault_kinds()) {
        INFO(info.name);
        REQUIRE(find_fault_kind(info.name) != nullptr);
        CHECK(find_fault_kind(info.name)->kind == info.kind);
        CHECK((info.udp || info.tcp));
        CHECK_FALSE(info.meaning.empty());
        const FaultParameterInfo& parameter = info.parameter;
        CHECK((parameter.member == nullptr) == parameter.name.empty());
        if (!parameter.required) CHECK(checked({.kind = info.kind}));
        if (parameter.standard) CHECK(checked({.kind = info.kind})->parameters.*parameter.member == parameter.standard);
        if (parameter.member == nullptr) continue;
        for (const std::int32_t within : {parameter.minimum, parameter.maximum}) {
            Fault fault{.kind = info.kind};
            fault.parameters.*parameter.member = within;
            CHECK(checked(fault));
        }
        for (const std::int32_t beyond : {parameter.minimum - 1, parameter.maximum + 1}) {
            Fault fault{.kind = info.kind};
            fault.parameters.*parameter.member = beyond;
            CHECK_FALSE(checked(fault));
        }
    }
    CHECK(find_fault_kind("none such") == nullptr);
}
