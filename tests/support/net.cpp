// SPDX-License-Identifier: Apache-2.0
#include "tests/support/net.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace uncut::test {

void Socket::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    const auto digits = text.substr(colon + 1);
    Endpoint endpoint{std::string(address), 0};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    in6_addr parsed{};
    if (::inet_pton(AF_INET, endpoint.address.c_str(), &parsed) != 1 &&
        ::inet_pton(AF_INET6, endpoint.address.c_str(), &parsed) != 1) {
        return std::nullopt;
    }
    return endpoint;
}

std::string Endpoint::text() const {
    return address.contains(':') ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

SystemAddress::SystemAddress(const Endpoint& endpoint) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, endpoint.address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint.port);
        octets = sizeof *v4;
    } else if (::inet_pton(AF_INET6, endpoint.address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(endpoint.port);
        octets = sizeof *v6;
    } else {
        throw std::runtime_error(fmt::format("not a numeric address: {}", endpoint.address));
    }
}

Socket open_socket(const Endpoint& like, int type) {
    Socket socket(::socket(SystemAddress(like).storage.ss_family, type | SOCK_CLOEXEC, 0));
    if (!socket) throw std::runtime_error(fmt::format("socket: {}", std::strerror(errno)));
    return socket;
}

Socket bind_socket(const Endpoint& endpoint, int type) {
    Socket socket = open_socket(endpoint, type);
    const SystemAddress address(endpoint);
    const int on = 1;
    if (type == SOCK_STREAM) ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.fd(), address.get(), address.octets) != 0 ||
        (type == SOCK_STREAM && ::listen(socket.fd(), SOMAXCONN) != 0)) {
        throw std::runtime_error(fmt::format("cannot bind {}: {}", endpoint.text(), std::strerror(errno)));
    }
    return socket;
}

Endpoint local_endpoint(const Socket& socket) {
    sockaddr_storage storage{};
    socklen_t octets = sizeof storage;
    if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&storage), &octets) != 0) {
        throw std::runtime_error(fmt::format("getsockname: {}", std::strerror(errno)));
    }
    char text[INET6_ADDRSTRLEN] = "";
    if (storage.ss_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
        ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
        return {text, ntohs(v4->sin_port)};
    }
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return {text, ntohs(v6->sin6_port)};
}

bool readable(const Socket& socket, Milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now());
        pollfd one{socket.fd(), POLLIN, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::max(left, Milliseconds{0}).count()));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

std::uint16_t free_port(const std::string& address) {
    constexpr int attempts_max = 100;  // each fails only if the UDP port found is busy over TCP
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        const Socket udp = bind_socket({address, 0}, SOCK_DGRAM);
        const Endpoint endpoint = local_endpoint(udp);
        const SystemAddress wanted(endpoint);
        const Socket tcp = open_socket(endpoint, SOCK_STREAM);
        if (::bind(tcp.fd(), wanted.get(), wanted.octets) == 0) return endpoint.port;
    }
    throw std::runtime_error(fmt::format("no free port at {}", address));
}

bool until(const std::function<bool()>& condition, Milliseconds timeout) {
    constexpr Milliseconds interval{2};
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(interval);
    }
    return true;
}

}  // namespace uncut::test
