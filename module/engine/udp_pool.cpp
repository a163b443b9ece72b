// SPDX-License-Identifier: Apache-2.0
#include "module/engine/udp_pool.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace uncut::engine {
namespace {

// Source ports: above those that services on this host are likely to want, and 55,536 of them, where RFC 5452 asks
// for as many as possible and the compromise of a pool for 16,384 at least.
constexpr std::uint32_t port_min = 10'000;
constexpr std::uint32_t port_count = 65'536 - port_min;

// A port in use costs one more draw. Sixteen in a row mean that nearly all are taken.
constexpr int bind_tries_max = 16;

// Sockets that were replaced and still wait for answers. With those of the pool they leave half of the usual 1,024
// descriptors of a process to the rest of it.
constexpr std::uint32_t draining_max = 448;

bool set(int fd, int level, int option, int value) noexcept {
    return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool prepare(int fd, bool v6) noexcept {
    // No path MTU from ICMP is believed, so nobody can make us fragment (RFC 9715 3.1); errors are asked for with the
    // query they answer, so that a refusal need not be waited for.
    if (!v6) return set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT) && set(fd, IPPROTO_IP, IP_RECVERR, 1);
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT) &&
           set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

}  // namespace

UdpPool::UdpPool(const Config& config, Random& random, exchange::Counters& counters, int epoll, std::uint64_t tag)
    : per_family_(config.udp_sockets),
      queries_per_socket_(config.udp_queries_per_socket),
      age_max_us_(std::uint64_t{config.udp_socket_age_max_ms} * 1000),
      random_(random),
      counters_(counters),
      epoll_(epoll),
      tag_(tag),
      sockets_(std::size_t{per_family_} * 2 + draining_max),
      taken_(static_cast<std::uint32_t>(sockets_.size())),
      places_(std::size_t{per_family_} * 2, none) {}

UdpPool::~UdpPool() = default;

bool UdpPool::is_spent(const Socket& socket, std::uint64_t now_us) const noexcept {
    return socket.left == 0 || now_us - socket.born_us >= age_max_us_;
}

std::uint32_t UdpPool::pick(bool v6, bool fresh, std::uint64_t now_us) noexcept {
    std::uint32_t draw = 0;
    if (!random_.below(per_family_, draw)) return none;
    std::uint32_t& place = places_[(v6 ? per_family_ : 0) + draw];
    if (place != none && !fresh && !is_spent(sockets_[place], now_us)) return place;
    const std::uint32_t opened = open(v6, now_us);
    if (opened == none) {
        // No descriptor, no port, or too many still drain: a port used once too often is better than no answer, and
        // the next pick tries to replace it again.
        if (place != none && sockets_[place].left == 0) sockets_[place].left = 1;
        return place;
    }
    if (place != none) retire(place);
    place = opened;
    return opened;
}

std::uint32_t UdpPool::open(bool v6, std::uint64_t now_us) noexcept {
    const std::uint32_t index = taken_.take();
    if (index == none) return none;
    Fd fd(::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = tag_ | index;
    if (!fd || !prepare(fd.get(), v6) || !bind_random(fd.get(), v6) ||
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd.get(), &event) != 0) {
        taken_.give(index);
        return none;
    }
    Socket& socket = sockets_[index];
    socket.fd = std::move(fd);
    socket.left = queries_per_socket_;
    socket.outstanding = 0;
    socket.born_us = now_us;
    socket.v6 = v6;
    socket.draining = false;
    counters_.add(exchange::Counter::udp_sockets);
    return index;
}

bool UdpPool::bind_random(int fd, bool v6) noexcept {
    for (int tries = 0; tries < bind_tries_max; ++tries) {
        std::uint32_t draw = 0;
        if (!random_.below(port_count, draw)) return false;
        const auto port = htons(static_cast<std::uint16_t>(port_min + draw));
        int bound = -1;
        if (v6) {
            sockaddr_in6 address{};
            address.sin6_family = AF_INET6;
            address.sin6_port = port;
            bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        } else {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = port;
            bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        }
        if (bound == 0) return true;
        if (errno != EADDRINUSE && errno != EACCES) return false;
    }
    return false;
}

void UdpPool::begin(std::uint32_t socket) noexcept {
    --sockets_[socket].left;
    ++sockets_[socket].outstanding;
}

void UdpPool::end(std::uint32_t socket) noexcept {
    if (--sockets_[socket].outstanding == 0 && sockets_[socket].draining) close(socket);
}

void UdpPool::retire(std::uint32_t socket) noexcept {
    sockets_[socket].draining = true;
    if (sockets_[socket].outstanding == 0) close(socket);
}

void UdpPool::close(std::uint32_t socket) noexcept {
    // Said outright: a child that the host forked may hold the socket, and epoll would go on reporting it.
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd(socket), nullptr);
    sockets_[socket].fd.reset();
    taken_.give(socket);
}

}  // namespace uncut::engine
