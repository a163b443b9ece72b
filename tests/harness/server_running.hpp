// SPDX-License-Identifier: Apache-2.0
// A server over the fake module, on loopback, and what its tests ask of it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "harness/server/server.hpp"
#include "tests/harness/server_fake.hpp"
#include "tests/support/dns_client.hpp"

namespace uncut::harness::test {

struct RunningServer {
    explicit RunningServer(ServerConfig config = {}) {
        config.backend.module = &fake_forwarding_module();
        config.backend.instance = fake.handle();
        if (config.listen.empty()) config.listen = {Address::loopback(0)};
        if (config.backend.upstreams.empty()) config.backend.upstreams = {Address::loopback(9)};
        auto started = Server::start(std::move(config));
        if (!started) throw std::runtime_error(started.error());
        server = std::move(*started);
    }

    uncut::test::Endpoint endpoint(const std::string& host = "127.0.0.1", std::size_t listener = 0) const {
        return {host, server->addresses()[listener].port()};
    }
    /// Waits until the counters hold what is asked.
    bool until(const std::function<bool(const ServerCounters&)>& condition) const {
        return uncut::test::until([&] { return condition(server->counters()); });
    }

    FakeForwarding fake;
    std::unique_ptr<Server> server;
};

inline uncut::test::Octets query(std::uint16_t id, std::uint16_t type = uncut::test::type_a) {
    uncut::test::QueryOptions options;
    options.id = id;
    return uncut::test::make_query({"example", type}, options);
}

inline uncut::test::Octets framed(const uncut::test::Octets& message) {
    uncut::test::Octets frame;
    uncut::test::put16(frame, static_cast<unsigned>(message.size()));
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
}

inline std::uint16_t id_of(const uncut::test::Octets& message) {
    return static_cast<std::uint16_t>(message.at(0) << 8 | message.at(1));
}

inline bool sum_holds(const ServerCounters& counters) {
    return counters.queries_udp + counters.queries_tcp ==
           counters.answered_udp + counters.answered_tcp + counters.dropped_all() + counters.in_flight;
}

inline std::uint64_t dropped(const ServerCounters& counters, DropCause cause) {
    return counters.dropped[static_cast<std::size_t>(cause)];
}

inline std::uint64_t refused(const ServerCounters& counters, RefusalCause cause) {
    return counters.connections_refused[static_cast<std::size_t>(cause)];
}

}  // namespace uncut::harness::test
