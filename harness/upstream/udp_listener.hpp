// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <array>
#include <vector>

#include "harness/net/loop.hpp"
#include "harness/upstream/delay_line.hpp"
#include "harness/upstream/service.hpp"

namespace uncut::harness::upstream {

/// The upstream's UDP socket: batches in, batches out. The loop's thread.
class UdpListener : public Loop::Handler {
  public:
    /// `other` is bound to another port: what is forged comes from there.
    UdpListener(Fd socket, Fd other, Loop& loop, DelayLine& delays, Service& service);
    ~UdpListener() override;

    std::expected<void, std::string> listen();
    void on_events(std::uint32_t events) override;

  private:
    // One system call for so many datagrams; past 64 the gain is gone.
    static constexpr std::size_t batch_max = 64;
    // A query is hardly ever over 512 octets; a longer datagram than this reads as malformed.
    static constexpr std::size_t query_octets_max = 4096;

    struct Outgoing {
        int fd = -1;
        sockaddr_storage to{};
        socklen_t to_octets = 0;
        std::vector<std::uint8_t> octets;
    };

    bool receive();
    void answer(std::span<const std::uint8_t> message, const sockaddr_storage& from, socklen_t from_octets);
    Outgoing& queue(const sockaddr_storage& to, socklen_t to_octets);
    void flush();

    Fd socket_;
    Fd other_;
    Loop& loop_;
    DelayLine& delays_;
    Service& service_;
    Reply reply_;
    std::vector<std::array<std::uint8_t, query_octets_max>> buffers_;
    std::array<mmsghdr, batch_max> incoming_{};
    std::array<iovec, batch_max> incoming_io_{};
    std::array<sockaddr_storage, batch_max> from_{};
    std::vector<Outgoing> outgoing_;  // the first outgoing_count_ are to be sent
    std::size_t outgoing_count_ = 0;
};

}  // namespace uncut::harness::upstream
