// SPDX-License-Identifier: Apache-2.0
#include "harness/net/socket.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

namespace uncut::harness {
namespace {

SocketError error_of(const char* what, const Address& address, int code) {
    const char* hint = "";
    if (code == EADDRINUSE) hint = ": another program has this port";
    if (code == EACCES && address.port() != 0 && address.port() < 1024) hint = ": a port under 1024 needs a privilege";
    return {code, fmt::format("{} {}: {}{}", what, address.text(), std::strerror(code), hint)};
}

bool enable(int fd, int level, int option) {
    const int one = 1;
    return setsockopt(fd, level, option, &one, sizeof one) == 0;
}

// Sockets for IPv4 and IPv6 at one port must not contend for it, and an IPv4 client must look like one.
bool v6_only(int fd, const Address& address) {
    return !address.is_v6() || enable(fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

bool bind_shared(int fd, const Address& address, PortSharing sharing) {
    if (sharing == PortSharing::joins_group && !enable(fd, SOL_SOCKET, SO_REUSEPORT)) return false;
    sockaddr_storage raw{};
    const socklen_t octets = address.to_sockaddr(raw);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&raw), octets) != 0) return false;
    return sharing != PortSharing::first_of_group || enable(fd, SOL_SOCKET, SO_REUSEPORT);
}

bool set_packet_info(int fd, const Address& address) {
    return address.is_v6() ? enable(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) : enable(fd, IPPROTO_IP, IP_PKTINFO);
}

std::expected<Fd, SocketError> connect_socket(const Address& address, int type, const char* what) {
    Fd fd(socket(address.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return std::unexpected(error_of(what, address, errno));
    sockaddr_storage raw{};
    const socklen_t octets = address.to_sockaddr(raw);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw), octets) != 0 && errno != EINPROGRESS) {
        return std::unexpected(error_of(what, address, errno));
    }
    return fd;
}

}  // namespace

std::expected<Fd, SocketError> bind_udp(const Address& address, const UdpOptions& options) {
    constexpr const char* what = "cannot listen at UDP";
    Fd fd(socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd || !v6_only(fd.get(), address)) return std::unexpected(error_of(what, address, errno));
    if (options.packet_info && !set_packet_info(fd.get(), address)) {
        return std::unexpected(error_of(what, address, errno));
    }
    const int octets = options.receive_buffer_octets;
    if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) != 0) {
        setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    }
    if (!bind_shared(fd.get(), address, options.sharing)) return std::unexpected(error_of(what, address, errno));
    return fd;
}

std::expected<Fd, SocketError> listen_tcp(const Address& address, PortSharing sharing) {
    constexpr const char* what = "cannot listen at TCP";
    Fd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // SO_REUSEADDR: connections of an earlier run that linger in TIME_WAIT do not stand in the way.
    if (!fd || !v6_only(fd.get(), address) || !enable(fd.get(), SOL_SOCKET, SO_REUSEADDR) ||
        !bind_shared(fd.get(), address, sharing) || listen(fd.get(), tcp_backlog) != 0) {
        return std::unexpected(error_of(what, address, errno));
    }
    return fd;
}

std::expected<Fd, SocketError> connect_tcp(const Address& address) {
    auto fd = connect_socket(address, SOCK_STREAM, "cannot connect over TCP to");
    if (fd) enable(fd->get(), IPPROTO_TCP, TCP_NODELAY);
    return fd;
}

std::expected<Fd, SocketError> connect_udp(const Address& address) {
    return connect_socket(address, SOCK_DGRAM, "cannot ask over UDP");
}

Address local_address(int fd) {
    sockaddr_storage raw{};
    socklen_t octets = sizeof raw;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &octets) != 0) return {};
    return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets).value_or(Address{});
}

Address peer_address(int fd) {
    sockaddr_storage raw{};
    socklen_t octets = sizeof raw;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&raw), &octets) != 0) return {};
    return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets).value_or(Address{});
}

int socket_error(int fd) {
    int code = 0;
    socklen_t octets = sizeof code;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &octets) == 0 ? code : errno;
}

std::optional<Address> packet_destination(const msghdr& message) {
    msghdr& header = const_cast<msghdr&>(message);  // CMSG_NXTHDR takes no const, and changes nothing
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(part), sizeof info);
            std::array<std::uint8_t, 4> octets{};
            std::memcpy(octets.data(), &info.ipi_addr, octets.size());
            return Address::v4(octets, 0);
        }
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(part), sizeof info);
            std::array<std::uint8_t, 16> octets{};
            std::memcpy(octets.data(), &info.ipi6_addr, octets.size());
            const bool link_local = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr);
            return Address::v6(octets, 0, link_local ? info.ipi6_ifindex : 0);
        }
    }
    return std::nullopt;
}

void set_packet_source(msghdr& message, void* control, const Address& source) {
    message.msg_control = control;
    message.msg_controllen = packet_info_octets;
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    if (source.is_v6()) {
        in6_pktinfo info{};
        info.ipi6_ifindex = source.scope();
        std::memcpy(&info.ipi6_addr, source.octets().data(), 16);
        *part = {.cmsg_len = CMSG_LEN(sizeof info), .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO};
        std::memcpy(CMSG_DATA(part), &info, sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, source.octets().data(), 4);
        *part = {.cmsg_len = CMSG_LEN(sizeof info), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
        std::memcpy(CMSG_DATA(part), &info, sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
    }
}

}  // namespace uncut::harness
