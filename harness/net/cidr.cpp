// SPDX-License-Identifier: Apache-2.0
#include "harness/net/cidr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace uncut::harness {
namespace {

// The octet's bits that belong to a prefix of `bits`.
std::uint8_t mask_of(std::size_t octet, unsigned bits) {
    const unsigned before = static_cast<unsigned>(octet) * 8;
    if (bits >= before + 8) return 0xff;
    if (bits <= before) return 0;
    return static_cast<std::uint8_t>(0xff00u >> (bits - before));
}

}  // namespace

std::expected<Cidr, std::string> Cidr::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto base = Address::parse(text.substr(0, slash), 0);
    if (!base || base->port() != 0 || base->scope() != 0 || text.find_first_of("[]#") != std::string_view::npos) {
        return std::unexpected(fmt::format("\"{}\": expected ADDR or ADDR/BITS, as in 192.0.2.0/24", text));
    }
    Cidr block;
    block.base_ = *base;
    const unsigned most = base->is_v6() ? 128 : 32;
    unsigned bits = most;
    if (slash != std::string_view::npos) {
        const std::string_view tail = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(tail.data(), tail.data() + tail.size(), bits);
        if (tail.empty() || error != std::errc{} || end != tail.data() + tail.size() || bits > most) {
            return std::unexpected(fmt::format("\"{}\": \"{}\" is not a prefix length (0 to {})", text, tail, most));
        }
    }
    block.bits_ = static_cast<std::uint8_t>(bits);
    for (std::size_t i = 0; i < most / 8; ++i) {
        if ((base->octets()[i] & ~mask_of(i, bits) & 0xff) != 0) {
            return std::unexpected(fmt::format("\"{}\": bits are set behind the first {}", text, bits));
        }
    }
    return block;
}

bool Cidr::contains(const Address& address) const {
    if (address.is_v6() != base_.is_v6()) return false;
    for (std::size_t i = 0; i * 8 < bits_; ++i) {
        if (((address.octets()[i] ^ base_.octets()[i]) & mask_of(i, bits_)) != 0) return false;
    }
    return true;
}

std::string Cidr::text() const {
    return fmt::format("{}/{}", base_.host_text(), bits_);
}

bool any_contains(std::span<const Cidr> blocks, const Address& address) {
    return std::any_of(blocks.begin(), blocks.end(), [&](const Cidr& block) { return block.contains(address); });
}

}  // namespace uncut::harness
