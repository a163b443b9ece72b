// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/net/fd.hpp"
#include "harness/net/loop.hpp"
#include "harness/server/config.hpp"
#include "harness/server/counters.hpp"
#include "harness/server/quota.hpp"
#include "harness/server/spare_buffers.hpp"
#include "harness/server/tcp_connection.hpp"

namespace uncut::harness {

class Forwarder;

/// The TCP side of one thread: its listening sockets, its connections, and the memory they share. One thread.
class TcpService {
  public:
    TcpService(Loop& loop, const ServerConfig& config, Forwarder& forwarder, ServerCounters& counters,
               ConnectionQuota& quota);
    /// Closes everything; what is unanswered or unwritten is counted as dropped (stopped).
    ~TcpService();
    TcpService(const TcpService&) = delete;
    TcpService& operator=(const TcpService&) = delete;

    std::expected<void, std::string> add_listener(Fd socket);
    /// Settles all connections to which something has happened since. Before the loop sleeps.
    void settle();
    /// Accepts and reads no more; connections close as their answers are written.
    void drain();
    bool draining() const { return draining_; }
    /// Answers that are queued and not yet written.
    std::uint64_t unwritten() const { return unwritten_; }

    // For the connections.
    Loop& loop() { return loop_; }
    const ServerLimits& limits() const { return config_.limits; }
    Forwarder& forwarder() { return forwarder_; }
    ServerCounters& counters() { return counters_; }
    /// A read buffer for use within one call.
    std::span<std::uint8_t> scratch() { return {scratch_.get(), scratch_octets}; }
    void unsettle(TcpConnection& connection);
    /// The account of unsent octets and answers over all connections.
    bool may_keep(std::size_t octets) const { return unsent_ + octets <= config_.limits.tcp_unsent_total_max_octets; }
    void keep(std::size_t octets, std::uint64_t answers);
    void forget(std::size_t octets, std::uint64_t answers);
    SpareBuffers& spares() { return spares_; }

  private:
    class Listener;
    static constexpr std::size_t scratch_octets = 64 << 10;

    void accepted(Fd socket, const Address& client, const Listener& listener);
    void close(TcpConnection& connection);

    Loop& loop_;
    const ServerConfig& config_;
    Forwarder& forwarder_;
    ServerCounters& counters_;
    ConnectionQuota& quota_;
    std::unique_ptr<std::uint8_t[]> scratch_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::vector<std::unique_ptr<TcpConnection>> connections_;
    std::vector<TcpConnection*> unsettled_;
    SpareBuffers spares_;
    std::size_t unsent_ = 0;
    std::uint64_t unwritten_ = 0;
    bool draining_ = false;
};

}  // namespace uncut::harness
