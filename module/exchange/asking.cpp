// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/asking.hpp"

#include "module/exchange/delivery.hpp"
#include "module/policy/fit.hpp"

namespace uncut::exchange {

namespace {

// What passes upstream of a query's flags; the others mean nothing in a query, or are for one hop.
constexpr std::uint32_t passing_flags = wire::flag::rd | wire::flag::ad | wire::flag::cd;

// The query's OPT has other records behind it, which may have to move. `scratch` and the exchange's own place for the
// query do not overlap: the new OPT is made in the one, the query in the other.
bool move_opt(Exchange& x, const wire::Message& query, const wire::OptFields& fields,
              std::span<std::uint8_t> scratch) noexcept {
    const std::size_t capacity = query.octets;
    policy::FitRequest request;
    request.limit = wire::message_octets_max;
    request.opt = {x.query(), wire::forwarded_opt_octets(query)};
    request.replace_opt = true;
    wire::write_forwarded_opt(query, fields, x.query());
    policy::Fitted fitted;
    if (policy::fit(query, request, scratch, fitted) != UNCUT_OK) return false;
    if (fitted.action != UNCUT_FIT_UNCHANGED || fitted.octets > capacity) return false;
    std::memcpy(x.query(), scratch.data(), fitted.octets);
    x.query_octets = static_cast<std::uint32_t>(fitted.octets);
    return true;
}

bool rebuild_opt(Exchange& x, const wire::Message& query, std::span<std::uint8_t> scratch) noexcept {
    // RFC 6891 6.2.3: less than 512 counts as 512. Lowered where the policy says so, never raised.
    const std::uint32_t accepted = wire::effective_payload_size(query);
    const bool lower = x.policy.enabled && accepted > x.policy.upstream_bufsize;
    x.advertised_octets = lower ? x.policy.upstream_bufsize : accepted;
    const wire::OptFields fields{static_cast<std::uint16_t>(x.advertised_octets), 0, x.client.dnssec_ok};
    if (query.opt_offset + query.opt_octets == query.octets) {
        std::memcpy(x.query(), query.data, query.opt_offset);
        const std::uint8_t* const end = wire::write_forwarded_opt(query, fields, x.query() + query.opt_offset);
        x.query_octets = static_cast<std::uint32_t>(end - x.query());
    } else if (!move_opt(x, query, fields, scratch)) {
        return false;
    }
    if (lower) x.count(Counter::clamped);
    return true;
}

void add_opt(Exchange& x) noexcept {
    wire::write_opt({x.policy.upstream_bufsize, 0, false}, wire::no_extended_error, x.query() + x.query_octets);
    wire::set_count(x.query(), wire::additional, wire::count(x.query(), wire::additional) + 1u);
    x.query_octets += wire::opt_octets_min;
    x.advertised_octets = x.policy.upstream_bufsize;
    x.opt_added = true;
    x.count(Counter::opt_added);
}

// The next ask's ID: drawn anew, so that neither the client's nor that of an earlier try foretells it (RFC 5452).
std::uint16_t next_id(const Exchange& x) noexcept {
    if (x.transparent) return x.client.id;
    return static_cast<std::uint16_t>(x.instance->derive(x.entropy, x.asks));
}

void write_query(Step& step, std::uint16_t id) noexcept {
    const Exchange& x = step.x;
    std::uint32_t octets = x.query_octets;
    if (x.opt_added && x.opt_refused) octets -= wire::opt_octets_min;
    std::memcpy(step.out.data(), x.query(), octets);
    wire::set_id(step.out.data(), id);
    if (octets != x.query_octets)
        wire::set_count(step.out.data(), wire::additional, wire::count(x.query(), wire::additional) - 1u);
    step.action.octets = octets;
}

void asked(Step& step, Phase phase, std::uint32_t upstream, std::uint32_t timeout_ms) noexcept {
    Exchange& x = step.x;
    ++x.asks;
    x.phase = phase;
    x.until_us = std::min(later(step.now_us, timeout_ms), x.deadline_us);
    x.count(phase == Phase::udp ? Counter::asked_udp : Counter::asked_tcp);
    step.action.kind = phase == Phase::udp ? UNCUT_ACTION_ASK_UDP : UNCUT_ACTION_ASK_TCP;
    step.action.upstream = upstream;
    step.action.until_us = x.until_us;
}

void ask_udp(Step& step, std::uint32_t upstream) noexcept {
    Exchange& x = step.x;
    if (x.udp_asks == udp_asks_max) return give_up(step);
    const std::uint16_t id = next_id(x);
    x.udp[x.udp_asks++] = {id, static_cast<std::uint8_t>(upstream), true, false, x.opt_added && !x.opt_refused};
    write_query(step, id);
    // Nobody sends an unanswered update or signed message again on the client's behalf, so all the time is for the one.
    asked(step, Phase::udp, upstream, x.transparent ? x.policy.deadline_ms : x.policy.udp_timeout_ms);
}

void try_udp(Step& step, std::uint32_t upstream) noexcept {
    ++step.x.udp_tries;
    ask_udp(step, upstream);
}

// Whether the last attempt failed before the upstream can have seen the message.
bool was_never_taken(std::uint32_t cause) noexcept {
    return cause == UNCUT_CAUSE_REFUSED || cause == UNCUT_CAUSE_CONNECT_TIMEOUT || cause == UNCUT_CAUSE_LIMIT ||
           cause == UNCUT_CAUSE_SEND || cause == UNCUT_CAUSE_HELD_OFF;
}

bool may_ask_udp_again(const Exchange& x) noexcept {
    if (x.udp_tries >= x.policy.udp_tries) return false;
    // What has side effects, or is signed for one reader, goes to another upstream only if nobody can have read it.
    return !x.transparent || (was_never_taken(x.last_cause) && x.udp_tries < x.upstream_count);
}

// The next upstream to ask over TCP; upstream_count: none. One that is held off is asked only where the exchange would
// otherwise end without having asked anybody: a lone upstream is always tried.
std::uint32_t next_tcp_upstream(const Step& step) noexcept {
    const Exchange& x = step.x;
    std::uint32_t held_off = x.upstream_count;
    for (std::uint32_t offset = 0; offset < x.upstream_count; ++offset) {
        const std::uint32_t upstream = (x.upstream_first + offset) % x.upstream_count;
        if ((x.tcp_asked >> upstream & 1u) != 0) continue;
        if (!x.instance->tcp_held_off(upstream, step.now_us)) return upstream;
        if (held_off == x.upstream_count) held_off = upstream;
    }
    return x.asks == 0 ? held_off : x.upstream_count;
}

bool goes_by_tcp(const Exchange& x) noexcept {
    switch (x.policy.upstream_transport) {
        case UNCUT_UPSTREAM_UDP_FIRST:
            return x.transparent && x.client.tcp;
        case UNCUT_UPSTREAM_TCP:
            return !x.transparent || x.client.tcp;
        default:
            return x.client.tcp;  // RFC 5625 4.4: TCP in, TCP out
    }
}

bool is_learned_to_truncate(const Step& step) noexcept {
    const Exchange& x = step.x;
    return x.policy.upstream_transport == UNCUT_UPSTREAM_LEARNED && x.policy.enabled && !x.transparent &&
           x.instance->learned.recall(x.learned_key(x.upstream_first), step.now_us) == Memory::truncates;
}

}  // namespace

std::size_t scratch_octets(const wire::Message& query) noexcept {
    const std::uint32_t moved = query.opt_offset + query.opt_octets == query.octets ? 0 : query.opt_octets;
    return std::min(query.octets + moved, wire::message_octets_max);
}

bool build_upstream_query(Exchange& x, const wire::Message& query, std::span<std::uint8_t> scratch) noexcept {
    x.query_octets = query.octets;
    x.advertised_octets = wire::udp_octets_min;
    if (query.has(UNCUT_FACT_OPT)) {
        if (!rebuild_opt(x, query, scratch)) return false;
    } else {
        std::memcpy(x.query(), query.data, query.octets);
        const bool has_room = query.octets + wire::opt_octets_min <= wire::message_octets_max;
        if (x.policy.enabled && x.policy.upstream_edns == UNCUT_EDNS_ADD && has_room) add_opt(x);
    }
    wire::set_flags(x.query(), query.flags & passing_flags);
    return true;
}

void ask_first(Step& step) noexcept {
    Exchange& x = step.x;
    if (goes_by_tcp(x)) return ask_next_after_tcp(step);
    if (is_learned_to_truncate(step)) {
        x.count(Counter::learned_hits);
        if (!x.instance->tcp_held_off(x.upstream_first, step.now_us)) {
            x.straight_to_tcp = true;
            return ask_tcp(step, x.upstream_first);
        }
    }
    try_udp(step, x.upstream_first);
}

void ask_tcp(Step& step, std::uint32_t upstream) noexcept {
    Exchange& x = step.x;
    if (x.asks == asks_max) return give_up(step);
    const std::uint16_t id = next_id(x);
    x.tcp_asked = static_cast<std::uint16_t>(x.tcp_asked | 1u << upstream);
    x.tcp = {id, static_cast<std::uint8_t>(upstream), true, x.opt_added && !x.opt_refused};
    write_query(step, id);
    asked(step, Phase::tcp, upstream, x.policy.tcp_timeout_ms);
}

void ask_next_after_udp(Step& step) noexcept {
    Exchange& x = step.x;
    if (step.now_us >= x.deadline_us) return give_up(step);
    if (may_ask_udp_again(x)) {
        const std::uint32_t last = x.udp_asks == 0 ? x.upstream_first : x.udp[x.udp_asks - 1].upstream + 1u;
        return try_udp(step, last % x.upstream_count);
    }
    if (!x.policy.enabled || x.transparent) return give_up(step);
    ask_next_after_tcp(step);
}

void ask_next_after_tcp(Step& step) noexcept {
    const Exchange& x = step.x;
    if (step.now_us >= x.deadline_us) return give_up(step);
    if (x.transparent && x.asks != 0 && !was_never_taken(x.last_cause)) return give_up(step);
    const std::uint32_t upstream = next_tcp_upstream(step);
    if (upstream == x.upstream_count) return give_up(step);
    ask_tcp(step, upstream);
}

void ask_without_opt(Step& step, std::uint32_t transport, std::uint32_t upstream) noexcept {
    step.x.opt_refused = true;
    step.x.count(Counter::edns_refused);
    if (transport == UNCUT_TRANSPORT_TCP) return ask_tcp(step, upstream);
    ask_udp(step, upstream);
}

void give_up(Step& step) noexcept {
    if (step.x.transparent) return drop(step, UNCUT_CAUSE_SILENCE);
    deliver_servfail(step);
}

}  // namespace uncut::exchange
