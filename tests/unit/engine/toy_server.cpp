// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine/toy_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace uncut::lab {
namespace {

struct Socket {
    sockaddr_storage address{};
    socklen_t octets = sizeof address;
    sockaddr* any() { return reinterpret_cast<sockaddr*>(&address); }
    std::uint16_t port() const {
        if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
        return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    }
};

Socket loopback(bool v6, std::uint16_t port) {
    Socket made;
    if (v6) {
        auto& address = reinterpret_cast<sockaddr_in6&>(made.address);
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        address.sin6_port = htons(port);
        made.octets = sizeof address;
    } else {
        auto& address = reinterpret_cast<sockaddr_in&>(made.address);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        made.octets = sizeof address;
    }
    return made;
}

// -1: the port is taken.
int bound(int type, bool v6, std::uint16_t& port) {
    const int fd = ::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
    Socket address = loopback(v6, port);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, type == SOCK_STREAM ? sizeof on : 0);
    if (fd < 0 || ::bind(fd, address.any(), address.octets) != 0) {
        ::close(fd);
        return -1;
    }
    ::getsockname(fd, address.any(), &address.octets);
    port = address.port();
    return fd;
}

}  // namespace

void ToyServer::Stream::raw(const Bytes& octets) {
    for (std::size_t sent = 0; fd >= 0 && sent < octets.size();) {
        const ssize_t some = ::send(fd, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
        if (some <= 0) return;
        sent += static_cast<std::size_t>(some);
    }
}

void ToyServer::Stream::send(const Bytes& message) {
    Bytes framed;
    story::put16(framed, static_cast<std::uint32_t>(message.size()));
    framed.insert(framed.end(), message.begin(), message.end());
    raw(framed);
}

void ToyServer::Stream::close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
}

void ToyServer::Stream::reset() {
    const linger none{1, 0};
    if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close();
}

ToyServer::ToyServer(OnDatagram on_datagram, OnMessage on_message, bool v6)
    : on_datagram_(std::move(on_datagram)), on_message_(std::move(on_message)) {
    std::uint16_t port = 0;
    for (int tries = 0; tries < 50; ++tries) {
        port = 0;
        udp_ = bound(SOCK_DGRAM, v6, port);
        tcp_ = bound(SOCK_STREAM, v6, port);
        if (udp_ >= 0 && tcp_ >= 0) break;
        ::close(udp_);
        ::close(tcp_);
        udp_ = tcp_ = -1;
    }
    if (udp_ < 0) throw std::runtime_error("no port for a toy server");
    const int room = 8 << 20;  // a burst of thousands is not to be lost here
    if (::setsockopt(udp_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0) {
        ::setsockopt(udp_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    }
    // Both were bound, so that nobody else has the port; what is not to be served answers with a refusal.
    if (!on_datagram_) {
        ::close(udp_);
        udp_ = -1;
    }
    if (on_message_) ::listen(tcp_, 256);
    address_.family = v6 ? 6 : 4;
    address_.port = port;
    if (v6) {
        address_.octets[15] = 1;
    } else {
        address_.octets = {127, 0, 0, 1};
    }
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { run(); });
}

void ToyServer::stop() {
    const std::uint64_t one = 1;
    if (thread_.joinable() && ::write(stop_, &one, sizeof one) == sizeof one) thread_.join();
}

ToyServer::~ToyServer() {
    stop();
    for (Stream& stream : streams_) stream.close();
    for (const int fd : {udp_, tcp_, stop_}) {
        if (fd >= 0) ::close(fd);
    }
}

void ToyServer::send_to(std::uint16_t port, const Bytes& message) {
    Socket target = loopback(false, port);
    ::sendto(udp_, message.data(), message.size(), 0, target.any(), target.octets);
}

void ToyServer::serve_datagrams() {
    std::array<std::uint8_t, 65536> buffer;
    Socket source;
    const ssize_t got = ::recvfrom(udp_, buffer.data(), buffer.size(), 0, source.any(), &source.octets);
    if (got < 0) return;
    ++datagrams;
    const Datagram datagram{Bytes(buffer.begin(), buffer.begin() + got), source.port()};
    for (const Bytes& reply : on_datagram_(datagram)) {
        ::sendto(udp_, reply.data(), reply.size(), 0, source.any(), source.octets);
    }
}

void ToyServer::accept_one() {
    const int fd = ::accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    Stream stream;
    stream.fd = fd;
    stream.number = ++connections;
    streams_.push_back(std::move(stream));
}

// False: it is closed.
bool ToyServer::serve(Stream& stream) {
    std::array<std::uint8_t, 65536> buffer;
    const ssize_t got = ::recv(stream.fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
        ++closed;
        stream.close();
        return false;
    }
    stream.received.insert(stream.received.end(), buffer.begin(), buffer.begin() + got);
    while (stream.fd >= 0 && stream.received.size() >= 2) {
        const std::size_t length = wire::load16(stream.received.data());
        if (stream.received.size() < 2 + length) break;
        const auto begin = stream.received.begin() + 2;
        const Bytes message(begin, begin + static_cast<std::ptrdiff_t>(length));
        stream.received.erase(stream.received.begin(), begin + static_cast<std::ptrdiff_t>(length));
        ++messages;
        ++stream.messages;
        on_message_(stream, message);
    }
    return stream.fd >= 0;
}

void ToyServer::run() {
    for (;;) {
        std::vector<pollfd> watched{{stop_, POLLIN, 0}, {udp_, POLLIN, 0}, {on_message_ ? tcp_ : -1, POLLIN, 0}};
        for (const Stream& stream : streams_) watched.push_back({stream.fd, POLLIN, 0});
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[0].revents != 0) return;
        if (watched[1].revents != 0) serve_datagrams();
        auto stream = streams_.begin();
        for (std::size_t index = 3; index < watched.size(); ++index) {
            const bool open = watched[index].revents == 0 || serve(*stream);
            stream = open ? std::next(stream) : streams_.erase(stream);
        }
        if (watched[2].revents != 0) accept_one();
    }
}

}  // namespace uncut::lab
