// SPDX-License-Identifier: Apache-2.0
// A TCP client that may misbehave: it half closes, resets, picks its own address, reads slowly or not at all.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "tests/support/net.hpp"

namespace uncut::harness::test {

class Peer {
  public:
    explicit Peer(const uncut::test::Endpoint& server, const std::string& from = "127.0.0.1", int receive_octets = 0)
        : socket_(uncut::test::open_socket(server, SOCK_STREAM)) {
        if (receive_octets != 0)
            setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVBUF, &receive_octets, sizeof receive_octets);
        const uncut::test::SystemAddress source(uncut::test::Endpoint{from, 0});
        const uncut::test::SystemAddress target(server);
        if (bind(socket_.fd(), source.get(), source.octets) != 0 ||
            connect(socket_.fd(), target.get(), target.octets) != 0) {
            throw std::runtime_error("cannot connect to " + server.text());
        }
    }

    /// False when the connection is broken.
    bool send(const uncut::test::Octets& octets) const {
        return ::send(socket_.fd(), octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
    }
    void finish_sending() const { shutdown(socket_.fd(), SHUT_WR); }
    /// Sends RST.
    void reset() {
        const linger now{.l_onoff = 1, .l_linger = 0};
        setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        socket_.close();
    }

    /// The next whole message; none at the end of the connection or of the time.
    std::optional<uncut::test::Octets> receive(uncut::test::Milliseconds timeout = uncut::test::Milliseconds{10'000}) {
        while (!whole()) {
            if (ended_ || !uncut::test::readable(socket_, timeout)) return std::nullopt;
            std::uint8_t octets[16'384];
            const ssize_t count = recv(socket_.fd(), octets, sizeof octets, 0);
            if (count <= 0) {
                ended_ = true;
            } else {
                buffer_.insert(buffer_.end(), octets, octets + count);
            }
        }
        const auto end = buffer_.begin() + 2 + length();
        uncut::test::Octets message(buffer_.begin() + 2, end);
        buffer_.erase(buffer_.begin(), end);
        return message;
    }
    /// Whether the server ends the connection within the time, with nothing more to read.
    bool ends(uncut::test::Milliseconds timeout = uncut::test::Milliseconds{10'000}) {
        return !receive(timeout) && ended_ && buffer_.empty();
    }

  private:
    std::ptrdiff_t length() const { return buffer_[0] << 8 | buffer_[1]; }
    bool whole() const { return buffer_.size() >= 2 && static_cast<std::ptrdiff_t>(buffer_.size()) >= 2 + length(); }

    uncut::test::Socket socket_;
    uncut::test::Octets buffer_;
    bool ended_ = false;
};

}  // namespace uncut::harness::test
