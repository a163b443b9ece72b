// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "harness/net/loop.hpp"
#include "harness/upstream/delay_line.hpp"
#include "harness/upstream/service.hpp"
#include "harness/upstream/tcp_connection.hpp"

namespace uncut::harness::upstream {

/// The upstream's TCP port: listens, or holds the port and refuses. The loop's thread.
class TcpListener : public Loop::Handler {
  public:
    TcpListener(Address address, Loop& loop, DelayLine& delays, Service& service);
    ~TcpListener() override;

    std::expected<void, std::string> listen();
    /// Takes over a socket that listens already.
    std::expected<void, std::string> listen(Fd socket);
    /// Closes the listener and all connections, and keeps the port bound, so that connecting is refused and nobody
    /// else gets the port meanwhile.
    std::expected<void, std::string> refuse();
    bool listening() const { return listening_; }
    void close_connections();
    void on_events(std::uint32_t events) override;

  private:
    // A load test opens some hundreds; what is past this is closed at once, lest descriptors run out.
    static constexpr std::size_t connections_max = 4096;

    void close();

    Address address_;
    Loop& loop_;
    Service& service_;
    const TcpConnection::Owner connections_owner_;
    Fd socket_;
    bool listening_ = false;
    std::uint64_t last_id_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<TcpConnection>> connections_;
};

}  // namespace uncut::harness::upstream
