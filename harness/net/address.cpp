// SPDX-License-Identifier: Apache-2.0
#include "harness/net/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace uncut::harness {
namespace {

constexpr std::string_view expected_forms = "expected ADDR, ADDR:PORT or [V6ADDR]:PORT";

std::unexpected<std::string> refuse(std::string_view text, std::string_view what) {
    return std::unexpected(fmt::format("\"{}\": {}", text, what));
}

struct Split {
    std::string_view host;
    std::optional<std::string_view> port;
};

// Parts host and port; nothing when brackets do not pair or something else than a port follows them.
std::optional<Split> split(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        const std::string_view host = text.substr(1, close - 1);
        if (host.find(':') == std::string_view::npos) return std::nullopt;  // brackets are for IPv6 alone
        const std::string_view rest = text.substr(close + 1);
        if (rest.empty()) return Split{host, std::nullopt};
        if (rest[0] != ':' && rest[0] != '#') return std::nullopt;
        return Split{host, rest.substr(1)};
    }
    const std::size_t hash = text.find('#');
    if (hash != std::string_view::npos) return Split{text.substr(0, hash), text.substr(hash + 1)};
    const std::size_t colon = text.find(':');
    const bool one_colon = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
    if (one_colon) return Split{text.substr(0, colon), text.substr(colon + 1)};
    return Split{text, std::nullopt};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

// A zone is an interface's name or its index.
std::optional<std::uint32_t> parse_scope(const std::string& zone) {
    if (const unsigned index = if_nametoindex(zone.c_str()); index != 0) return index;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
    if (error != std::errc{} || end != zone.data() + zone.size() || number == 0) return std::nullopt;
    return number;
}

}  // namespace

std::expected<Address, std::string> Address::parse(std::string_view text, std::optional<std::uint16_t> default_port) {
    const auto parts = split(text);
    if (!parts) return refuse(text, expected_forms);
    std::optional<std::uint16_t> port = default_port;
    if (parts->port) {
        port = parse_port(*parts->port);
        if (!port) return refuse(text, fmt::format("\"{}\" is not a port (0 to 65535)", *parts->port));
    }
    if (!port) return refuse(text, "the port is missing: expected ADDR:PORT or [V6ADDR]:PORT");

    const std::size_t percent = parts->host.find('%');
    const std::string host(parts->host.substr(0, percent));
    std::array<std::uint8_t, 16> octets{};
    if (inet_pton(AF_INET, host.c_str(), octets.data()) == 1 && percent == std::string_view::npos) {
        return v4({octets[0], octets[1], octets[2], octets[3]}, *port);
    }
    if (inet_pton(AF_INET6, host.c_str(), octets.data()) != 1) {
        return refuse(text, fmt::format("\"{}\" is not an IP address; {}", host, expected_forms));
    }
    std::uint32_t scope = 0;
    if (percent != std::string_view::npos) {
        const std::string zone(parts->host.substr(percent + 1));
        const auto index = parse_scope(zone);
        if (!index) return refuse(text, fmt::format("\"{}\" is not a network interface", zone));
        scope = *index;
    }
    return v6(octets, *port, scope);
}

Address Address::v4(std::array<std::uint8_t, 4> octets, std::uint16_t port) {
    Address address;
    std::copy(octets.begin(), octets.end(), address.octets_.begin());
    address.port_ = port;
    return address;
}

Address Address::v6(const std::array<std::uint8_t, 16>& octets, std::uint16_t port, std::uint32_t scope) {
    Address address;
    address.octets_ = octets;
    address.port_ = port;
    address.scope_ = scope;
    address.v6_ = true;
    return address;
}

std::optional<Address> Address::from_sockaddr(const sockaddr* raw, socklen_t octets) {
    sa_family_t family = AF_UNSPEC;
    if (octets < sizeof family) return std::nullopt;
    std::memcpy(&family, reinterpret_cast<const char*>(raw) + offsetof(sockaddr, sa_family), sizeof family);
    if (family == AF_INET && octets >= sizeof(sockaddr_in)) {
        sockaddr_in in{};
        std::memcpy(&in, raw, sizeof in);
        std::array<std::uint8_t, 4> host{};
        std::memcpy(host.data(), &in.sin_addr, host.size());
        return v4(host, ntohs(in.sin_port));
    }
    if (family == AF_INET6 && octets >= sizeof(sockaddr_in6)) {
        sockaddr_in6 in{};
        std::memcpy(&in, raw, sizeof in);
        std::array<std::uint8_t, 16> host{};
        std::memcpy(host.data(), &in.sin6_addr, host.size());
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
            return v4({host[12], host[13], host[14], host[15]}, ntohs(in.sin6_port));
        }
        return v6(host, ntohs(in.sin6_port), in.sin6_scope_id);
    }
    return std::nullopt;
}

socklen_t Address::to_sockaddr(sockaddr_storage& raw) const {
    if (v6_) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port_);
        in.sin6_scope_id = scope_;
        std::memcpy(&in.sin6_addr, octets_.data(), 16);
        std::memcpy(&raw, &in, sizeof in);
        return sizeof in;
    }
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, octets_.data(), 4);
    std::memcpy(&raw, &in, sizeof in);
    return sizeof in;
}

uncut_address Address::to_abi() const {
    uncut_address address{};
    address.size = UNCUT_STRUCT_SIZE(uncut_address, scope);
    address.family = v6_ ? 6 : 4;
    std::copy(octets_.begin(), octets_.end(), address.octets);
    address.port = port_;
    address.scope = scope_;
    return address;
}

Address Address::with_port(std::uint16_t port) const {
    Address other = *this;
    other.port_ = port;
    return other;
}

bool Address::is_loopback() const {
    if (!v6_) return octets_[0] == 127;
    return octets_[15] == 1 && std::all_of(octets_.begin(), octets_.end() - 1, [](auto octet) { return octet == 0; });
}

bool Address::is_any() const {
    return std::all_of(octets_.begin(), octets_.end(), [](auto octet) { return octet == 0; });
}

bool Address::same_host(const Address& other) const {
    return v6_ == other.v6_ && octets_ == other.octets_ && scope_ == other.scope_;
}

std::string Address::host_text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(family(), octets_.data(), buffer.data(), buffer.size());
    std::string host(buffer.data());
    if (scope_ != 0) host += fmt::format("%{}", scope_);
    return host;
}

std::string Address::text() const {
    return v6_ ? fmt::format("[{}]:{}", host_text(), port_) : fmt::format("{}:{}", host_text(), port_);
}

}  // namespace uncut::harness
