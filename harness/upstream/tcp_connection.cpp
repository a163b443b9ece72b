// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/tcp_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace uncut::harness::upstream {
namespace {

// RFC 7766 6.2.3 asks for seconds; clients under test reuse connections, so this is on the long side.
constexpr std::uint64_t idle_timeout_us = 30'000'000;
// An answer that waits for another to be reordered with: a client that sends no second query still gets its answer,
// within the two seconds that it gives TCP.
constexpr std::uint64_t hold_us = 500'000;
constexpr std::size_t length_octets = 2;
// A client that sends and never reads: past this much unsent its queries are no longer read.
constexpr std::size_t unsent_octets_max = 1 << 20;

void append_framed(std::span<const std::uint8_t> message, std::int32_t difference, std::vector<std::uint8_t>& out) {
    const auto length = static_cast<std::int32_t>(message.size()) + difference;
    append_u16(out, static_cast<unsigned>(std::clamp(length, 0, static_cast<std::int32_t>(message_octets_max))));
    out.insert(out.end(), message.begin(), message.end());
}

}  // namespace

TcpConnection::TcpConnection(const Owner& owner, std::uint64_t id, Fd socket, const Address& client)
    : owner_(owner),
      id_(id),
      socket_(std::move(socket)),
      client_(client),
      idle_(owner.loop, [this] { end(); }),
      hold_(owner.loop, [this] {
          send_held();
          flush();
      }) {}

TcpConnection::~TcpConnection() {
    owner_.loop.remove(socket_.get(), *this);
}

bool TcpConnection::begin() {
    const int one = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    idle_.arm(idle_timeout_us);
    return owner_.loop.add(socket_.get(), EPOLLIN, *this).has_value();
}

void TcpConnection::on_events(std::uint32_t events) {
    if ((events & EPOLLERR) != 0) return end();
    if ((events & (EPOLLIN | EPOLLHUP)) != 0 && !read_all()) return;
    pair();
    if (read_closed_) send_held();
    flush();
}

bool TcpConnection::read_all() {
    turn_ = 0;
    while (!read_closed_ && out_.octets() < unsent_octets_max) {
        std::array<std::uint8_t, 16384> room;
        const ssize_t count = recv(socket_.get(), room.data(), room.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (count < 0) {
            end();
            return false;
        }
        read_closed_ = count == 0;
        in_.insert(in_.end(), room.begin(), room.begin() + count);
        if (!take_messages()) return false;
    }
    return true;
}

bool TcpConnection::take_messages() {
    std::size_t at = 0;
    while (in_.size() - at >= length_octets) {
        const std::size_t octets = get_u16(in_, at);
        if (in_.size() - at - length_octets < octets) break;
        idle_.arm(idle_timeout_us);  // on whole messages only: RFC 7766 6.2.3
        if (!take({in_.data() + at + length_octets, octets})) return false;
        at += length_octets + octets;
    }
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
}

bool TcpConnection::take(std::span<const std::uint8_t> message) {
    owner_.service.handle(message, Transport::tcp, client_, reply_);
    if (reply_.tcp.reset) return reset();
    if (silent_) return true;
    std::vector<Batch> to_send = batches();
    if (reply_.tcp.stall_octets || reply_.tcp.close_octets) {
        limit(to_send, reply_.tcp.stall_octets ? *reply_.tcp.stall_octets : *reply_.tcp.close_octets);
        to_send.back().then_close = !reply_.tcp.stall_octets;
        silent_ = true;
    }
    for (Batch& batch : to_send) {
        if (batch.delay_ms == 0) {
            deliver(std::move(batch));
            continue;
        }
        const std::uint32_t delay_ms = batch.delay_ms;
        // By its id: the connection may be gone by then.
        const bool waits = owner_.delays.add(delay_ms, [&owner = owner_, id = id_, later = std::move(batch)] {
            TcpConnection* self = owner.find(id);
            if (self == nullptr) return;
            --self->delayed_;
            self->turn_ = 0;
            self->deliver(later);
            self->pair();
            self->flush();
        });
        if (waits) ++delayed_;
    }
    return true;
}

/// The reply's messages, with those that leave at one time in one batch. There is always one, if an empty one.
std::vector<TcpConnection::Batch> TcpConnection::batches() const {
    std::vector<Batch> out;
    for (std::size_t i = 0; i < reply_.count; ++i) {
        const ReplyMessage& message = reply_.messages[i];
        if (out.empty() || out.back().delay_ms != message.delay_ms) {
            out.push_back({.octets = {},
                           .delay_ms = message.delay_ms,
                           .one_octet = reply_.tcp.one_octet,
                           .reorder_count = reply_.tcp.reorder_count,
                           .coalesce = reply_.tcp.coalesce});
        }
        append_framed(message.octets, reply_.tcp.length_difference, out.back().octets);
    }
    if (out.empty()) out.emplace_back();
    return out;
}

/// Leaves so many octets of the batches together, and none of those that come after.
void TcpConnection::limit(std::vector<Batch>& batches, std::size_t octets) const {
    for (std::size_t i = 0; i < batches.size(); ++i) {
        if (octets <= batches[i].octets.size()) {
            batches[i].octets.resize(octets);
            batches.resize(i + 1);
            return;
        }
        octets -= batches[i].octets.size();
    }
}

void TcpConnection::deliver(Batch batch) {
    if (!batch.octets.empty()) ++turn_;
    close_when_sent_ = close_when_sent_ || batch.then_close;
    if (batch.reorder_count > 1 && !silent_) {
        const std::uint32_t wanted = batch.reorder_count;
        held_.push_back(std::move(batch));
        if (held_.size() >= wanted) {
            send_held();
        } else {
            hold_.arm(hold_us);
        }
        return;
    }
    if (batch.coalesce && !silent_) single_ = batch;
    out_.add(std::move(batch.octets), batch.one_octet);
}

void TcpConnection::send_held() {
    hold_.disarm();
    for (auto batch = held_.rbegin(); batch != held_.rend(); ++batch) {
        out_.add(std::move(batch->octets), batch->one_octet);
    }
    held_.clear();
}

/// The answer that should leave in one segment with another and is alone goes twice.
void TcpConnection::pair() {
    if (turn_ == 1) out_.add(std::move(single_.octets), single_.one_octet);
    single_ = {};
}

bool TcpConnection::flush() {
    const TcpOutbox::Sent sent = out_.send_to(socket_.get());
    const bool all_sent = sent == TcpOutbox::Sent::all;
    const bool all_answered = read_closed_ && delayed_ == 0 && held_.empty();
    if (sent == TcpOutbox::Sent::failed || (all_sent && (close_when_sent_ || all_answered))) {
        end();
        return false;
    }
    const bool reading = !read_closed_ && out_.octets() < unsent_octets_max;
    owner_.loop.modify(socket_.get(), (reading ? EPOLLIN : 0U) | (all_sent ? 0U : EPOLLOUT), *this);
    return true;
}

bool TcpConnection::reset() {
    // Closed with a linger of zero the kernel sends RST instead of FIN.
    const linger none{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    end();
    return false;
}

}  // namespace uncut::harness::upstream
