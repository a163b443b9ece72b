// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dns_client.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>

namespace uncut::test {

void put16(Octets& octets, unsigned value) {
    octets.push_back(static_cast<std::uint8_t>(value >> 8));
    octets.push_back(static_cast<std::uint8_t>(value));
}

Octets wire_name(std::string_view name) {
    Octets wire;
    while (!name.empty() && name != ".") {
        const auto end = std::min(name.find('.'), name.size());
        if (end == 0 || end > 63) throw std::runtime_error(fmt::format("not a name: {}", name));
        wire.push_back(static_cast<std::uint8_t>(end));
        wire.insert(wire.end(), name.begin(), name.begin() + static_cast<std::ptrdiff_t>(end));
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    wire.push_back(0);
    return wire;
}

Octets make_query(const Question& question, const QueryOptions& options) {
    Octets message;
    put16(message, options.id);
    put16(message, (static_cast<unsigned>(options.opcode) << 11) | (options.recursion_desired ? 0x0100u : 0u));
    for (const unsigned count : {1u, 0u, 0u, options.bufsize ? 1u : 0u}) put16(message, count);
    const Octets name = wire_name(question.name);
    message.insert(message.end(), name.begin(), name.end());
    put16(message, question.type);
    put16(message, question.klass);
    if (options.bufsize) {
        message.push_back(0);
        put16(message, 41);
        put16(message, *options.bufsize);
        put16(message, 0);
        put16(message, options.dnssec_ok ? 0x8000u : 0u);
        put16(message, 0);
    }
    return message;
}

namespace {

Socket connected(const Endpoint& server, int type) {
    Socket socket = open_socket(server, type);
    const SystemAddress address(server);
    if (::connect(socket.fd(), address.get(), address.octets) != 0) {
        throw std::runtime_error(fmt::format("cannot connect to {}: {}", server.text(), std::strerror(errno)));
    }
    return socket;
}

}  // namespace

std::optional<Octets> ask_udp(const Endpoint& server, const Octets& query, Milliseconds timeout) {
    const UdpClient client(server);
    client.send(query);
    return client.receive(timeout);
}

std::optional<Octets> ask_tcp(const Endpoint& server, const Octets& query, Milliseconds timeout) {
    TcpClient client(server);
    client.send(query);
    return client.receive(timeout);
}

UdpClient::UdpClient(const Endpoint& server) : socket_(connected(server, SOCK_DGRAM)) {}

void UdpClient::send(const Octets& message) const {
    // A refusal of an earlier datagram may be reported here; then this one was not sent yet.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (::send(socket_.fd(), message.data(), message.size(), MSG_NOSIGNAL) >= 0) return;
        if (errno != ECONNREFUSED) break;
    }
    throw std::runtime_error(fmt::format("send: {}", std::strerror(errno)));
}

std::optional<Octets> UdpClient::receive(Milliseconds timeout) const {
    if (!readable(socket_, timeout)) return std::nullopt;
    Octets message(65535);
    const auto octets = ::recv(socket_.fd(), message.data(), message.size(), MSG_DONTWAIT);
    if (octets < 0) return std::nullopt;
    message.resize(static_cast<std::size_t>(octets));
    return message;
}

TcpClient::TcpClient(const Endpoint& server) : socket_(connected(server, SOCK_STREAM)) {
    // Each message leaves at once, however small, as a stub resolver sends it.
    const int on = 1;
    ::setsockopt(socket_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void TcpClient::send(const Octets& message) const {
    Octets framed;
    put16(framed, static_cast<unsigned>(message.size()));
    framed.insert(framed.end(), message.begin(), message.end());
    send_raw(framed);
}

void TcpClient::send_raw(const Octets& octets) const {
    std::size_t sent = 0;
    while (sent < octets.size()) {
        const auto more = ::send(socket_.fd(), octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
        if (more < 0) throw std::runtime_error(fmt::format("send: {}", std::strerror(errno)));
        sent += static_cast<std::size_t>(more);
    }
}

std::optional<Octets> TcpClient::receive(Milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        if (buffer_.size() >= 2) {
            const std::size_t octets = static_cast<std::size_t>(buffer_[0]) << 8 | buffer_[1];
            if (buffer_.size() >= octets + 2) {
                const auto begin = buffer_.begin() + 2;
                Octets message(begin, begin + static_cast<std::ptrdiff_t>(octets));
                buffer_.erase(buffer_.begin(), begin + static_cast<std::ptrdiff_t>(octets));
                return message;
            }
        }
        const auto left = std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now());
        if (closed_ || !readable(socket_, left)) return std::nullopt;
        Octets more(65536);
        const auto octets = ::recv(socket_.fd(), more.data(), more.size(), 0);
        if (octets <= 0) {
            closed_ = true;
            return std::nullopt;
        }
        buffer_.insert(buffer_.end(), more.begin(), more.begin() + octets);
    }
}

bool answers(const Endpoint& server, const Question& question) {
    constexpr Milliseconds soon{200};
    try {
        const Octets query = make_query(question);
        return ask_udp(server, query, soon).has_value() && ask_tcp(server, query, soon).has_value();
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace uncut::test
