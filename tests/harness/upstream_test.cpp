// SPDX-License-Identifier: Apache-2.0
// The scripted upstream as a whole: its socket, its record of what it saw, and changes while it runs.
#include <fstream>
#include <set>
#include <thread>

#include "tests/harness/upstream_running.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;
using namespace uncut::harness::upstream;
using namespace uncut::test;

TEST_CASE("What the upstream saw can be asked for") {
    const RunningUpstream server = start_upstream();
    const UdpClient client(server.endpoint);
    const Octets query =
        make_query({"QUOTE-redis-cluster.default.svc.cluster.local"}, {.id = 4711, .bufsize = 4096, .dnssec_ok = true});
    client.send(query);
    REQUIRE(client.receive(Milliseconds{10'000}));
    REQUIRE(server.tcp(query_with_id(one_name, 4712)));
    const Statistics statistics = server.upstream->statistics();
    CHECK(statistics.udp_queries == 1);
    CHECK(statistics.tcp_queries == 1);
    CHECK(statistics.tcp_connections == 1);
    CHECK(statistics.truncated == 1);
    const std::vector<SeenQuery> seen = server.upstream->queries();
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].number == 1);
    CHECK(seen[0].transport == Transport::udp);
    CHECK(seen[0].id == 4711);
    CHECK(seen[0].name == std::string(chain_name) + ".");
    CHECK(seen[0].type == type_a);
    CHECK(seen[0].udp_payload_size == 4096);
    CHECK(seen[0].dnssec_ok);
    CHECK(seen[0].octets == query);
    CHECK(seen[0].client.port() != 0);
    CHECK(seen[1].transport == Transport::tcp);
    CHECK(seen[1].id == 4712);
    CHECK_FALSE(seen[1].has_opt);
    server.upstream->forget();
    CHECK(server.upstream->queries().empty());
    CHECK(server.upstream->statistics().udp_queries == 0);
}

TEST_CASE("Only the last queries are kept, oldest first") {
    UpstreamConfig config;
    config.recent_queries_max = 4;
    const RunningUpstream server = start_upstream(std::move(config));
    for (std::uint16_t id = 1; id <= 6; ++id) REQUIRE(server.udp(query_with_id(one_name, id)));
    std::vector<std::uint16_t> ids;
    for (const SeenQuery& seen : server.upstream->queries()) ids.push_back(seen.id);
    CHECK(ids == std::vector<std::uint16_t>{3, 4, 5, 6});
    CHECK(server.upstream->statistics().udp_queries == 6);
}

TEST_CASE("Answers, faults and the limit change while it runs, as a whole or not at all") {
    const RunningUpstream server = start_upstream();
    server.set_answers("new.test. A 192.0.2.7\n");
    CHECK(read_answer(server.udp(make_query({"new.test"})).value()).count("A") == 1);
    CHECK(read_answer(server.udp(make_query({one_name})).value()).rcode == 5);
    const auto bad = server.upstream->change(
        {.zones = std::make_shared<Zones>(), .faults = {{{1, 1, {.kind = FaultKind::delay}}}}, .udp_octets_max = 512});
    REQUIRE_FALSE(bad);
    CHECK(bad.error() == "fault 0: delay: delay_ms: expected an integer from 0 to 600000");
    CHECK(read_answer(server.udp(make_query({"new.test"})).value()).count("A") == 1);
    CHECK(server.upstream->faults().empty());
}

TEST_CASE("What is told to forget closes its connections and drops what is delayed") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::delay, .parameters = {.delay_ms = 600'000}}});
    TcpClient client(server.endpoint);
    client.send(make_query({one_name}));
    server.wait_for_a_query();
    server.upstream->forget();
    CHECK_FALSE(client.receive(Milliseconds{10'000}));
    CHECK(client.closed());
    CHECK(server.upstream->statistics().tcp_queries == 0);
    CHECK(server.upstream->queries().empty());
}

TEST_CASE("Pipelined queries are all answered, however the octets are cut") {
    const RunningUpstream server = start_upstream();
    TcpClient client(server.endpoint);
    Octets stream;
    for (std::uint16_t id = 1; id <= 20; ++id) {
        const Octets query = query_with_id(chain_name, id);
        put16(stream, static_cast<unsigned>(query.size()));
        stream.insert(stream.end(), query.begin(), query.end());
    }
    for (std::size_t at = 0; at < stream.size(); at += 7) {
        client.send_raw({stream.begin() + static_cast<std::ptrdiff_t>(at),
                         stream.begin() + static_cast<std::ptrdiff_t>(std::min(at + 7, stream.size()))});
    }
    std::set<std::uint16_t> ids;
    for (int i = 0; i < 20; ++i) ids.insert(read_answer(client.receive(Milliseconds{10'000}).value()).id);
    CHECK(ids.size() == 20);
}

TEST_CASE("A client that closes its side still gets its answers") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::delay, .parameters = {.delay_ms = 50}}});
    const Socket socket = open_socket(server.endpoint, SOCK_STREAM);
    const SystemAddress address(server.endpoint);
    REQUIRE(::connect(socket.fd(), address.get(), address.octets) == 0);
    const Octets query = make_query({one_name});
    Octets framed;
    put16(framed, static_cast<unsigned>(query.size()));
    framed.insert(framed.end(), query.begin(), query.end());
    REQUIRE(::send(socket.fd(), framed.data(), framed.size(), 0) == static_cast<ssize_t>(framed.size()));
    REQUIRE(::shutdown(socket.fd(), SHUT_WR) == 0);
    Octets in(4096);
    std::size_t have = 0;
    while (true) {
        REQUIRE(readable(socket, Milliseconds{10'000}));
        const ssize_t count = ::recv(socket.fd(), in.data() + have, in.size() - have, 0);
        REQUIRE(count >= 0);
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    CHECK(read_answer({in.begin() + 2, in.begin() + static_cast<std::ptrdiff_t>(have)}).count("A") == 1);
}

TEST_CASE("IPv6 on loopback") {
    UpstreamConfig config;
    config.listen = Address::parse("[::1]:0", std::nullopt).value();
    const RunningUpstream server = start_upstream(std::move(config));
    CHECK(read_answer(server.udp(make_query({one_name})).value()).count("A") == 1);
    CHECK(read_answer(server.tcp(make_query({one_name})).value()).count("A") == 1);
}

TEST_CASE("An upstream that cannot start says why") {
    const RunningUpstream first = start_upstream();
    UpstreamConfig taken;
    taken.listen = first.upstream->address();
    const auto second = Upstream::start(taken);
    REQUIRE_FALSE(second);
    CHECK(second.error().find(first.endpoint.text()) != std::string::npos);
    const TempDir dir;
    UpstreamConfig bad;
    bad.zone_files = {dir.write("bad.zone", "a.test. A 192.0.2.1\nb.test. A here\n")};
    const auto third = Upstream::start(bad);
    REQUIRE_FALSE(third);
    CHECK(third.error().starts_with(bad.zone_files.front().string() + ":2: "));
}

TEST_CASE("After stop nothing listens, and what was seen can still be read") {
    const RunningUpstream server = start_upstream();
    REQUIRE(server.udp(make_query({one_name})));
    server.upstream->stop();
    CHECK(server.tcp_refused());
    CHECK(server.upstream->queries().size() == 1);
    CHECK(server.set_faults({{.kind = FaultKind::drop}}));
    server.upstream->stop();
}

TEST_CASE("Calls from many threads while it answers") {
    const RunningUpstream server = start_upstream();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&server, t] {
            for (int i = 0; i < 50; ++i) {
                if (t == 0) std::ignore = server.set_faults({{.kind = FaultKind::duplicate}});
                if (t == 1) std::ignore = server.upstream->queries();
                if (t == 2) server.upstream->forget();
            }
        });
    }
    int answered = 0;
    for (int i = 0; i < 100; ++i) answered += server.udp(make_query({one_name})) ? 1 : 0;
    for (std::thread& thread : threads) thread.join();
    CHECK(answered == 100);
}
