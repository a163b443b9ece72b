// SPDX-License-Identifier: Apache-2.0
// A DNS client that sends what it is told, octet for octet, and shows what comes back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/net.hpp"

namespace uncut::test {

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_cname = 5;
inline constexpr std::uint16_t type_soa = 6;
inline constexpr std::uint16_t type_txt = 16;
inline constexpr std::uint16_t type_aaaa = 28;
inline constexpr std::uint16_t type_dnskey = 48;
inline constexpr std::uint16_t type_axfr = 252;

struct Question {
    std::string name;  ///< labels without escapes
    std::uint16_t type = type_a;
    std::uint16_t klass = 1;
};

struct QueryOptions {
    std::uint16_t id = 0x2b1d;
    std::optional<std::uint16_t> bufsize;  ///< none: no OPT
    bool dnssec_ok = false;
    bool recursion_desired = true;
    std::uint8_t opcode = 0;
};

/// Uncompressed, in wire form. Throws std::runtime_error for a name that cannot be.
Octets wire_name(std::string_view name);
Octets make_query(const Question& question, const QueryOptions& options = {});
void put16(Octets& octets, unsigned value);

/// Asks once over UDP and waits for one datagram from that server.
std::optional<Octets> ask_udp(const Endpoint& server, const Octets& query, Milliseconds timeout = Milliseconds{10'000});
/// Asks once over TCP, on a connection of its own.
std::optional<Octets> ask_tcp(const Endpoint& server, const Octets& query, Milliseconds timeout = Milliseconds{10'000});

/// A connected UDP socket.
class UdpClient {
  public:
    explicit UdpClient(const Endpoint& server);
    void send(const Octets& message) const;
    std::optional<Octets> receive(Milliseconds timeout) const;

  private:
    Socket socket_;
};

/// A TCP connection on which messages follow each other.
class TcpClient {
  public:
    /// Throws std::runtime_error if it cannot connect.
    explicit TcpClient(const Endpoint& server);
    void send(const Octets& message) const;
    void send_raw(const Octets& octets) const;
    /// The next whole message; none if the time is up or the connection ends first.
    std::optional<Octets> receive(Milliseconds timeout);
    /// No message can come any more: the server has closed, and all that it sent was received.
    bool closed() const { return closed_; }

  private:
    Socket socket_;
    Octets buffer_;
    bool closed_ = false;
};

/// Whether a server answers anything at all, over UDP and TCP.
bool answers(const Endpoint& server, const Question& question);

}  // namespace uncut::test
