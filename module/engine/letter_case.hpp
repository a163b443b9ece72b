// SPDX-License-Identifier: Apache-2.0
// The letter case of questions as a secret that a forger must guess: draft-vixie-dnsext-dns0x20.
#pragma once

#include "module/engine/random.hpp"
#include "module/wire/header.hpp"

namespace uncut::engine {

inline constexpr std::size_t question_name_max = 255;  // RFC 1035 2.3.4

// The name of the first question, uncompressed, as it stands in the message; empty where there is none to be read.
Octets question_name(Octets message) noexcept;

// Gives each letter of the question's name a case by the toss of a coin. False: no randomness to be had.
[[nodiscard]] bool randomise_case(std::span<std::uint8_t> message, Random& random) noexcept;

// Whether the response repeats the name that was sent but in another letter case. Another name, or none, is not for
// us to judge.
bool differs_in_case_alone(Octets response, Octets sent_name) noexcept;

}  // namespace uncut::engine
