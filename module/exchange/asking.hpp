// SPDX-License-Identifier: Apache-2.0
// Asking: the upstream query, and which upstream gets it next over which transport. For this room alone.
#pragma once

#include "module/exchange/state.hpp"

namespace uncut::exchange {

// Writes the upstream query for a client's query behind the exchange's struct: flags that pass, question as it came,
// OPT made anew. `scratch` holds scratch_octets. False: its records cannot be moved around the new OPT.
std::size_t scratch_octets(const wire::Message& query) noexcept;
bool build_upstream_query(Exchange& x, const wire::Message& query, std::span<std::uint8_t> scratch) noexcept;

// The first ask of an exchange.
void ask_first(Step& step) noexcept;

void ask_tcp(Step& step, std::uint32_t upstream) noexcept;

// The UDP tries go on round about; after the last of them TCP is tried, if time remains; then it is given up.
void ask_next_after_udp(Step& step) noexcept;

// The next upstream over TCP that this exchange has not asked so and that is not held off, if time remains; else it is
// given up.
void ask_next_after_tcp(Step& step) noexcept;

// The upstream refused the OPT that we added: the same again, without it.
void ask_without_opt(Step& step, std::uint32_t transport, std::uint32_t upstream) noexcept;

// Nothing is left to try: SERVFAIL, or silence where every octet must be the upstream's own.
void give_up(Step& step) noexcept;

}  // namespace uncut::exchange
