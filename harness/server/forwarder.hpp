// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "harness/server/config.hpp"
#include "harness/server/counters.hpp"
#include "harness/server/in_flight.hpp"

namespace uncut::harness {

/// Carries the queries of one thread from its listeners to its engine, and the answers back. One thread.
class Forwarder {
  public:
    /// Makes the engine: on the thread that will use it.
    static std::expected<std::unique_ptr<Forwarder>, std::string> create(const ServerConfig& config,
                                                                         ServerCounters& counters);
    /// Destroys the engine; what is in flight is counted as dropped.
    ~Forwarder();
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    /// Takes a datagram that `client` sent to `asked`. It will be answered through `listener`, or counted as dropped.
    void take_udp(UdpListener& listener, const Address& client, const Address& asked,
                  std::span<const std::uint8_t> message);
    /// Takes a message of a connection. It will be answered through it, or counted as dropped.
    void take_tcp(TcpConnection& connection, std::span<const std::uint8_t> message);
    /// Gives up what the connection has in flight; it counts as dropped for `cause`.
    void abandon(TcpConnection& connection, DropCause cause);

    /// Lets the engine work, if it has been given something or is due. Answers come from in here.
    void process();
    void engine_is_due() { due_ = true; }
    bool due() const { return due_; }

    int descriptor() const { return descriptor_; }
    /// Queries that the engine has.
    std::uint32_t in_flight() const { return in_flight_.size(); }

  private:
    Forwarder(const ServerConfig& config, ServerCounters& counters);
    static void on_complete(void* self, std::uint64_t token, const uncut_completion* completion) noexcept;
    void complete(std::uint32_t index, const uncut_completion& completion);
    void stream(PendingQuery& query, const uncut_completion& completion);
    bool submit(std::uint32_t index, std::uint32_t transport, std::span<const std::uint8_t> message);
    void link(std::uint32_t index, TcpConnection& connection);
    void unlink(std::uint32_t index);
    void release(std::uint32_t index);

    const uncut_module& module_;
    ServerCounters& counters_;
    InFlight in_flight_;
    uncut_engine* engine_ = nullptr;
    int descriptor_ = -1;
    bool due_ = false;
    bool stopping_ = false;
};

}  // namespace uncut::harness
