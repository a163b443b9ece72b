// SPDX-License-Identifier: Apache-2.0
// An engine with an upstream of its own, and a host that remembers what it was told.
#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <map>

#include "tests/abi/instances.hpp"
#include "tests/abi/structs.hpp"
#include "tests/abi/upstream.hpp"

namespace uncut::abi_test {

// What completions said, and what to do from inside of one.
struct Host {
    struct Heard {
        uncut_completion completion;
        Octets message;
    };
    std::map<std::uint64_t, std::vector<Heard>> heard;
    std::function<void()> inside;
    std::vector<std::pair<uncut_trace_event, Octets>> traced;  // what a trace was told, in its order

    static void complete(void* host, std::uint64_t token, const uncut_completion* completion) {
        auto& self = *static_cast<Host*>(host);
        Octets message;
        if (completion->octets != 0) message.assign(completion->message, completion->message + completion->octets);
        self.heard[token].push_back({*completion, std::move(message)});
        if (self.inside) self.inside();
    }
};

struct Engine {
    explicit Engine(std::size_t addresses, std::uint32_t in_flight_max = 100, uncut_trace trace = nullptr)
        : upstream(addresses) {
        instance.use(preset("coredns-prefer-udp"));
        config = sized<uncut_engine_config>();
        REQUIRE(table().engine_defaults(&config) == UNCUT_OK);
        address = upstream.address();
        config.upstreams = &address;
        config.upstream_count = 1;
        config.complete = Host::complete;
        config.host = &host;
        config.in_flight_max = in_flight_max;
        config.trace = trace;
        REQUIRE(table().engine_create(instance.get(), &config, &engine) == UNCUT_OK);
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() {
        host.inside = nullptr;
        table().engine_destroy(engine);
    }

    uncut_status submit(const Octets& message, std::uint64_t token, std::uint64_t* ticket) {
        auto submission = sized<uncut_submission>();
        submission.transport = UNCUT_TRANSPORT_UDP;
        // Borrowed until submit returns, and not an octet longer than it says.
        Guarded lent(message);
        submission.message = lent.data();
        submission.octets = lent.size();
        submission.token = token;
        return table().engine_submit(engine, &submission, ticket);
    }
    // Runs engine and upstream until so many tokens have completed. False: it took too long.
    bool run_until(std::size_t tokens) {
        pollfd ready{-1, POLLIN, 0};
        REQUIRE(table().engine_descriptor(engine, &ready.fd) == UNCUT_OK);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (host.heard.size() < tokens && std::chrono::steady_clock::now() < end) {
            REQUIRE(table().engine_process(engine) == UNCUT_OK);
            upstream.serve();
            poll(&ready, 1, 1);
        }
        return host.heard.size() >= tokens;
    }
    std::size_t in_flight() {
        std::size_t count = 77;
        CHECK(table().engine_in_flight(engine, &count) == UNCUT_OK);
        return count;
    }

    Upstream upstream;
    Instance instance;
    Host host;
    uncut_address address;
    uncut_engine_config config;
    uncut_engine* engine = nullptr;
};

}  // namespace uncut::abi_test
