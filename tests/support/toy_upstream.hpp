// SPDX-License-Identifier: Apache-2.0
// An upstream that answers as a test says, on a thread of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/net.hpp"

namespace uncut::test {

/// What to write into a response. Owner names are pointers to the question.
struct ToyRecord {
    std::uint16_t type = 1;
    Octets rdata;
    std::string owner;  ///< empty: that of the question
};

struct ToyResponse {
    std::vector<ToyRecord> answers;
    std::uint8_t rcode = 0;
    bool tc = false;
    bool ra = true;
};

/// What to send back: nothing, one message, or several.
using Replies = std::vector<Octets>;

/// A response to a well-formed query: its ID, opcode, RD and question; an OPT if it has one.
Octets make_response(const Octets& query, const ToyResponse& response);

/// `count` different addresses.
std::vector<ToyRecord> addresses(std::size_t count);

/// Listens from the constructor to the destructor; the test's thread gives it the sockets.
class ToyUpstream {
  public:
    /// Called on the upstream's thread.
    using Handler = std::function<Replies(const Octets& query, bool over_tcp)>;

    /// Port 0: any free one. Without TCP, connections to the port are refused.
    explicit ToyUpstream(Handler handler, bool with_tcp = true, const Endpoint& listen = {"127.0.0.1", 0});
    ~ToyUpstream();
    ToyUpstream(const ToyUpstream&) = delete;
    ToyUpstream& operator=(const ToyUpstream&) = delete;

    const Endpoint& endpoint() const { return endpoint_; }
    std::size_t asked_udp() const { return asked_udp_; }
    std::size_t asked_tcp() const { return asked_tcp_; }
    std::size_t connections() const { return connections_; }

  private:
    struct Connection {
        Socket socket;
        Octets buffer;
    };
    void run();
    void serve_udp();
    bool serve_tcp(Connection& connection);

    Handler handler_;
    Socket udp_;
    Socket tcp_;
    Socket stop_;
    Endpoint endpoint_;
    std::vector<Connection> open_;
    std::atomic<std::size_t> asked_udp_ = 0;
    std::atomic<std::size_t> asked_tcp_ = 0;
    std::atomic<std::size_t> connections_ = 0;
    std::thread thread_;
};

}  // namespace uncut::test
