// SPDX-License-Identifier: Apache-2.0
// Datagrams: whose answers count, what is ignored, and what happens when none comes.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

// A datagram to a port of this host, from a socket that nobody asked.
void forge(const Bytes& message, std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    ::sendto(fd, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
}

policy::Policy hasty(std::uint32_t udp_timeout_ms, std::uint8_t tries = 3) {
    policy::Policy policy;
    policy.udp_timeout_ms = udp_timeout_ms;
    policy.udp_tries = tries;
    return policy;
}

}  // namespace

TEST_CASE("what does not come from the upstream that was asked is ignored and counted", "[engine]") {
    ToyServer server(
        [](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            forge(answer_to(datagram.query).a(3), datagram.port);
            return {answer_to(datagram.query).a(1)};
        },
        nullptr);
    ToyHost host({server.address()});
    CHECK(host.ask(Make("www.example.")).answers() == 1);
    CHECK(host.until([&] { return host.count(Counter::ignored_source) == 1; }));
}

TEST_CASE("another upstream's answer is not an answer of the one that was asked", "[engine]") {
    ToyServer second(silence, nullptr);
    ToyServer first(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            second.send_to(datagram.port, answer_to(datagram.query).a(3));
            return {answer_to(datagram.query).a(1)};
        },
        nullptr);
    ToyHost host({first.address(), second.address()});
    CHECK(host.ask(Make("www.example.")).answers() == 1);
    CHECK(host.count(Counter::ignored_id) == 1);
}

TEST_CASE("empty, short and foreign datagrams do not end the wait", "[engine]") {
    ToyServer server(
        [](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            Bytes id = answer_to(datagram.query).a(5);
            id[0] ^= 1;
            const Bytes malformed = answer_to(datagram.query).a(2).octets({1});
            const Bytes question = answer_to(Make("other.example.").id(wire::id(datagram.query.data()))).a(4);
            return {{}, {7}, id, datagram.query, question, malformed, answer_to(datagram.query).a(1)};
        },
        nullptr);
    ToyHost host({server.address()});
    CHECK(host.ask(Make("www.example.")).answers() == 1);
    CHECK(host.count(Counter::ignored_malformed) == 3);
    CHECK(host.count(Counter::ignored_id) == 1);
    CHECK(host.count(Counter::ignored_qr) == 1);
    CHECK(host.count(Counter::ignored_question) == 1);
}

TEST_CASE("a second answer is late", "[engine]") {
    ToyServer server(
        [](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            return {answer_to(datagram.query).a(1), answer_to(datagram.query).tc()};
        },
        nullptr);
    ToyHost host({server.address()});
    CHECK(host.ask(Make("www.example.")).answers() == 1);
    CHECK(host.until([&] { return host.count(Counter::ignored_late) == 1; }));
    CHECK(host.completed.size() == 1);
    CHECK(host.count(Counter::asked_tcp) == 0);
}

TEST_CASE("an answer to an earlier try is still an answer", "[engine]") {
    std::atomic<int> tries{0};
    Bytes first;
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (++tries == 1) first = datagram.query;
            if (tries != 2) return {};
            std::vector<Bytes> replies;
            forge(answer_to(first).a(3), datagram.port);  // not from us
            replies.push_back(answer_to(first).a(2));
            return replies;
        },
        nullptr);
    ToyHost host({server.address()}, hasty(500));
    host.config.udp_sockets = 1;  // the second try leaves through the port of the first
    host.config.udp_queries_per_socket = 100;
    const Completed got = host.ask(Make("www.example."));
    CHECK(got.answers() == 2);
    CHECK(tries == 2);
}

TEST_CASE("with more tries than are remembered, the oldest is given up", "[engine]") {
    std::vector<ToyServer::Datagram> tries;
    std::atomic<ToyServer*> self{nullptr};
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            tries.push_back(datagram);
            if (tries.size() < 5) return {};
            for (std::uint32_t index = 0; index < 5; ++index) {
                self.load()->send_to(tries[index].port, answer_to(tries[index].query).a(index + 1));
            }
            return {};
        },
        nullptr);
    self = &server;
    ToyHost host({server.address()}, hasty(300, 5));
    host.config.udp_sockets = 1;  // all tries leave through one port, so that all answers arrive in order
    host.config.udp_queries_per_socket = 100;
    CHECK(host.ask(Make("www.example.")).answers() == 3);
    CHECK(host.until([&] { return host.count(Counter::ignored_late) == 4; }));
}

