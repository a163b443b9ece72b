// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <uncut.h>

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace uncut::harness {

/// An IPv4 or IPv6 address with a port: 24 octets, copied freely, no allocation but in parse errors and text().
class Address {
  public:
    /// 0.0.0.0:0
    Address() = default;

    /// Reads ADDR, ADDR:PORT, ADDR#PORT, [V6]:PORT and [V6]#PORT (an IPv6 address without brackets takes a port only
    /// behind '#'); an IPv6 address may carry a zone, as in fe80::1%eth0. Without a port in the text
    /// `default_port` is taken; without that either, it is an error. The error names the text and what was expected.
    static std::expected<Address, std::string> parse(std::string_view text, std::optional<std::uint16_t> default_port);

    static Address v4(std::array<std::uint8_t, 4> octets, std::uint16_t port);
    static Address v6(const std::array<std::uint8_t, 16>& octets, std::uint16_t port, std::uint32_t scope = 0);
    /// 127.0.0.1 with this port.
    static Address loopback(std::uint16_t port) { return v4({127, 0, 0, 1}, port); }
    /// Nothing for a family other than AF_INET and AF_INET6. An IPv4-mapped IPv6 address becomes the IPv4 one.
    static std::optional<Address> from_sockaddr(const sockaddr* raw, socklen_t octets);

    /// Writes the system's form and returns its length.
    socklen_t to_sockaddr(sockaddr_storage& raw) const;
    /// The ABI's form.
    uncut_address to_abi() const;

    bool is_v6() const { return v6_; }
    int family() const { return v6_ ? AF_INET6 : AF_INET; }
    std::uint16_t port() const { return port_; }
    std::uint32_t scope() const { return scope_; }
    /// Network order; an IPv4 address lies in the first four, zeros behind.
    const std::array<std::uint8_t, 16>& octets() const { return octets_; }
    Address with_port(std::uint16_t port) const;

    /// 127.0.0.0/8 or ::1.
    bool is_loopback() const;
    /// 0.0.0.0 or ::
    bool is_any() const;
    /// The same address, whatever the ports.
    bool same_host(const Address& other) const;

    /// "127.0.0.1", "2001:db8::1", "fe80::1%2".
    std::string host_text() const;
    /// "127.0.0.1:53", "[2001:db8::1]:53".
    std::string text() const;

    friend auto operator<=>(const Address&, const Address&) = default;

  private:
    std::array<std::uint8_t, 16> octets_{};
    std::uint32_t scope_ = 0;
    std::uint16_t port_ = 0;
    bool v6_ = false;
};

}  // namespace uncut::harness
