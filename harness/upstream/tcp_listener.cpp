// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/tcp_listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "harness/net/socket.hpp"

namespace uncut::harness::upstream {
namespace {

// RFC 7766 6.2.3 asks for seconds; clients under test reuse connections, so this is on the long side.
constexpr std::uint64_t idle_timeout_us = 30'000'000;
constexpr std::size_t length_octets = 2;
// A client that sends and never reads: past this much unsent its queries are no longer read.
constexpr std::size_t unsent_octets_max = 1 << 20;

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

class TcpListener::Connection : public Loop::Handler {
  public:
    Connection(TcpListener& owner, std::uint64_t id, Fd socket, const Address& client)
        : owner_(owner), id_(id), socket_(std::move(socket)), client_(client), idle_(owner.loop_, [this] { end(); }) {}
    ~Connection() override { owner_.loop_.remove(socket_.get(), *this); }

    bool begin() {
        idle_.arm(idle_timeout_us);
        return owner_.loop_.add(socket_.get(), EPOLLIN, *this).has_value();
    }

    void on_events(std::uint32_t events) override {
        if ((events & EPOLLERR) != 0) return end();
        if ((events & (EPOLLIN | EPOLLHUP)) != 0 && !read_all()) return;
        flush();
    }

  private:
    // Each returns false when the connection, and this object with it, is gone.
    bool read_all();
    bool take_messages();
    bool take(std::span<const std::uint8_t> message);
    bool send_later(std::vector<std::uint8_t> framed, std::uint32_t delay_ms);
    bool flush();
    bool reset();

    void end() { owner_.connections_.erase(std::uint64_t{id_}); }
    static void append_framed(std::span<const std::uint8_t> message, std::vector<std::uint8_t>& out);

    TcpListener& owner_;
    std::uint64_t id_;
    Fd socket_;
    Address client_;
    Timer idle_;
    Reply reply_;
    std::vector<std::uint8_t> in_;
    std::vector<std::uint8_t> out_;
    std::size_t out_sent_ = 0;
    std::size_t delayed_ = 0;       // answers in the delay line
    bool read_closed_ = false;      // the client sent FIN: answer what is left, then close (RFC 7766 6.2.4)
    bool close_when_sent_ = false;  // the fault that closes early
    bool stalled_ = false;
};

void TcpListener::Connection::append_framed(std::span<const std::uint8_t> message, std::vector<std::uint8_t>& out) {
    out.push_back(static_cast<std::uint8_t>(message.size() >> 8U));
    out.push_back(static_cast<std::uint8_t>(message.size()));
    out.insert(out.end(), message.begin(), message.end());
}

bool TcpListener::Connection::read_all() {
    while (!read_closed_ && out_.size() - out_sent_ < unsent_octets_max) {
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

bool TcpListener::Connection::take_messages() {
    std::size_t at = 0;
    while (in_.size() - at >= length_octets) {
        const std::size_t octets = static_cast<std::size_t>(in_[at] << 8U | in_[at + 1]);
        if (in_.size() - at - length_octets < octets) break;
        idle_.arm(idle_timeout_us);  // on whole messages only: RFC 7766 6.2.3
        if (!take({in_.data() + at + length_octets, octets})) return false;
        at += length_octets + octets;
    }
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
}

bool TcpListener::Connection::take(std::span<const std::uint8_t> message) {
    owner_.service_.handle(message, Transport::tcp, client_, reply_);
    if (reply_.tcp_reset) return reset();
    if (stalled_ || close_when_sent_) return true;
    std::vector<std::uint8_t> now;
    std::vector<std::uint8_t> later;
    for (std::size_t i = 0; i < reply_.count; ++i) {
        append_framed(reply_.messages[i], reply_.delay_ms == 0 || i < reply_.ahead ? now : later);
    }
    if (reply_.tcp_stall_octets) {
        now.resize(std::min<std::size_t>(now.size(), *reply_.tcp_stall_octets));
        stalled_ = true;
    } else if (reply_.tcp_close_octets) {
        now.resize(std::min<std::size_t>(now.size(), *reply_.tcp_close_octets));
        close_when_sent_ = true;
    }
    out_.insert(out_.end(), now.begin(), now.end());
    return later.empty() || stalled_ || close_when_sent_ || send_later(std::move(later), reply_.delay_ms);
}

bool TcpListener::Connection::send_later(std::vector<std::uint8_t> framed, std::uint32_t delay_ms) {
    ++delayed_;
    // By its id: the connection may be gone by then.
    owner_.delays_.add(delay_ms, [&owner = owner_, id = id_, octets = std::move(framed)] {
        const auto found = owner.connections_.find(id);
        if (found == owner.connections_.end()) return;
        Connection& self = *found->second;
        --self.delayed_;
        self.out_.insert(self.out_.end(), octets.begin(), octets.end());
        self.flush();
    });
    return true;
}

bool TcpListener::Connection::flush() {
    while (out_sent_ < out_.size()) {
        const ssize_t count = send(socket_.get(), out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) {
            end();
            return false;
        }
        out_sent_ += static_cast<std::size_t>(count);
    }
    const bool all_sent = out_sent_ == out_.size();
    if (all_sent) {
        out_.clear();
        out_sent_ = 0;
    }
    if (all_sent && (close_when_sent_ || (read_closed_ && delayed_ == 0))) {
        end();
        return false;
    }
    const bool reading = !read_closed_ && out_.size() - out_sent_ < unsent_octets_max;
    owner_.loop_.modify(socket_.get(), (reading ? EPOLLIN : 0U) | (all_sent ? 0U : EPOLLOUT), *this);
    return true;
}

bool TcpListener::Connection::reset() {
    // Closed with a linger of zero the kernel sends RST instead of FIN.
    const linger none{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    end();
    return false;
}

TcpListener::TcpListener(Address address, Loop& loop, DelayLine& delays, Service& service)
    : address_(address), loop_(loop), delays_(delays), service_(service) {}

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
        const auto client = Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets);
        if (!client || connections_.size() >= connections_max) continue;
        const std::uint64_t id = ++last_id_;
        const auto [at, added] =
            connections_.emplace(id, std::make_unique<Connection>(*this, id, std::move(accepted), *client));
        if (!at->second->begin()) connections_.erase(at);
    }
}

}  // namespace uncut::harness::upstream