TEST_CASE("an upstream that is silent is given up for the next", "[engine]") {
    ToyServer mute(silence, nullptr);
    ToyServer server(answer_1, nullptr);
    ToyHost host({mute.address(), server.address()}, hasty(500));
    const Completed got = host.ask(Make("www.example."));
    CHECK(got.answers() == 1);
    CHECK(got.upstream == 1);
    CHECK(host.count(Counter::udp_timeout) == 1);
    // After three of them the silent one is not asked first any more.
    for (int count = 0; count < 2; ++count) host.ask(Make("www.example."));
    const std::size_t before = mute.datagrams;
    CHECK(host.ask(Make("www.example.")).upstream == 1);
    CHECK(mute.datagrams == before);
}

TEST_CASE("a refusal by ICMP is heard at once", "[engine]") {
    const bool v6 = GENERATE(false, true);
    ToyServer closed(nullptr, nullptr, v6);
    ToyServer server(answer_1, nullptr, v6);
    ToyHost host({closed.address(), server.address()}, hasty(10'000));
    const auto began = std::chrono::steady_clock::now();
    const Completed got = host.ask(Make("www.example."));
    CHECK(got.upstream == 1);
    CHECK(got.answers() == 1);
    CHECK(elapsed_ms(began) < 4000);
    CHECK(host.count(Counter::udp_refused) == 1);
}

TEST_CASE("with all upstreams refusing the client has SERVFAIL long before the deadline", "[engine]") {
    ToyServer closed(nullptr, nullptr);
    ToyHost host({closed.address()}, hasty(10'000));
    const auto began = std::chrono::steady_clock::now();
    const Completed got = host.ask(Make("www.example.").edns(1232));
    CHECK(got.delivered());
    CHECK(got.rcode() == wire::rcode::servfail);
    CHECK(elapsed_ms(began) < 4000);
}

TEST_CASE("silence from everybody ends in SERVFAIL at the deadline", "[engine]") {
    ToyServer mute(silence, nullptr);
    policy::Policy policy = hasty(80);
    policy.deadline_ms = 200;
    ToyHost host({mute.address()}, policy);
    const Completed got = host.ask(Make("www.example."));
    CHECK(got.rcode() == wire::rcode::servfail);
    CHECK(host.engine->in_flight() == 0);
}

TEST_CASE("two transparent queries with one ID go through two ports", "[engine]") {
    std::mutex lock;
    std::vector<std::uint16_t> ports;
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            const std::lock_guard guard(lock);
            ports.push_back(datagram.port);
            return {};
        },
        nullptr);
    ToyHost host({server.address()}, hasty(5000));
    host.config.udp_sockets = 1;
    host.config.udp_queries_per_socket = 1000;
    const Bytes query = Make("signed.example.").id(0x4242).tsig();
    host.submit(query, 1);
    host.submit(query, 2);
    // One port and one ID: the second cannot be told from the first, so it is not sent like that.
    REQUIRE(host.until([&] { return server.datagrams == 2; }));
    host.run_for(50);
    const std::lock_guard guard(lock);
    REQUIRE(ports.size() == 2);
    CHECK(std::set<std::uint16_t>(ports.begin(), ports.end()).size() == ports.size());
}

TEST_CASE("an upstream named twice answers for either name", "[engine]") {
    ToyServer server(
        [count = 0](const ToyServer::Datagram& datagram) mutable -> std::vector<Bytes> {
            if (++count % 2 == 1) return {};
            return {answer_to(datagram.query).a(1)};
        },
        nullptr);
    ToyHost host({server.address(), server.address()}, hasty(500));
    const Completed got = host.ask(Make("www.example."));
    CHECK(got.answers() == 1);
    CHECK(got.upstream == 1);
}
