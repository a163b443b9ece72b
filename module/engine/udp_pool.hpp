// SPDX-License-Identifier: Apache-2.0
// Source ports: a pool of sockets, each bound to a random port and replaced after so many queries or so long.
//
// What a forger must guess beside the address and the question (RFC 5452 4 and 9.2), where the pool is unknown: 16
// bits of ID and one port of 55,536, 15.8 bits: 31.8 together. Where the pool has leaked (somebody scanned for the
// ports that are open): 16 bits of ID and one port of udp_sockets, 6 bits with the default of 64: 22 together; and
// what leaked is worth less with each socket replaced, and nothing after udp_socket_age_max_ms. Queries that leave in
// one batch share a port, each with an ID of its own: who sees one learns the port of the others, not their IDs.
#pragma once

#include "module/engine/engine.hpp"
#include "module/engine/fd.hpp"
#include "module/engine/pool.hpp"
#include "module/engine/random.hpp"

namespace uncut::engine {

// [one thread]
class UdpPool {
  public:
    // `tag` | socket is what epoll reports. Throws std::bad_alloc.
    UdpPool(const Config& config, Random& random, exchange::Counters& counters, int epoll, std::uint64_t tag);
    ~UdpPool();
    UdpPool(const UdpPool&) = delete;
    UdpPool& operator=(const UdpPool&) = delete;

    // A random socket of the pool of that family, opened or replaced if need be; none: the system gives no socket.
    // `fresh`: replaced in any case.
    std::uint32_t pick(bool v6, bool fresh, std::uint64_t now_us) noexcept;

    // How many queries it may still carry; one at least for a socket that could not be replaced.
    std::uint32_t room(std::uint32_t socket) const noexcept { return sockets_[socket].left; }
    // One query is on its way through the socket; one is over.
    void begin(std::uint32_t socket) noexcept;
    void end(std::uint32_t socket) noexcept;

    int fd(std::uint32_t socket) const noexcept { return sockets_[socket].fd.get(); }
    bool is_v6(std::uint32_t socket) const noexcept { return sockets_[socket].v6; }
    bool is_open(std::uint32_t socket) const noexcept { return socket < sockets_.size() && fd(socket) >= 0; }
    std::uint32_t open_count() const noexcept { return taken_.taken(); }

  private:
    struct Socket {
        Fd fd;
        std::uint32_t left = 0;         // queries before it is replaced
        std::uint32_t outstanding = 0;  // queries that may still be answered
        std::uint64_t born_us = 0;
        bool v6 = false;
        bool draining = false;  // replaced: closed when its last query is over
    };
    bool is_spent(const Socket& socket, std::uint64_t now_us) const noexcept;
    std::uint32_t open(bool v6, std::uint64_t now_us) noexcept;
    bool bind_random(int fd, bool v6) noexcept;
    void retire(std::uint32_t socket) noexcept;
    void close(std::uint32_t socket) noexcept;

    std::uint32_t per_family_;
    std::uint32_t queries_per_socket_;
    std::uint64_t age_max_us_;
    Random& random_;
    exchange::Counters& counters_;
    int epoll_;
    std::uint64_t tag_;
    std::vector<Socket> sockets_;
    FreeList taken_;
    std::vector<std::uint32_t> places_;  // per family: the pool, none where no socket is open yet
};

}  // namespace uncut::engine
