// SPDX-License-Identifier: Apache-2.0
// An upstream on loopback, UDP and TCP on one port, driven by the thread that asks: no thread, no waiting.
#pragma once

#include "tests/abi/loaded.hpp"

namespace uncut::abi_test {

class Upstream {
  public:
    // Answers each query with so many addresses; over UDP in 512 octets at most, TC set when they do not fit.
    explicit Upstream(std::size_t addresses);
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;
    ~Upstream();

    std::uint16_t port() const { return port_; }
    uncut_address address() const;
    // Answers what has arrived. Over TCP a connection's first query is read with it.
    void serve();
    void fall_silent() { silent_ = true; }
    void answer_with_wrong_id_first() { wrong_id_first_ = true; }
    std::size_t udp_queries() const { return udp_queries_; }
    std::size_t tcp_queries() const { return tcp_queries_; }
    const std::vector<std::uint16_t>& udp_ids() const { return udp_ids_; }

  private:
    void serve_udp();
    void serve_tcp();

    std::size_t addresses_;
    int udp_ = -1;
    int tcp_ = -1;
    std::uint16_t port_ = 0;
    bool silent_ = false;
    bool wrong_id_first_ = false;
    std::size_t udp_queries_ = 0;
    std::size_t tcp_queries_ = 0;
    std::vector<std::uint16_t> udp_ids_;
    struct Connection {
        int fd;
        Octets received;
    };
    std::vector<Connection> connections_;
};

}  // namespace uncut::abi_test
