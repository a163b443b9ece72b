// SPDX-License-Identifier: Apache-2.0
#include "module/engine/tcp_connection.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace uncut::engine {

std::uint32_t connect_cause(int error) noexcept {
    switch (error) {
        case ETIMEDOUT:
            return UNCUT_CAUSE_CONNECT_TIMEOUT;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
        case EADDRNOTAVAIL:
        case EAGAIN:
            return UNCUT_CAUSE_SEND;  // this host has none left: nothing is known of the upstream
        default:
            return UNCUT_CAUSE_REFUSED;
    }
}

std::uint32_t stream_cause(int error) noexcept {
    switch (error) {
        case ETIMEDOUT:
            return UNCUT_CAUSE_STALLED;
        case ENOBUFS:
        case ENOMEM:
            return UNCUT_CAUSE_SEND;
        default:
            return UNCUT_CAUSE_RESET;
    }
}

std::uint32_t Connection::open(const Address& address, const Buffers& buffers, int epoll, std::uint64_t tag) noexcept {
    Fd fd(::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (!fd) return connect_cause(errno);
    // A query leaves at once, whatever of earlier ones is not yet acknowledged.
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    State state = State::open;
    if (::connect(fd.get(), &address.any, address.octets) != 0) {
        if (errno != EINPROGRESS && errno != EINTR) return connect_cause(errno);
        state = State::connecting;
    }
    epoll_event event{};
    event.events = state == State::open ? EPOLLIN : EPOLLIN | EPOLLOUT;
    event.data.u64 = tag;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd.get(), &event) != 0) return UNCUT_CAUSE_SEND;
    fd_ = std::move(fd);
    state_ = state;
    epoll_ = epoll;
    tag_ = tag;
    watched_ = event.events;
    reader_ = wire::FrameReader(buffers.read);
    write_ = buffers.write;
    sent_ = written_ = 0;
    return UNCUT_CAUSE_NONE;
}

void Connection::close() noexcept {
    if (state_ == State::closed) return;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd_.get(), nullptr);
    fd_.reset();
    state_ = State::closed;
}

std::uint32_t Connection::finish_connect() noexcept {
    int error = 0;
    socklen_t octets = sizeof error;
    if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &octets) != 0) error = errno;
    if (error != 0) return connect_cause(error);
    sockaddr_storage peer;
    octets = sizeof peer;
    if (::getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &octets) != 0) {
        if (errno == ENOTCONN) return UNCUT_CAUSE_NONE;
        return connect_cause(errno);
    }
    state_ = State::open;
    watch(has_unsent() ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return UNCUT_CAUSE_NONE;
}

void Connection::watch(std::uint32_t events) noexcept {
    if (events == watched_) return;
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag_;
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_.get(), &event) == 0) watched_ = events;
}

bool Connection::has_room(std::size_t message_octets) const noexcept {
    return write_.size() - (written_ - sent_) >= wire::frame_prefix_octets + message_octets;
}

bool Connection::append(Octets message, std::uint16_t id) noexcept {
    if (message.size() < wire::header_octets || !has_room(message.size())) return false;
    const std::size_t needed = wire::frame_prefix_octets + message.size();
    if (write_.size() - written_ < needed) {
        std::memmove(write_.data(), write_.data() + sent_, written_ - sent_);
        written_ -= sent_;
        sent_ = 0;
    }
    std::uint8_t* at = write_.data() + written_;
    wire::store16(at, static_cast<std::uint32_t>(message.size()));
    std::memcpy(at + wire::frame_prefix_octets, message.data(), message.size());
    wire::set_id(at + wire::frame_prefix_octets, id);
    written_ += needed;
    return true;
}

std::uint32_t Connection::flush() noexcept {
    while (has_unsent()) {
        const ssize_t sent = ::send(fd_.get(), write_.data() + sent_, written_ - sent_, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) return stream_cause(errno);
            watch(EPOLLIN | EPOLLOUT);
            return UNCUT_CAUSE_NONE;
        }
        sent_ += static_cast<std::size_t>(sent);
    }
    sent_ = written_ = 0;
    watch(EPOLLIN);
    return UNCUT_CAUSE_NONE;
}

std::uint32_t Connection::fill(bool& drained) noexcept {
    drained = true;
    reader_.compact();
    const std::span<std::uint8_t> space = reader_.space();
    if (space.empty()) return UNCUT_CAUSE_FOREIGN;  // cannot be: the buffer holds any frame
    const ssize_t got = ::recv(fd_.get(), space.data(), space.size(), 0);
    if (got < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return UNCUT_CAUSE_NONE;
        return stream_cause(errno);
    }
    if (got == 0) return UNCUT_CAUSE_CLOSED;
    reader_.filled(static_cast<std::size_t>(got));
    drained = static_cast<std::size_t>(got) < space.size();
    return UNCUT_CAUSE_NONE;
}

bool Connection::next(std::span<std::uint8_t>& message) noexcept {
    Octets taken;
    if (!reader_.next(taken)) return false;
    message = {const_cast<std::uint8_t*>(taken.data()), taken.size()};  // it lies in the buffer that we were lent
    return true;
}

}  // namespace uncut::engine
