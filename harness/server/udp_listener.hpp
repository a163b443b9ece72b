// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <uncut.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/net/fd.hpp"
#include "harness/net/loop.hpp"
#include "harness/net/socket.hpp"
#include "harness/server/config.hpp"
#include "harness/server/counters.hpp"

namespace uncut::harness {

class Forwarder;

/// Datagrams received or sent by one system call.
inline constexpr std::size_t udp_batch = 64;

/// The control message of one datagram, aligned as the system wants it.
struct PacketControl {
    alignas(cmsghdr) std::array<std::uint8_t, packet_info_octets> octets;
};

/// The receive buffers of one thread, shared by its listeners: what is received is submitted before the next call.
class UdpReceiveBatch {
  public:
    UdpReceiveBatch();

    /// Receives what is there, at most udp_batch; 0 when there is nothing.
    std::size_t receive(int fd);
    std::span<const std::uint8_t> message(std::size_t i) const;
    /// Nothing for a sender that is neither IPv4 nor IPv6.
    std::optional<Address> sender(std::size_t i) const;
    std::optional<Address> destination(std::size_t i) const { return packet_destination(headers_[i].msg_hdr); }

  private:
    // No datagram is longer, so none is ever cut. The odd 64 octets keep the buffers' starts out of each other's cache
    // sets. Only pages that a datagram reached take memory: commonly one a buffer.
    static constexpr std::size_t slot_octets = 65'536 + 64;

    std::unique_ptr<std::uint8_t[]> buffer_;
    std::array<mmsghdr, udp_batch> headers_{};
    std::array<iovec, udp_batch> parts_{};
    std::array<sockaddr_storage, udp_batch> senders_{};
    std::array<PacketControl, udp_batch> controls_{};
};

/// One UDP socket of one thread: receives queries in batches, gathers answers and sends them in batches.
class UdpListener final : public Loop::Handler {
  public:
    struct Shared {
        const ServerConfig& config;
        Forwarder& forwarder;
        ServerCounters& counters;
        UdpReceiveBatch& receive;
    };
    UdpListener(Fd socket, const Shared& shared);

    void on_events(std::uint32_t events) override;
    /// Queues an answer (the octets are copied); flush sends it, at the latest.
    void answer(const Address& client, const Address& asked, std::span<const std::uint8_t> message);
    void flush();
    int descriptor() const { return socket_.get(); }

  private:
    // A full batch of answers of the common 1,232 octets, and never less than the longest answer.
    static constexpr std::size_t arena_octets = 128 << 10;

    bool may_ask(const Address& client) const;
    void send_truncated(std::size_t i);

    Fd socket_;
    Shared shared_;
    Address address_;
    bool wildcard_;  // answers must then say where they leave from

    std::unique_ptr<std::uint8_t[]> arena_;
    std::size_t arena_used_ = 0;
    std::size_t queued_ = 0;
    std::array<mmsghdr, udp_batch> headers_{};
    std::array<iovec, udp_batch> parts_{};
    std::array<sockaddr_storage, udp_batch> clients_{};
    std::array<PacketControl, udp_batch> controls_{};
};

}  // namespace uncut::harness
