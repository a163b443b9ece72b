// SPDX-License-Identifier: Apache-2.0
#include "tests/support/toy_upstream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "tests/support/dns_client.hpp"

namespace uncut::test {

namespace {

std::size_t question_end(const Octets& query) {
    std::size_t at = 12;
    while (query.at(at) != 0) at += query[at] + std::size_t{1};
    return at + 5;
}

// The sockets of a port that is free over both; a test that names the port gets that or an exception.
std::pair<Socket, Socket> bind_both(const Endpoint& listen, bool with_tcp) {
    constexpr int attempts_max = 20;
    for (int attempt = 0;; ++attempt) {
        Socket udp = bind_socket(listen, SOCK_DGRAM);
        // A burst of thousands must not be lost while the thread writes answers; what the kernel gives, it gives.
        const int room = 16 << 20;
        if (::setsockopt(udp.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0) {
            ::setsockopt(udp.fd(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        }
        if (!with_tcp) return {std::move(udp), Socket()};
        try {
            return {std::move(udp), bind_socket(local_endpoint(udp), SOCK_STREAM)};
        } catch (const std::runtime_error&) {
            if (listen.port != 0 || attempt == attempts_max) throw;
        }
    }
}

}  // namespace

Octets make_response(const Octets& query, const ToyResponse& response) {
    const std::size_t end = question_end(query);
    const bool edns = query[10] != 0 || query[11] != 0;
    Octets message(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(end));
    message[2] = static_cast<std::uint8_t>((query[2] & 0x79) | 0x80 | (response.tc ? 0x02 : 0));
    message[3] = static_cast<std::uint8_t>((response.ra ? 0x80 : 0) | response.rcode);
    message[6] = static_cast<std::uint8_t>(response.answers.size() >> 8);
    message[7] = static_cast<std::uint8_t>(response.answers.size());
    for (const auto& record : response.answers) {
        if (record.owner.empty()) {
            put16(message, 0xc00c);
        } else {
            const Octets owner = wire_name(record.owner);
            message.insert(message.end(), owner.begin(), owner.end());
        }
        for (const unsigned field : {unsigned{record.type}, 1u, 0u, 60u}) put16(message, field);
        put16(message, static_cast<unsigned>(record.rdata.size()));
        message.insert(message.end(), record.rdata.begin(), record.rdata.end());
    }
    if (edns) {
        message.push_back(0);
        for (const unsigned field : {41u, 1232u, 0u, 0u, 0u}) put16(message, field);
    }
    message[10] = 0;
    message[11] = edns ? 1 : 0;
    return message;
}

std::vector<ToyRecord> addresses(std::size_t count) {
    std::vector<ToyRecord> records;
    for (std::size_t i = 1; i <= count; ++i) {
        records.push_back({type_a, {10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}, ""});
    }
    return records;
}

ToyUpstream::ToyUpstream(Handler handler, bool with_tcp, const Endpoint& listen)
    : handler_(std::move(handler)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    std::tie(udp_, tcp_) = bind_both(listen, with_tcp);
    endpoint_ = local_endpoint(udp_);
    thread_ = std::thread([this] { run(); });
}

ToyUpstream::~ToyUpstream() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_.fd(), &one, sizeof one);
    thread_.join();
}

void ToyUpstream::run() {
    std::vector<pollfd> polled;
    for (;;) {
        polled.assign({{stop_.fd(), POLLIN, 0}, {udp_.fd(), POLLIN, 0}, {tcp_.fd(), POLLIN, 0}});
        for (const auto& connection : open_) polled.push_back({connection.socket.fd(), POLLIN, 0});
        if (::poll(polled.data(), polled.size(), -1) < 0) continue;
        if (polled[0].revents != 0) return;
        if (polled[1].revents != 0) serve_udp();
        // From the last to the first, so that one that ends does not move those still to be looked at.
        for (std::size_t i = open_.size(); i-- > 0;) {
            if (polled[i + 3].revents == 0 || serve_tcp(open_[i])) continue;
            open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (polled[2].revents != 0) {
            open_.push_back({Socket(::accept4(tcp_.fd(), nullptr, nullptr, SOCK_CLOEXEC)), {}});
            // Each answer leaves at once, as from any server that is used.
            const int on = 1;
            ::setsockopt(open_.back().socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ++connections_;
        }
    }
}

void ToyUpstream::serve_udp() {
    std::array<std::uint8_t, 65535> buffer;
    sockaddr_storage peer{};
    for (;;) {
        socklen_t peer_octets = sizeof peer;
        const auto octets = ::recvfrom(udp_.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&peer), &peer_octets);
        if (octets < 0) return;
        ++asked_udp_;
        for (const auto& message : handler_({buffer.begin(), buffer.begin() + octets}, false)) {
            ::sendto(udp_.fd(), message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&peer),
                     peer_octets);
        }
    }
}

bool ToyUpstream::serve_tcp(Connection& connection) {
    std::array<std::uint8_t, 65536> chunk;
    const auto received = ::recv(connection.socket.fd(), chunk.data(), chunk.size(), 0);
    if (received <= 0) return false;
    auto& buffer = connection.buffer;
    buffer.insert(buffer.end(), chunk.begin(), chunk.begin() + received);
    while (buffer.size() >= 2 && buffer.size() >= 2 + (std::size_t{buffer[0]} << 8 | buffer[1])) {
        const auto end = buffer.begin() + 2 + (buffer[0] << 8 | buffer[1]);
        const Octets query(buffer.begin() + 2, end);
        buffer.erase(buffer.begin(), end);
        ++asked_tcp_;
        for (const auto& message : handler_(query, true)) {
            Octets framed;
            put16(framed, static_cast<unsigned>(message.size()));
            framed.insert(framed.end(), message.begin(), message.end());
            if (::send(connection.socket.fd(), framed.data(), framed.size(), MSG_NOSIGNAL) < 0) return false;
        }
    }
    return true;
}

}  // namespace uncut::test
