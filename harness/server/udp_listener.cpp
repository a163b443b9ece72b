// SPDX-License-Identifier: Apache-2.0
#include "harness/server/udp_listener.hpp"

#include <algorithm>
#include <cerrno>

#include "harness/server/forwarder.hpp"

namespace uncut::harness {
namespace {

constexpr std::size_t tc_octets = 512;  // what a client without EDNS takes: RFC 1035 4.2.1

}  // namespace

UdpReceiveBatch::UdpReceiveBatch() : buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(udp_batch * slot_octets)) {
    for (std::size_t i = 0; i < udp_batch; ++i) {
        parts_[i] = {buffer_.get() + i * slot_octets, slot_octets};
        headers_[i].msg_hdr.msg_iov = &parts_[i];
        headers_[i].msg_hdr.msg_iovlen = 1;
        headers_[i].msg_hdr.msg_name = &senders_[i];
        headers_[i].msg_hdr.msg_control = controls_[i].octets.data();
    }
}

std::size_t UdpReceiveBatch::receive(int fd) {
    for (mmsghdr& header : headers_) {  // the last call has written its lengths here
        header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        header.msg_hdr.msg_controllen = packet_info_octets;
    }
    const int count = recvmmsg(fd, headers_.data(), udp_batch, MSG_DONTWAIT, nullptr);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::span<const std::uint8_t> UdpReceiveBatch::message(std::size_t i) const {
    return {buffer_.get() + i * slot_octets, headers_[i].msg_len};
}

std::optional<Address> UdpReceiveBatch::sender(std::size_t i) const {
    return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&senders_[i]), headers_[i].msg_hdr.msg_namelen);
}

UdpListener::UdpListener(Fd socket, const Shared& shared)
    : socket_(std::move(socket)),
      shared_(shared),
      address_(local_address(socket_.get())),
      wildcard_(address_.is_any()),
      arena_(std::make_unique_for_overwrite<std::uint8_t[]>(arena_octets)) {}

bool UdpListener::may_ask(const Address& client) const {
    return address_.is_loopback() || any_contains(shared_.config.allow, client);
}

// One batch an event: the epoll is level-triggered, and the other listeners and the engine have their turn.
void UdpListener::on_events(std::uint32_t) {
    const std::size_t count = shared_.receive.receive(socket_.get());
    for (std::size_t i = 0; i < count; ++i) {
        const auto client = shared_.receive.sender(i);
        if (!client || !may_ask(*client)) {
            // Silence, not REFUSED: a forged sender must not get so much as an answer out of us.
            ++shared_.counters.datagrams_not_allowed;
            continue;
        }
        const Address asked = wildcard_ ? shared_.receive.destination(i).value_or(address_) : address_;
        shared_.forwarder.take_udp(*this, *client, asked, shared_.receive.message(i));
    }
}

void UdpListener::answer(const Address& client, const Address& asked, std::span<const std::uint8_t> message) {
    if (queued_ == udp_batch || arena_used_ + message.size() > arena_octets) flush();
    const std::size_t i = queued_++;
    std::copy(message.begin(), message.end(), arena_.get() + arena_used_);
    parts_[i] = {arena_.get() + arena_used_, message.size()};
    arena_used_ += message.size();
    msghdr& header = headers_[i].msg_hdr;
    header = {};
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    header.msg_name = &clients_[i];
    header.msg_namelen = client.to_sockaddr(clients_[i]);
    // Without this the system picks an address by the route, and the client ignores an answer that comes from another
    // address than it asked (RFC 5452 9.1).
    if (wildcard_ && !asked.is_any()) set_packet_source(header, controls_[i].octets.data(), asked);
}

void UdpListener::flush() {
    std::size_t next = 0;
    while (next < queued_) {
        const auto left = static_cast<unsigned>(queued_ - next);
        const int sent = sendmmsg(socket_.get(), &headers_[next], left, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            shared_.counters.answered_udp += static_cast<std::uint64_t>(sent);
            next += static_cast<std::size_t>(sent);
        } else if (errno == EMSGSIZE) {
            send_truncated(next++);
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            // The client asks again, as after any lost datagram; waiting here would hold up everybody else.
            shared_.counters.count(DropCause::send_blocked, left);
            next = queued_;
        } else if (errno != EINTR) {
            shared_.counters.count(DropCause::send_failed);
            ++next;
        }
    }
    queued_ = 0;
    arena_used_ = 0;
}

// Longer than the way (or UDP itself) carries: TC sends the client to TCP, where silence would leave it waiting.
void UdpListener::send_truncated(std::size_t i) {
    std::array<std::uint8_t, tc_octets> shorter;
    uncut_fit_options options{};
    options.size = UNCUT_STRUCT_SIZE(uncut_fit_options, rotate);
    options.limit = tc_octets;
    options.mode = UNCUT_FIT_EMPTY;
    uncut_fit_result result{};
    result.size = UNCUT_STRUCT_SIZE(uncut_fit_result, rebuilt);
    const auto* message = static_cast<const std::uint8_t*>(parts_[i].iov_base);
    const uncut_status status = shared_.forwarder.backend().module->fit(message, parts_[i].iov_len, &options,
                                                                        shorter.data(), shorter.size(), &result);
    if (status != UNCUT_OK) return shared_.counters.count(DropCause::send_failed);
    parts_[i] = {shorter.data(), result.octets};
    if (sendmsg(socket_.get(), &headers_[i].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        return shared_.counters.count(DropCause::send_failed);
    }
    ++shared_.counters.answered_udp;
    ++shared_.counters.truncated_late;
}

}  // namespace uncut::harness
