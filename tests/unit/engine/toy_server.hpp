// SPDX-License-Identifier: Apache-2.0
// An upstream whose behaviour a test writes down: what it does with each datagram and with each message of a stream,
// down to the segments and the way a connection ends.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "module/engine/engine.hpp"
#include "tests/unit/exchange/messages.hpp"

namespace uncut::lab {

using story::Bytes;

// Runs from the constructor to the destructor. The handlers are called on its own thread.
class ToyServer {
  public:
    // One accepted connection, as a handler sees it.
    struct Stream {
        int fd = -1;
        std::size_t number = 0;  // the first accepted is 1
        std::size_t messages = 0;
        Bytes received;

        void send(const Bytes& message);  // with its length
        void raw(const Bytes& octets);    // as it is
        void close();
        void reset();  // RST, not FIN
    };
    struct Datagram {
        Bytes query;
        std::uint16_t port;  // it came from
    };
    using OnDatagram = std::function<std::vector<Bytes>(const Datagram&)>;  // what to send back
    using OnMessage = std::function<void(Stream&, const Bytes&)>;

    // Without `on_message` connections are refused; without `on_datagram` datagrams are: the port is not open.
    ToyServer(OnDatagram on_datagram, OnMessage on_message, bool v6 = false);
    ~ToyServer();
    ToyServer(const ToyServer&) = delete;
    ToyServer& operator=(const ToyServer&) = delete;

    // Ends its thread: what the handlers wrote may be read from here on.
    void stop();

    engine::Upstream address() const { return address_; }
    // [any thread] A datagram from this server's port to another port of IPv4's loopback.
    void send_to(std::uint16_t port, const Bytes& message);

    std::atomic<std::size_t> datagrams{0};
    std::atomic<std::size_t> messages{0};
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> closed{0};  // by the other side

  private:
    void run();
    void serve_datagrams();
    void accept_one();
    bool serve(Stream& stream);

    OnDatagram on_datagram_;
    OnMessage on_message_;
    engine::Upstream address_;
    int udp_ = -1;
    int tcp_ = -1;
    int stop_ = -1;
    std::list<Stream> streams_;
    std::thread thread_;
};

}  // namespace uncut::lab
