// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "harness/journal/recorder.hpp"
#include "harness/net/loop.hpp"
#include "harness/server/config.hpp"
#include "harness/server/counters.hpp"
#include "harness/server/engine_seat.hpp"
#include "harness/server/in_flight.hpp"

namespace uncut::harness {

/// Carries the queries of one thread from its listeners to its engine, and the answers back. One thread.
class Forwarder final : private EngineHost {
  public:
    /// Makes the engine: on the thread that will use it.
    static std::expected<std::unique_ptr<Forwarder>, std::string> create(Loop& loop, const ServerConfig& config,
                                                                         std::shared_ptr<const Backend> backend,
                                                                         ServerCounters& counters);
    /// Destroys the engines; what is in flight is counted as dropped.
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

    /// Makes an engine of another backend and sets it aside; an error changes nothing.
    std::expected<void, std::string> prepare(std::shared_ptr<const Backend> backend);
    /// New queries go to what was prepared; what is in flight ends where it began. Or forgets what was prepared.
    void commit();
    void revert() { prepared_.reset(); }

    /// Lets the engines that are due work. Answers come from in here.
    void process();
    bool due() const;

    /// What new queries go to.
    const Backend& backend() const { return engines_.back()->backend(); }
    /// Queries that the engines have.
    std::uint32_t in_flight() const { return in_flight_.size(); }

  private:
    Forwarder(Loop& loop, const ServerConfig& config, ServerCounters& counters);
    void on_complete(std::uint64_t token, const uncut_completion& completion) noexcept override;
    void on_trace(const Backend& backend, const uncut_trace_event& event) noexcept override;
    void trace(const Backend& backend, const uncut_trace_event& event);
    void retire();
    void record(std::uint32_t index, const uncut_completion& completion) noexcept;
    void complete(std::uint32_t index, const uncut_completion& completion);
    void stream(PendingQuery& query, const uncut_completion& completion);
    bool submit(std::uint32_t index, std::uint32_t transport, std::span<const std::uint8_t> message);
    void link(std::uint32_t index, TcpConnection& connection);
    void unlink(std::uint32_t index);
    void release(std::uint32_t index);

    Loop& loop_;
    const ServerConfig& config_;
    ServerCounters& counters_;
    InFlight in_flight_;
    std::unique_ptr<Recorder> recorder_;                // none without a journal
    std::vector<std::unique_ptr<EngineSeat>> engines_;  // the last one takes new queries, the others finish theirs
    std::unique_ptr<EngineSeat> prepared_;
    bool stopping_ = false;
};

}  // namespace uncut::harness
