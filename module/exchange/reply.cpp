// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/reply.hpp"

#include "module/exchange/asking.hpp"
#include "module/exchange/delivery.hpp"
#include "module/exchange/match.hpp"
#include "module/exchange/retry.hpp"

namespace uncut::exchange {

namespace {

void wait(Step& step, std::uint32_t cause) noexcept {
    step.action.kind = UNCUT_ACTION_WAIT;
    step.action.cause = cause;
    step.action.until_us = step.x.until_us;
}

// Whatever arrives that is not the answer: counted, and the wait goes on as it was (CVE-2023-28452).
void ignore(Step& step, std::uint32_t cause, std::uint32_t verdict) noexcept {
    step.x.count(ignored_counter(cause));
    step.action.verdict = verdict;
    wait(step, cause);
}

// The ask that a datagram from this upstream could answer: by its ID if one of them has it, else the latest.
// nullptr: that upstream was not asked over UDP.
UdpAsk* find_ask(Exchange& x, std::uint32_t upstream, const wire::Message& response) noexcept {
    UdpAsk* latest = nullptr;
    UdpAsk* same_id = nullptr;
    for (std::uint32_t index = 0; index < x.udp_asks; ++index) {
        UdpAsk& ask = x.udp[index];
        if (ask.upstream != upstream) continue;
        latest = &ask;
        const bool is_same = response.has(UNCUT_FACT_HEADER) && ask.id == response.id;
        if (is_same && (same_id == nullptr || !same_id->outstanding)) same_id = &ask;
    }
    return same_id != nullptr ? same_id : latest;
}

std::uint32_t advertised_by(const Exchange& x, const UdpAsk& ask) noexcept {
    return x.opt_added && !ask.added_opt ? wire::udp_octets_min : x.advertised_octets;
}

// FORMERR and NOTIMP are what servers without EDNS say to an OPT: RFC 6891 7.
bool refuses_opt(const wire::Message& response) noexcept {
    return response.rcode == wire::rcode::formerr || response.rcode == wire::rcode::notimp;
}

bool is_time_left(const Step& step) noexcept {
    return step.now_us < step.x.deadline_us;
}

void count_truncated(const Exchange& x, std::uint32_t verdict) noexcept {
    if (verdict == UNCUT_VERDICT_TRUNCATED) x.count(Counter::tc_seen);
    if (verdict == UNCUT_VERDICT_CUT) x.count(Counter::suspected_cut);
    if (verdict == UNCUT_VERDICT_OVERSIZE) x.count(Counter::suspected_oversize);
    if (verdict == UNCUT_VERDICT_DANGLING_CNAME) x.count(Counter::suspected_dangling_cname);
}

bool is_cleared(const Step& step, std::uint32_t verdict, std::uint32_t upstream) noexcept {
    if (verdict != UNCUT_VERDICT_OVERSIZE && verdict != UNCUT_VERDICT_DANGLING_CNAME) return false;
    const Exchange& x = step.x;
    return x.instance->learned.recall(x.learned_key(upstream), step.now_us) == Memory::suspicion_cleared;
}

// A datagram that is ours, and well formed or cut.
void accept_datagram(Step& step, UdpAsk& ask, const wire::Message& response, Status parsed,
                     std::uint32_t verdict) noexcept {
    Exchange& x = step.x;
    const std::uint32_t upstream = ask.upstream;
    const bool refused = ask.added_opt && refuses_opt(response);
    if (refused && (x.opt_refused || x.phase == Phase::tcp)) return ignore(step, UNCUT_CAUSE_LATE, verdict);
    const bool cleared = is_cleared(step, verdict, upstream);
    const bool whole = verdict == UNCUT_VERDICT_WHOLE || cleared;
    // While TCP is asked only a better answer than that which made us ask is of use; a TC that comes late is not.
    if (!whole && x.phase == Phase::tcp) return ignore(step, UNCUT_CAUSE_LATE, verdict);

    ask.outstanding = false;
    x.last_verdict = step.action.verdict = verdict;
    if (refused && is_time_left(step)) return ask_without_opt(step, UNCUT_TRANSPORT_UDP, upstream);
    if (!whole) {
        count_truncated(x, verdict);
        return on_truncated(step, response, parsed, verdict, upstream);
    }
    if (cleared) x.count(Counter::learned_cleared_hits);
    abandon_retry(x);
    deliver_response(step, response, UNCUT_TRANSPORT_UDP, upstream);
}

}  // namespace

void on_datagram(Step& step, const Event& event) noexcept {
    Exchange& x = step.x;
    wire::Message response;
    const Status parsed = wire::parse(event.message, response);
    UdpAsk* const ask = find_ask(x, event.upstream, response);
    if (ask == nullptr) return ignore(step, UNCUT_CAUSE_SOURCE, UNCUT_VERDICT_NOT_OURS);
    // Ours or not is looked at before TC is: RFC 5452 9.1.
    const std::uint32_t mismatch = match(response, parsed, {ask->id, wire::opcode::query, x.question()});
    if (mismatch == UNCUT_CAUSE_MALFORMED) return ignore(step, mismatch, UNCUT_VERDICT_MALFORMED);
    if (mismatch != UNCUT_CAUSE_NONE) return ignore(step, mismatch, UNCUT_VERDICT_NOT_OURS);
    if (!ask->outstanding) return ignore(step, UNCUT_CAUSE_LATE, x.last_verdict);
    const std::uint32_t suspect = x.policy.enabled ? x.policy.suspect : 0u;
    const std::uint32_t verdict = judge(response, parsed, {suspect, advertised_by(x, *ask), event.kernel_cut});
    if (verdict == UNCUT_VERDICT_MALFORMED) return ignore(step, UNCUT_CAUSE_MALFORMED, verdict);
    accept_datagram(step, *ask, response, parsed, verdict);
}

void on_stream_message(Step& step, const Event& event) noexcept {
    Exchange& x = step.x;
    if (x.phase != Phase::tcp || event.upstream != x.tcp.upstream) {
        const bool was_asked = event.upstream < x.upstream_count && (x.tcp_asked >> event.upstream & 1u) != 0;
        return ignore(step, was_asked ? UNCUT_CAUSE_LATE : UNCUT_CAUSE_SOURCE, x.last_verdict);
    }
    x.instance->tcp_connected(event.upstream);
    wire::Message response;
    const Status parsed = wire::parse(event.message, response);
    const std::uint32_t mismatch = match(response, parsed, {x.tcp.id, wire::opcode::query, x.question()});
    if (mismatch != UNCUT_CAUSE_NONE) {
        const bool malformed = mismatch == UNCUT_CAUSE_MALFORMED;
        step.action.verdict = malformed ? UNCUT_VERDICT_MALFORMED : UNCUT_VERDICT_NOT_OURS;
        return on_tcp_failed(step, malformed ? UNCUT_CAUSE_MALFORMED : UNCUT_CAUSE_FOREIGN);
    }
    // A stream has no size to exceed and nothing to be cut by; the chain may dangle here as it did over UDP.
    std::uint32_t suspect = 0;
    if (x.retry.pending && x.retry.verdict == UNCUT_VERDICT_DANGLING_CNAME) suspect = UNCUT_SUSPECT_DANGLING_CNAME;
    const std::uint32_t verdict = judge(response, parsed, {suspect, 0, false});
    x.last_verdict = step.action.verdict = verdict;
    if (verdict == UNCUT_VERDICT_MALFORMED || parsed != UNCUT_OK) return on_tcp_failed(step, UNCUT_CAUSE_MALFORMED);
    if (verdict == UNCUT_VERDICT_TRUNCATED && x.policy.enabled) return on_tcp_failed(step, UNCUT_CAUSE_TC_AGAIN);
    if (x.tcp.added_opt && refuses_opt(response) && is_time_left(step))
        return ask_without_opt(step, UNCUT_TRANSPORT_TCP, event.upstream);
    settle_retry(step, response, verdict);
    deliver_response(step, response, UNCUT_TRANSPORT_TCP, event.upstream);
}

void on_transparent_message(Step& step, const Event& event) noexcept {
    Exchange& x = step.x;
    const bool tcp = event.transport == UNCUT_TRANSPORT_TCP;
    wire::Message response;
    wire::parse(event.message, response);  // what is behind the header is between client and upstream
    UdpAsk* const ask = tcp ? nullptr : find_ask(x, event.upstream, response);
    const bool was_asked = tcp ? x.phase == Phase::tcp && event.upstream == x.tcp.upstream : ask != nullptr;
    if (!was_asked) return ignore(step, UNCUT_CAUSE_SOURCE, UNCUT_VERDICT_NOT_OURS);
    std::uint32_t mismatch = match(response, UNCUT_OK, {x.client.id, wire::opcode_of(x.client.flags), {}});
    if (mismatch == UNCUT_CAUSE_NONE && event.kernel_cut) mismatch = UNCUT_CAUSE_MALFORMED;
    if (mismatch == UNCUT_CAUSE_NONE) {
        if (!tcp && !ask->outstanding) return ignore(step, UNCUT_CAUSE_LATE, x.last_verdict);
        return deliver_untouched(step, event.message, event.transport, event.upstream);
    }
    const bool malformed = mismatch == UNCUT_CAUSE_MALFORMED;
    const std::uint32_t verdict = malformed ? UNCUT_VERDICT_MALFORMED : UNCUT_VERDICT_NOT_OURS;
    if (!tcp) return ignore(step, mismatch, verdict);
    step.action.verdict = verdict;
    on_tcp_failed(step, malformed ? UNCUT_CAUSE_MALFORMED : UNCUT_CAUSE_FOREIGN);
}

void on_failed(Step& step, const Event& event) noexcept {
    Exchange& x = step.x;
    if (event.transport == UNCUT_TRANSPORT_TCP) {
        if (x.phase != Phase::tcp || event.upstream != x.tcp.upstream) return wait(step, UNCUT_CAUSE_LATE);
        return on_tcp_failed(step, event.cause);
    }
    // A host knows which upstream is unreachable, not which of our queries it refused: the latest counts as that.
    UdpAsk* ask = nullptr;
    for (std::uint32_t index = 0; index < x.udp_asks; ++index)
        if (x.udp[index].upstream == event.upstream) ask = &x.udp[index];
    if (ask == nullptr || !ask->outstanding) return wait(step, UNCUT_CAUSE_LATE);
    ask->outstanding = false;
    const bool is_current = x.phase == Phase::udp && ask == &x.udp[x.udp_asks - 1];
    if (!ask->counted) {
        ask->counted = true;
        x.count(event.cause == UNCUT_CAUSE_REFUSED ? Counter::udp_refused : Counter::udp_send);
    }
    if (!is_current) return wait(step, UNCUT_CAUSE_LATE);
    x.last_cause = step.action.cause = event.cause;
    ask_next_after_udp(step);
}

void on_timeout(Step& step) noexcept {
    Exchange& x = step.x;
    if (step.now_us < x.until_us) return wait(step, UNCUT_CAUSE_NONE);
    if (x.phase == Phase::tcp) return on_tcp_failed(step, UNCUT_CAUSE_STALLED);
    UdpAsk& ask = x.udp[x.udp_asks - 1];
    x.count(Counter::udp_timeout);
    ask.counted = true;
    x.last_cause = step.action.cause = UNCUT_CAUSE_STALLED;
    ask_next_after_udp(step);
}

}  // namespace uncut::exchange
