// SPDX-License-Identifier: Apache-2.0
// A host of an engine: submits, processes when there is something to do, and writes down what completes.
#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>

#include "module/engine/engine.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/engine/toy_server.hpp"

namespace uncut::lab {

using exchange::Counter;
using story::answer_to;
using story::Make;

inline constexpr std::uint32_t udp = UNCUT_TRANSPORT_UDP;
inline constexpr std::uint32_t tcp = UNCUT_TRANSPORT_TCP;

struct Completed {
    std::uint64_t token = 0;
    std::uint32_t outcome = 0;
    std::uint32_t cause = 0;
    std::uint32_t transport = 0;
    std::uint32_t upstream = 0;
    Bytes message;

    std::uint16_t id() const { return wire::id(message.data()); }
    std::uint32_t rcode() const { return wire::flags(message.data()) & wire::flag::rcode_mask; }
    bool tc() const { return (wire::flags(message.data()) & wire::flag::tc) != 0; }
    std::uint32_t answers() const { return wire::count(message.data(), wire::answer); }
    bool delivered() const { return outcome == UNCUT_OUTCOME_DELIVERED; }
};

// Waits are bounded by this much, generously: a machine under load must not fail a test that holds.
inline constexpr int patience_ms = 20'000;

inline int elapsed_ms(std::chrono::steady_clock::time_point since) {
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since).count());
}

class ToyHost {
  public:
    explicit ToyHost(const std::vector<engine::Upstream>& upstreams, const policy::Policy& policy = {})
        : instance(exchange::InstanceConfig{}) {
        config.upstreams = upstreams;
        config.in_flight_max = 1000;
        config.host = this;
        config.complete = [](void* host, std::uint64_t token, const engine::Completion& completion) {
            static_cast<ToyHost*>(host)->take(token, completion);
        };
        set(policy);
    }
    ~ToyHost() {
        on_completed = nullptr;  // what it refers to may be gone
        if (engine != nullptr) engine->stop();
    }

    void set(const policy::Policy& policy) {
        policy::ZonePolicy root;
        root.zone.octets[0] = 0;
        root.zone.length = 1;
        root.policy = policy;
        instance.publish({root});
    }
    // Before the first submission, when `config` is as it should be.
    engine::Engine& start() {
        REQUIRE(engine::Engine::create(instance, config, engine) == UNCUT_OK);
        return *engine;
    }
    std::uint64_t submit(const Bytes& message, std::uint64_t token = 0, std::uint32_t transport = udp) {
        if (engine == nullptr) start();
        std::uint64_t ticket = 0;
        REQUIRE(engine->submit(message, transport, token, ticket) == UNCUT_OK);
        return ticket;
    }

    // Processes as a host would, when the descriptor says so, until the condition holds; false: it never did.
    bool until(const std::function<bool()>& condition, int wait_ms = patience_ms) {
        const auto began = std::chrono::steady_clock::now();
        engine->process();
        while (!condition()) {
            const int left_ms = wait_ms - elapsed_ms(began);
            if (left_ms <= 0) return false;
            pollfd watched{engine->descriptor(), POLLIN, 0};
            if (::poll(&watched, 1, std::min(left_ms, 20)) > 0) {
                ++wakes;
                engine->process();
            }
        }
        return true;
    }
    bool until_completed(std::size_t count, int wait_ms = patience_ms) {
        return until([&] { return completed.size() >= count; }, wait_ms);
    }
    void run_for(int wait_ms) {
        until([] { return false; }, wait_ms);
    }
    // Submits one query and waits for what comes of it.
    Completed ask(const Bytes& message, std::uint32_t transport = udp) {
        const std::size_t before = completed.size();
        submit(message, 0, transport);
        REQUIRE(until_completed(before + 1));
        return completed[before];
    }
    std::uint64_t count(Counter counter) const { return instance.counters.get(counter); }

    exchange::Instance instance;
    engine::Config config;
    std::unique_ptr<engine::Engine> engine;
    std::vector<Completed> completed;
    std::function<void(const Completed&)> on_completed;  // called from inside the completion
    bool keep = true;                                    // false: count them only
    std::size_t completions = 0;
    std::size_t wakes = 0;

  private:
    void take(std::uint64_t token, const engine::Completion& completion) {
        ++completions;
        if (!keep) return;
        completed.push_back({token, completion.outcome, completion.cause, completion.transport, completion.upstream,
                             Bytes(completion.message.begin(), completion.message.end())});
        const Completed copy = completed.back();
        if (on_completed) on_completed(copy);
    }
};

// The upstream of the story: truncates over UDP, has everything over TCP.
inline std::vector<Bytes> truncated(const ToyServer::Datagram& datagram) {
    return {answer_to(datagram.query).tc()};
}
inline void answer_22(ToyServer::Stream& stream, const Bytes& query) {
    stream.send(answer_to(query).a(22));
}
inline std::vector<Bytes> answer_1(const ToyServer::Datagram& datagram) {
    return {answer_to(datagram.query).a(1)};
}
inline std::vector<Bytes> silence(const ToyServer::Datagram&) {
    return {};
}

// The story's policy: TC is retried over TCP for UDP clients with room for the answer.
inline policy::Policy patient() {
    policy::Policy policy;
    policy.udp_timeout_ms = 300;
    return policy;
}

}  // namespace uncut::lab
