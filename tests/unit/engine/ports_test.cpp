// SPDX-License-Identifier: Apache-2.0
// What a forger has to guess: ports and IDs, as the upstream sees them.
#include <array>
#include <set>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

// How far counts in bins of equal chance are from even. With k bins the mean is k - 1 and the deviation sqrt(2 (k -
// 1)).
template <std::size_t bins>
double chi_square(const std::array<double, bins>& counts) {
    double total = 0;
    for (const double count : counts) total += count;
    const double expected = total / static_cast<double>(bins);
    double sum = 0;
    for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

constexpr std::uint16_t port_min = 10'000;  // where the engine's ports begin; they end at 65,535

}  // namespace

TEST_CASE("20,000 queries leave through ports and with IDs that are evenly spread", "[engine]") {
    constexpr std::size_t queries = 20'000;
    constexpr std::size_t together = 200;  // the upstream's socket must lose none
    constexpr std::size_t bins = 64;
    std::set<std::uint16_t> ports;
    std::array<double, bins> ids{};
    std::array<double, bins> low_bits{};
    std::size_t out_of_range = 0;
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (datagram.port < port_min) ++out_of_range;
            ports.insert(datagram.port);
            const std::uint16_t id = wire::id(datagram.query.data());
            ++ids[id / (65'536 / bins)];
            ++low_bits[id % bins];
            return {answer_to(datagram.query).a(1)};
        },
        nullptr);
    ToyHost host({server.address()});
    host.keep = false;
    const Bytes query = Make("www.example.").id(1);
    for (std::size_t done = 0; done < queries; done += together) {
        for (std::size_t count = 0; count < together; ++count) host.submit(query);
        REQUIRE(host.until([&] { return host.completions == done + together; }));
    }
    server.stop();
    const std::size_t asked = server.datagrams;  // more than `queries` only if the machine was slow
    CHECK(asked >= queries);
    CHECK(out_of_range == 0);
    CHECK(ports.size() >= 1024);

    // Each distinct port was drawn once: a port that counted for each of its queries would count a draw sixteen times.
    std::array<double, bins> binned{};
    for (const std::uint16_t port : ports) ++binned[(port - port_min) * bins / (65'536 - port_min)];
    // 63 degrees of freedom: one run in a million is above 140.
    constexpr double bound = 140;
    CHECK(chi_square(binned) < bound);
    CHECK(chi_square(ids) < bound);
    CHECK(chi_square(low_bits) < bound);
    // Far too even is no chance either.
    CHECK(chi_square(ids) > 15);
    CHECK(host.count(Counter::udp_sockets) >= ports.size());
}

TEST_CASE("a source port is replaced after so many queries", "[engine]") {
    std::set<std::uint16_t> ports;
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            ports.insert(datagram.port);
            return answer_1(datagram);
        },
        nullptr);
    ToyHost host({server.address()});
    host.config.udp_sockets = 1;
    host.config.udp_queries_per_socket = 4;
    for (int count = 0; count < 40; ++count) host.ask(Make("www.example."));
    CHECK(host.count(Counter::udp_sockets) == 10);
    server.stop();
    CHECK(ports.size() >= 9);  // one may come up again by chance
}

TEST_CASE("a source port is replaced when it is old", "[engine]") {
    ToyServer server(answer_1, nullptr);
    ToyHost host({server.address()});
    host.config.udp_sockets = 1;
    host.config.udp_queries_per_socket = 65'536;
    host.config.udp_socket_age_max_ms = 30;
    host.ask(Make("www.example."));
    host.run_for(50);
    host.ask(Make("www.example."));
    CHECK(host.count(Counter::udp_sockets) >= 2);
}

TEST_CASE("a port that was replaced still hears the answers it waits for", "[engine]") {
    std::vector<ToyServer::Datagram> held;
    std::atomic<ToyServer*> self{nullptr};
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            held.push_back(datagram);
            if (held.size() < 12) return {};
            for (const ToyServer::Datagram& each : held) self.load()->send_to(each.port, answer_to(each.query).a(1));
            return {};
        },
        nullptr);
    self = &server;
    policy::Policy policy;
    policy.udp_timeout_ms = 4000;
    ToyHost host({server.address()}, policy);
    host.config.udp_sockets = 1;
    host.config.udp_queries_per_socket = 2;
    for (std::uint64_t count = 0; count < 12; ++count) host.submit(Make("www.example."), count);
    REQUIRE(host.until_completed(12));
    CHECK(host.count(Counter::udp_sockets) == 6);
    for (const Completed& each : host.completed) CHECK(each.answers() == 1);
}
