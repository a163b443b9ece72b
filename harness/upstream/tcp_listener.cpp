// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/tcp_listener.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "harness/net/socket.hpp"

namespace uncut::harness::upstream {
namespace {

/// A socket that is bound and does not listen: connecting to it is refused.
std::expected<Fd, std::string> hold_port(const Address& address) {
    Fd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int one = 1;
    sockaddr_storage raw{};
    const socklen_t octets = address.to_sockaddr(raw);
    if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd.get(), reinterpret_cast<const sockaddr*>(&raw), octets) != 0) {
        return std::unexpected(fmt::format("cannot hold TCP {}: {}", address.text(), std::strerror(errno)));
    }
    return fd;
}

}  // namespace

TcpListener::TcpListener(Address address, Loop& loop, DelayLine& delays, Service& service)
    : address_(address),
      loop_(loop),
      service_(service),
      connections_owner_{loop, delays, service,
                         [this](std::uint64_t id) {
                             const auto found = connections_.find(id);
                             return found == connections_.end() ? nullptr : found->second.get();
                         },
                         [this](std::uint64_t id) { connections_.erase(id); }} {}

TcpListener::~TcpListener() {
    close();
}

std::expected<void, std::string> TcpListener::listen() {
    close();
    auto socket = listen_tcp(address_);
    if (!socket) return std::unexpected(socket.error().message);
    return listen(std::move(*socket));
}

std::expected<void, std::string> TcpListener::listen(Fd socket) {
    socket_ = std::move(socket);
    auto added = loop_.add(socket_.get(), EPOLLIN, *this);
    listening_ = added.has_value();
    return added;
}

std::expected<void, std::string> TcpListener::refuse() {
    close();
    auto held = hold_port(address_);
    if (!held) return std::unexpected(held.error());
    socket_ = std::move(*held);
    return {};
}

void TcpListener::close_connections() {
    connections_.clear();
}

void TcpListener::close() {
    close_connections();
    if (listening_) loop_.remove(socket_.get(), *this);
    listening_ = false;
    socket_.reset();
}

void TcpListener::on_events(std::uint32_t) {
    while (true) {
        sockaddr_storage raw{};
        socklen_t octets = sizeof raw;
        Fd accepted(accept4(socket_.get(), reinterpret_cast<sockaddr*>(&raw), &octets, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!accepted) return;
        ++service_.statistics().tcp_connections;
        if (service_.faults().close_connection()) continue;
        const auto client = Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets);
        if (!client || connections_.size() >= connections_max) continue;
        const std::uint64_t id = ++last_id_;
        const auto [at, added] = connections_.emplace(
            id, std::make_unique<TcpConnection>(connections_owner_, id, std::move(accepted), *client));
        if (!at->second->begin()) connections_.erase(at);
    }
}

}  // namespace uncut::harness::upstream
