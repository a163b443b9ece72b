// SPDX-License-Identifier: Apache-2.0
// A client that sends exactly the octets it is told to, so that it can misbehave.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "harness/net/address.hpp"
#include "harness/net/fd.hpp"
#include "tests/support/catch.hpp"

namespace uncut::harness::test {

inline constexpr int patience_ms = 10000;  // far beyond what any test waits for

class RawClient {
  public:
    explicit RawClient(const Address& server) : fd_(::socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_storage raw{};
        const socklen_t octets = server.to_sockaddr(raw);
        REQUIRE(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&raw), octets) == 0);
    }

    /// False once the server no longer takes it.
    bool send(std::string_view octets) {
        while (!octets.empty()) {
            const ssize_t sent = ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// One response, header and body as its Content-Length says; what there was before the connection ended.
    std::string response(bool head = false) {
        while (true) {
            const std::size_t end = pending_.find("\r\n\r\n");
            if (end != std::string::npos) {
                const std::size_t whole = end + 4 + (head ? 0 : content_length(pending_.substr(0, end + 2)));
                if (pending_.size() >= whole) return take(whole);
            }
            if (!receive()) return take(pending_.size());
        }
    }

    /// So many octets, whatever they are; fewer when the connection ends before.
    std::string take_some(std::size_t octets) {
        while (pending_.size() < octets && receive()) {
        }
        return take(std::min(octets, pending_.size()));
    }

    /// True if the server ends the connection, and says nothing more before it does.
    bool ended() {
        const bool more = receive();
        return !more && pending_.empty();
    }

    void finish() { ::shutdown(fd_.get(), SHUT_WR); }

  private:
    static std::size_t content_length(const std::string& header) {
        constexpr std::string_view name = "\r\nContent-Length: ";
        const std::size_t at = header.find(name);
        return at == std::string::npos ? 0 : std::stoul(header.substr(at + name.size()));
    }
    std::string take(std::size_t octets) {
        std::string taken = pending_.substr(0, octets);
        pending_.erase(0, octets);
        return taken;
    }
    bool receive() {
        pollfd wait{fd_.get(), POLLIN, 0};
        if (::poll(&wait, 1, patience_ms) != 1) FAIL("the server neither answers nor closes");
        char octets[4096];
        const ssize_t got = ::recv(fd_.get(), octets, sizeof octets, 0);
        if (got > 0) pending_.append(octets, static_cast<std::size_t>(got));
        return got > 0;
    }

    Fd fd_;
    std::string pending_;
};

}  // namespace uncut::harness::test
