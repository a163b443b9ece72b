// SPDX-License-Identifier: Apache-2.0
#include "tests/abi/upstream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace uncut::abi_test {
namespace {

constexpr std::size_t udp_octets_max = 512;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int bound(int type, std::uint16_t port) {
    const int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (fd >= 0) close(fd);
        return -1;
    }
    return fd;
}

}  // namespace

Upstream::Upstream(std::size_t addresses) : addresses_(addresses) {
    // A port that is free for UDP may be taken for TCP: then another is tried.
    for (int tries = 0; tries < 100 && tcp_ < 0; ++tries) {
        if (udp_ >= 0) close(udp_);
        udp_ = bound(SOCK_DGRAM, 0);
        sockaddr_in address{};
        socklen_t octets = sizeof address;
        getsockname(udp_, reinterpret_cast<sockaddr*>(&address), &octets);
        port_ = ntohs(address.sin_port);
        tcp_ = bound(SOCK_STREAM, port_);
    }
    if (tcp_ < 0 || listen(tcp_, 16) != 0) throw std::runtime_error("no port is free for UDP and TCP");
}

Upstream::~Upstream() {
    close(udp_);
    close(tcp_);
    for (const Connection& connection : connections_) close(connection.fd);
}

uncut_address Upstream::address() const {
    auto address = sized<uncut_address>();
    address.family = 4;
    address.octets[0] = 127;
    address.octets[3] = 1;
    address.port = port_;
    return address;
}

void Upstream::serve() {
    serve_udp();
    serve_tcp();
}

void Upstream::serve_udp() {
    sockaddr_in client{};
    socklen_t client_octets = sizeof client;
    std::uint8_t buffer[4096];
    for (;;) {
        const ssize_t octets =
            recvfrom(udp_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&client), &client_octets);
        if (octets < 0) return;
        ++udp_queries_;
        udp_ids_.push_back(static_cast<std::uint16_t>(buffer[0] << 8 | buffer[1]));
        if (silent_) continue;
        const Octets asked(buffer, buffer + octets);
        Octets answer = response(asked, addresses_);
        if (answer.size() > udp_octets_max) answer = response(asked, 0, true);
        if (wrong_id_first_) {
            Octets wrong = answer;
            wrong[0] ^= 0xff;
            sendto(udp_, wrong.data(), wrong.size(), 0, reinterpret_cast<const sockaddr*>(&client), client_octets);
        }
        sendto(udp_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&client), client_octets);
    }
}

void Upstream::serve_tcp() {
    for (int fd; (fd = accept4(tcp_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        connections_.push_back({fd, {}});
    for (Connection& connection : connections_) {
        std::uint8_t buffer[4096];
        for (ssize_t octets; (octets = recv(connection.fd, buffer, sizeof buffer, 0)) > 0;)
            connection.received.insert(connection.received.end(), buffer, buffer + octets);
        while (connection.received.size() >= 2) {
            const std::size_t octets = connection.received[0] * 256u + connection.received[1];
            if (connection.received.size() < 2 + octets) break;
            const auto begin = connection.received.begin() + 2;
            const auto end = begin + static_cast<std::ptrdiff_t>(octets);
            const Octets asked(begin, end);
            connection.received.erase(connection.received.begin(), end);
            ++tcp_queries_;
            if (silent_) continue;
            Octets answer = response(asked, addresses_);
            const Octets length = {static_cast<std::uint8_t>(answer.size() >> 8),
                                   static_cast<std::uint8_t>(answer.size())};
            answer.insert(answer.begin(), length.begin(), length.end());
            if (send(connection.fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("send");
        }
    }
}

}  // namespace uncut::abi_test
