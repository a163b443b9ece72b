// SPDX-License-Identifier: Apache-2.0
// Blocking sockets on loopback, for tests.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uncut::test {

using Octets = std::vector<std::uint8_t>;
using Milliseconds = std::chrono::milliseconds;

/// A descriptor, closed in the end.
class Socket {
  public:
    Socket() = default;
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        if (this != &other) {
            close();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~Socket() { close(); }

    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void close();

  private:
    int fd_ = -1;
};

/// An address and a port, as text "127.0.0.1:53" or "[::1]:53".
struct Endpoint {
    std::string address;
    std::uint16_t port = 0;

    static std::optional<Endpoint> parse(std::string_view text);
    std::string text() const;
    bool operator==(const Endpoint&) const = default;
};

/// An endpoint as the system calls want it. Throws std::runtime_error if the address is no numeric one.
struct SystemAddress {
    explicit SystemAddress(const Endpoint& endpoint);
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr_storage storage{};
    socklen_t octets = 0;
};

/// Sockets; they throw std::runtime_error if the system refuses. `type` is SOCK_DGRAM or SOCK_STREAM.
Socket open_socket(const Endpoint& like, int type);
Socket bind_socket(const Endpoint& endpoint, int type);  ///< port 0: any free one; a stream socket listens
Endpoint local_endpoint(const Socket& socket);

/// Waits until a socket can be read; false if the time is up.
bool readable(const Socket& socket, Milliseconds timeout);

/// A port that nobody uses at `address`, neither over UDP nor over TCP, for a program that cannot be told "any".
/// Another program may take it before it is used: whoever asks must look whether its program came up.
std::uint16_t free_port(const std::string& address = "127.0.0.1");

/// Asks again and again, at short intervals, until the condition holds; false if the time is up.
bool until(const std::function<bool()>& condition, Milliseconds timeout = Milliseconds{20'000});

}  // namespace uncut::test
