// SPDX-License-Identifier: Apache-2.0
// The engine: performs the actions of exchanges over real sockets, in one loop that never blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "module/exchange/exchange.hpp"

namespace uncut::engine {

struct Upstream {
    std::uint32_t family = 4;  // 4 or 6
    std::array<std::uint8_t, 16> octets{};
    std::uint16_t port = 53;
    std::uint32_t scope = 0;
};

struct Completion {
    std::uint32_t outcome = UNCUT_OUTCOME_DROPPED;
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    std::uint32_t verdict = UNCUT_VERDICT_WHOLE;
    std::uint32_t transport = 0;
    std::uint32_t upstream = 0;
    Octets message{};
};

// A copy of the ABI's shape, as a value; entry translates. Field meanings: uncut/engine.h.
struct TraceEvent {
    std::uint32_t kind = UNCUT_TRACE_START;
    std::uint64_t token = 0;
    std::uint64_t time_us = 0;
    std::uint64_t revision = 0;
    std::uint32_t upstream = 0;
    std::uint32_t transport = UNCUT_TRANSPORT_UDP;
    std::uint32_t verdict = UNCUT_VERDICT_WHOLE;
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    std::uint32_t socket = 0;
    bool shared = false;
    Octets message{};
};

using Trace = void (*)(void* host, const TraceEvent& event);
using Complete = void (*)(void* host, std::uint64_t token, const Completion& completion);

// Defaults and their reasons; ranges are those of uncut_engine_config.
struct Config {
    std::vector<Upstream> upstreams;
    Complete complete = nullptr;
    void* host = nullptr;
    std::uint32_t in_flight_max = 10000;
    std::uint32_t udp_sockets = 64;
    std::uint32_t udp_queries_per_socket = 16;
    std::uint32_t udp_socket_age_max_ms = 10000;
    std::uint32_t tcp_connections_max = 8;
    std::uint32_t tcp_pipeline_max = 128;
    std::uint32_t tcp_idle_ms = 10000;
    std::uint32_t tcp_waiters_max = 64;
    bool letter_case = false;
    Trace trace = nullptr;
};

// [one thread] See uncut/module.h for what each call promises.
class Engine {
  public:
    // On failure `engine` is null: UNCUT_UNUSABLE_SYSTEM with errno, or _MEMORY.
    static Status create(exchange::Instance& instance, const Config& config, std::unique_ptr<Engine>& engine) noexcept;
    virtual ~Engine() = default;

    virtual bool inside_completion() const noexcept = 0;
    virtual int descriptor() const noexcept = 0;
    virtual Status submit(Octets message, std::uint32_t transport, std::uint64_t token,
                          std::uint64_t& ticket) noexcept = 0;
    virtual Status cancel(std::uint64_t ticket) noexcept = 0;
    virtual Status process() noexcept = 0;
    virtual std::size_t in_flight() const noexcept = 0;
    // Completes everything in flight as dropped, cancelled. Called once, before destruction.
    virtual void stop() noexcept = 0;
};

}  // namespace uncut::engine
