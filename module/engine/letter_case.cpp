// SPDX-License-Identifier: Apache-2.0
#include "module/engine/letter_case.hpp"

#include <array>

#include "module/wire/name.hpp"

namespace uncut::engine {
namespace {

constexpr std::uint8_t case_bit = 0x20;

bool is_letter(std::uint8_t octet) noexcept {
    const auto folded = static_cast<std::uint8_t>(octet | case_bit);
    return folded >= 'a' && folded <= 'z';
}

}  // namespace

Octets question_name(Octets message) noexcept {
    if (message.size() < wire::header_octets || wire::count(message.data(), wire::question) == 0) return {};
    std::size_t at = wire::header_octets;
    while (at < message.size() && at - wire::header_octets < question_name_max) {
        const std::uint8_t length = message[at];
        if (length == 0) return message.subspan(wire::header_octets, at + 1 - wire::header_octets);
        if (length > wire::label_octets_max) return {};
        at += 1u + length;
    }
    return {};
}

bool randomise_case(std::span<std::uint8_t> message, Random& random) noexcept {
    const std::size_t octets = question_name(message).size();
    std::array<std::uint8_t, (question_name_max + 7) / 8> coins;
    if (!random.take(std::span(coins).first((octets + 7) / 8))) return false;
    // No length octet (0 to 63) is a letter, so the name needs no walk.
    for (std::size_t index = 0; index < octets; ++index) {
        std::uint8_t& octet = message[wire::header_octets + index];
        if (is_letter(octet) && (coins[index / 8] >> (index % 8) & 1) != 0) octet ^= case_bit;
    }
    return true;
}

bool differs_in_case_alone(Octets response, Octets sent_name) noexcept {
    const Octets name = question_name(response);
    if (name.size() != sent_name.size() || name.empty()) return false;
    return std::memcmp(name.data(), sent_name.data(), name.size()) != 0 && wire::equal_fold(name, sent_name);
}

}  // namespace uncut::engine
