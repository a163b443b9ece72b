// SPDX-License-Identifier: Apache-2.0
// What a host that asked for it is told of each submission. Callers look first whether anybody listens, so that nobody
// else pays for it.
#include "module/engine/loop.hpp"

namespace uncut::engine {

// The round's clock is as old as the round; here the order of things within it is to be seen.
void Loop::trace(TraceEvent& event) noexcept {
    event.time_us = clock_us();
    config_.trace(config_.host, event);
}

void Loop::trace(std::uint32_t slot, TraceEvent event) noexcept {
    event.token = slots_[slot].token;
    trace(event);
}

void Loop::trace_start(std::uint32_t slot, Octets query, std::uint64_t revision) noexcept {
    TraceEvent event;
    event.transport = slots_[slot].transport;
    event.revision = revision;
    event.message = query;
    trace(slot, event);
}

void Loop::trace_ask(std::uint32_t slot, std::uint32_t upstream, std::uint32_t transport, Octets query,
                     std::uint32_t socket, bool shared) noexcept {
    TraceEvent event;
    event.kind = UNCUT_TRACE_ASK;
    event.upstream = upstream;
    event.transport = transport;
    event.socket = socket;
    event.shared = shared;
    event.message = query;
    trace(slot, event);
}

// What the exchange made of a message: it waits on, or the message ended the wait, as an answer or as a failure.
void Loop::trace_message(std::uint32_t slot, const exchange::Event& from, const exchange::Action& action,
                         std::uint32_t socket) noexcept {
    TraceEvent event;
    // Over UDP a cause says why the retry that an answer calls for is not made.
    const bool failed = action.cause != UNCUT_CAUSE_NONE && from.transport == UNCUT_TRANSPORT_TCP;
    event.kind = action.kind == UNCUT_ACTION_WAIT ? UNCUT_TRACE_IGNORED
                 : failed                         ? UNCUT_TRACE_FAILED
                                                  : UNCUT_TRACE_ANSWER;
    event.upstream = from.upstream;
    event.transport = from.transport;
    event.verdict = action.verdict;
    event.cause = action.cause;
    event.socket = socket;
    event.message = from.message;
    trace(slot, event);
}

void Loop::trace_failed(std::uint32_t slot, std::uint32_t upstream, std::uint32_t transport,
                        std::uint32_t cause) noexcept {
    TraceEvent event;
    event.kind = cause == UNCUT_CAUSE_NONE ? UNCUT_TRACE_TIMEOUT : UNCUT_TRACE_FAILED;
    event.upstream = upstream;
    event.transport = transport;
    event.cause = cause;
    trace(slot, event);
}

// `slot` none: the datagram leads to nobody.
void Loop::trace_ignored(std::uint32_t slot, std::uint32_t cause, std::uint32_t socket, Octets message) noexcept {
    TraceEvent event;
    event.kind = slot == none ? UNCUT_TRACE_STRAY : UNCUT_TRACE_IGNORED;
    event.verdict = cause == UNCUT_CAUSE_MALFORMED ? UNCUT_VERDICT_MALFORMED : UNCUT_VERDICT_NOT_OURS;
    event.cause = cause;
    event.socket = socket;
    event.message = message;
    if (slot == none) return trace(event);
    event.upstream = slots_[slot].upstream;
    trace(slot, event);
}

}  // namespace uncut::engine
