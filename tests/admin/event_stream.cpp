// SPDX-License-Identifier: Apache-2.0
#include "tests/admin/event_stream.hpp"

#include <stdexcept>

namespace uncut::test {
namespace {

constexpr Milliseconds patience{10'000};

}  // namespace

EventStream::EventStream(const Endpoint& server, const std::string& target, const std::string& headers)
    : socket_(open_socket(server, SOCK_STREAM)) {
    const SystemAddress address(server);
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + server.text() + "\r\n" + headers + "\r\n";
    if (::connect(socket_.fd(), address.get(), address.octets) != 0 ||
        ::send(socket_.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
        throw std::runtime_error("the stream cannot be asked for");
    }
    const std::string header = until("\r\n\r\n");
    if (!header.starts_with("HTTP/1.1 200") || header.find("text/event-stream") == std::string::npos) {
        throw std::runtime_error("no stream: " + header);
    }
    until(":\n\n");  // it stands: what comes from now on is seen
}

boost::json::object EventStream::next() {
    for (;;) {
        const std::string block = until("\n\n");
        const auto data = block.find("\ndata: ");
        if (data == std::string::npos) continue;  // a heartbeat
        const std::string text = block.substr(data + 7);
        return boost::json::parse(text.substr(0, text.size() - 2)).as_object();
    }
}

std::string EventStream::until(const std::string& end) {
    for (;;) {
        if (const auto at = pending_.find(end); at != std::string::npos) {
            std::string text = pending_.substr(0, at + end.size());
            pending_.erase(0, text.size());
            return text;
        }
        char octets[65536];
        if (!readable(socket_, patience)) throw std::runtime_error("the stream says nothing");
        const auto got = ::recv(socket_.fd(), octets, sizeof octets, 0);
        if (got <= 0) throw std::runtime_error("the stream has ended");
        pending_.append(octets, static_cast<std::size_t>(got));
    }
}

}  // namespace uncut::test
