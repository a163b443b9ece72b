// SPDX-License-Identifier: Apache-2.0
// The exchange: one client query's whole life, without I/O. Events in, actions out; time and entropy are the host's.
#pragma once

#include <array>
#include <cstddef>

#include "module/exchange/instance.hpp"
#include "module/wire/opt.hpp"

namespace uncut::exchange {

// A copy of the ABI's shapes, as values; entry translates. Field meanings: uncut/exchange.h.
struct Query {
    Octets message;
    std::uint32_t transport = UNCUT_TRANSPORT_UDP;
    std::uint32_t upstream_count = 1;
    std::uint32_t upstream_first = 0;
    std::uint64_t entropy = 0;
};

struct Event {
    std::uint32_t kind = UNCUT_EVENT_TIMEOUT;
    std::uint32_t upstream = 0;
    std::uint32_t transport = UNCUT_TRANSPORT_UDP;
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    bool kernel_cut = false;
    Octets message{};
};

struct Action {
    std::uint32_t kind = UNCUT_ACTION_DROP;
    std::uint32_t upstream = 0;
    std::uint32_t verdict = UNCUT_VERDICT_WHOLE;
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    std::uint32_t transport = 0;
    std::uint64_t until_us = 0;
    std::size_t octets = 0;
};

struct Storage {
    std::span<std::uint8_t> state;  // aligned to UNCUT_STORAGE_ALIGNMENT
    std::span<std::uint8_t> kept;   // may be empty
};

struct Needs {
    std::size_t state_octets = 0;
    std::size_t kept_octets = 0;
};

class Exchange;

// What an exchange takes beside its query, and an upper bound of what it takes in all: a host that keeps storage ready
// needs no call of needs().
inline constexpr std::size_t state_octets_fixed = 256;
constexpr std::size_t state_octets(std::size_t query_octets) noexcept {
    return state_octets_fixed + query_octets + wire::opt_octets_min;
}

// How much storage an exchange for this query takes at most. No side effect; parses the query to know `kept_octets`.
Needs needs(const Instance& instance, const Query& query) noexcept;

// Begins an exchange in the storage, which it does not own and which outlives it. On a misuse or limits status
// nothing was changed and nothing counted. `out` of UNCUT_MESSAGE_OCTETS_MAX always suffices; a shorter one may give
// UNCUT_MISUSE_SHORT_BUFFER, with action.octets what would do; state that is too short gives it with action.octets 0.
Status start(Instance& instance, const Query& query, const Storage& storage, std::uint64_t now_us,
             std::span<std::uint8_t> out, Exchange*& exchange, Action& action) noexcept;

// For a host that keeps storage ready: what `kept` takes for an exchange that has begun, 0 where there is nothing to
// keep; and to lend it before the first event, when start was given none. Spares it needs(), which parses once more.
std::size_t kept_octets(const Exchange& exchange) noexcept;
void lend_kept(Exchange& exchange, std::span<std::uint8_t> kept) noexcept;

// Consumes one event. UNCUT_MISUSE_SHORT_BUFFER: not consumed. UNCUT_MISUSE_STATE: the exchange is over.
Status on_event(Exchange& exchange, const Event& event, std::uint64_t now_us, std::span<std::uint8_t> out,
                Action& action) noexcept;

// Gives it up: counted as dropped, cancelled. UNCUT_MISUSE_STATE when it is over already.
Status cancel(Exchange& exchange) noexcept;

// For a pool of sockets: what identifies an answer to the UDP query in hand beside its source. The ID that the
// exchange chose is in the first two octets of the output of ASK_UDP. Transparent exchanges (signed messages, other
// opcodes) keep the client's ID and are not to be given another by whoever carries them.
bool is_transparent(const Exchange& exchange) noexcept;

// The snapshot that it runs under. Also of one that is over, while its storage is not used again.
std::uint64_t revision(const Exchange& exchange) noexcept;

}  // namespace uncut::exchange
