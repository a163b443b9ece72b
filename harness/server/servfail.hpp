// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace uncut::harness {

/// Header, a question of the longest name, and an OPT without options.
inline constexpr std::size_t servfail_octets_max = 12 + 255 + 4 + 11;

/// Writes a SERVFAIL for a query that the engine did not take: header, question, and an OPT where the query has one.
/// Returns its length; 0 if the query is too broken to be answered or is itself a response. [any-thread]
std::size_t write_servfail(const uncut_module& module, std::span<const std::uint8_t> query,
                           std::array<std::uint8_t, servfail_octets_max>& out);

}  // namespace uncut::harness
