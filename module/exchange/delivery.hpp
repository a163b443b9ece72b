// SPDX-License-Identifier: Apache-2.0
// Delivery: the response as the client gets it, and the end of an exchange. For this room alone.
#pragma once

#include "module/exchange/state.hpp"

namespace uncut::exchange {

// A response of header, question and OPT alone.
struct Bare {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;  // without RCODE
    std::uint16_t rcode = 0;  // 12 bits
    Octets question{};
    bool opt = false;
    bool dnssec_ok = false;
    std::uint16_t extended_error = wire::no_extended_error;
};

inline constexpr std::size_t bare_octets_max =
    wire::header_octets + wire::name_octets_max + 4 + wire::opt_octets_min + wire::extended_error_octets;

// Returns how many octets it wrote.
std::size_t write_bare(const Bare& bare, std::uint8_t* out) noexcept;

// The flags of a response made here to a query with these flags.
std::uint16_t flags_made_here(std::uint16_t query_flags) noexcept;

// Each of these ends the exchange.
void deliver_response(Step& step, const wire::Message& response, std::uint32_t transport,
                      std::uint32_t upstream) noexcept;
void deliver_untouched(Step& step, Octets response, std::uint32_t transport, std::uint32_t upstream) noexcept;
void deliver_kept(Step& step) noexcept;   // the UDP answer that step.x.retry tells of
void deliver_empty(Step& step) noexcept;  // its header, question and OPT, TC set
void deliver_servfail(Step& step) noexcept;
void deliver_made_here(Step& step, const Bare& bare) noexcept;
void bypass(Step& step) noexcept;
void drop(Step& step, std::uint32_t cause) noexcept;

// Writes what the client would get of a UDP answer that is not whole to `kept`, where there is room; step.out is
// scratch. `parsed` is what parse said of it.
void keep(Step& step, const wire::Message& response, Status parsed) noexcept;

}  // namespace uncut::exchange
