// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

#include "harness/net/address.hpp"
#include "harness/net/fd.hpp"

namespace uncut::harness {

/// Why a socket could not be made: `message` is for people and names the transport, the address and the reason.
struct SocketError {
    int code = 0;  ///< errno
    std::string message;
};

/// How several sockets come to listen at one port (SO_REUSEPORT). The first of a group is bound alone, so that a port
/// that another program uses is still an error, and only then opened to the others.
enum class PortSharing { alone, first_of_group, joins_group };

/// A burst of 10,000 queries, some 800 octets each as the kernel counts, must outlast a loop busy elsewhere. Beyond
/// net.core.rmem_max the kernel gives less, unless the process may override it; that is not an error.
inline constexpr int udp_receive_buffer_octets = 8 << 20;
/// Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn.
inline constexpr int tcp_backlog = 1024;

struct UdpOptions {
    PortSharing sharing = PortSharing::alone;
    bool packet_info = false;  ///< IP_PKTINFO or IPV6_RECVPKTINFO: datagrams tell the address they were sent to
    int receive_buffer_octets = udp_receive_buffer_octets;
};

/// A non-blocking UDP socket bound to `address` (IPv6 only where that is IPv6). [any-thread]
std::expected<Fd, SocketError> bind_udp(const Address& address, const UdpOptions& options = {});

/// A non-blocking TCP socket that listens at `address` (IPv6 only where that is IPv6). [any-thread]
std::expected<Fd, SocketError> listen_tcp(const Address& address, PortSharing sharing = PortSharing::alone);

/// Begins to connect over TCP, without blocking: writable when it is connected or has failed (SO_ERROR says which).
std::expected<Fd, SocketError> connect_tcp(const Address& address);

/// A non-blocking UDP socket connected to `address`, from an ephemeral port.
std::expected<Fd, SocketError> connect_udp(const Address& address);

/// The address a socket is bound to, with the real port. A socket that has none yields 0.0.0.0:0.
Address local_address(int fd);
/// The address a socket is connected to. A socket that is not yields 0.0.0.0:0.
Address peer_address(int fd);

/// The pending error of a socket (SO_ERROR), 0 for none; reading it clears it.
int socket_error(int fd);

/// Room for the control message of one datagram: IPV6_PKTINFO, the larger of the two.
inline constexpr std::size_t packet_info_octets = CMSG_SPACE(sizeof(in6_pktinfo));

/// The address a datagram was sent to, from the control messages of recvmsg; port 0. Nothing if there are none.
std::optional<Address> packet_destination(const msghdr& message);

/// Makes a datagram leave from `source`: writes the control message into `control`, which must be aligned as a cmsghdr
/// and hold packet_info_octets, and points `message` at it.
void set_packet_source(msghdr& message, void* control, const Address& source);

}  // namespace uncut::harness
