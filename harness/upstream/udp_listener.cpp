// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/udp_listener.hpp"

namespace uncut::harness::upstream {

UdpListener::UdpListener(Fd socket, Fd other, Loop& loop, DelayLine& delays, Service& service)
    : socket_(std::move(socket)),
      other_(std::move(other)),
      loop_(loop),
      delays_(delays),
      service_(service),
      buffers_(batch_max) {}

UdpListener::~UdpListener() {
    loop_.remove(socket_.get(), *this);
}

std::expected<void, std::string> UdpListener::listen() {
    return loop_.add(socket_.get(), EPOLLIN, *this);
}

void UdpListener::on_events(std::uint32_t) {
    // Bounded, so that TCP and the timers have their turn; epoll calls again while there is more.
    for (int round = 0; round < 4 && receive(); ++round) {
    }
}

bool UdpListener::receive() {
    for (std::size_t i = 0; i < batch_max; ++i) {
        incoming_io_[i] = {buffers_[i].data(), buffers_[i].size()};
        incoming_[i].msg_hdr = {};
        incoming_[i].msg_hdr.msg_name = &from_[i];
        incoming_[i].msg_hdr.msg_namelen = sizeof from_[i];
        incoming_[i].msg_hdr.msg_iov = &incoming_io_[i];
        incoming_[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = recvmmsg(socket_.get(), incoming_.data(), batch_max, MSG_DONTWAIT, nullptr);
    if (count <= 0) return false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        answer({buffers_[i].data(), incoming_[i].msg_len}, from_[i], incoming_[i].msg_hdr.msg_namelen);
    }
    flush();
    return static_cast<std::size_t>(count) == batch_max;
}

void UdpListener::answer(std::span<const std::uint8_t> message, const sockaddr_storage& from, socklen_t from_octets) {
    const auto client = Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&from), from_octets);
    if (!client) return;
    service_.handle(message, Transport::udp, *client, reply_);
    for (std::size_t i = 0; i < reply_.count; ++i) {
        ReplyMessage& to_send = reply_.messages[i];
        if (to_send.delay_ms == 0) {
            Outgoing& out = queue(from, from_octets);
            out.fd = to_send.other_port ? other_.get() : socket_.get();
            out.octets.swap(to_send.octets);
            continue;
        }
        const bool waits = delays_.add(to_send.delay_ms, [this, from, from_octets, octets = to_send.octets] {
            queue(from, from_octets).octets = octets;
            flush();
        });
        if (!waits) ++service_.statistics().send_errors;
    }
}

UdpListener::Outgoing& UdpListener::queue(const sockaddr_storage& to, socklen_t to_octets) {
    if (outgoing_count_ == batch_max) flush();
    if (outgoing_count_ == outgoing_.size()) outgoing_.emplace_back();
    Outgoing& out = outgoing_[outgoing_count_++];
    out.fd = socket_.get();
    out.to = to;
    out.to_octets = to_octets;
    return out;
}

void UdpListener::flush() {
    std::array<mmsghdr, batch_max> messages{};
    std::array<iovec, batch_max> io{};
    for (std::size_t i = 0; i < outgoing_count_; ++i) {
        io[i] = {outgoing_[i].octets.data(), outgoing_[i].octets.size()};
        messages[i].msg_hdr.msg_name = &outgoing_[i].to;
        messages[i].msg_hdr.msg_namelen = outgoing_[i].to_octets;
        messages[i].msg_hdr.msg_iov = &io[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    std::size_t sent = 0;
    while (sent < outgoing_count_) {
        std::size_t end = sent + 1;  // of those from the same port, so that the order is kept
        while (end < outgoing_count_ && outgoing_[end].fd == outgoing_[sent].fd) ++end;
        const int count = sendmmsg(outgoing_[sent].fd, messages.data() + sent, static_cast<unsigned>(end - sent), 0);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
        } else {
            ++service_.statistics().send_errors;  // UDP may lose: the one at fault is skipped
            ++sent;
        }
    }
    outgoing_count_ = 0;
}

}  // namespace uncut::harness::upstream
