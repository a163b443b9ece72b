// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/retry.hpp"

#include "module/exchange/asking.hpp"
#include "module/exchange/delivery.hpp"

namespace uncut::exchange {

namespace {

Counter retry_counter(std::uint32_t cause) noexcept {
    switch (cause) {
        case UNCUT_CAUSE_REFUSED:
            return Counter::retry_refused;
        case UNCUT_CAUSE_CONNECT_TIMEOUT:
            return Counter::retry_connect_timeout;
        case UNCUT_CAUSE_RESET:
            return Counter::retry_reset;
        case UNCUT_CAUSE_CLOSED:
            return Counter::retry_closed;
        case UNCUT_CAUSE_STALLED:
            return Counter::retry_stalled;
        case UNCUT_CAUSE_MALFORMED:
            return Counter::retry_malformed;
        case UNCUT_CAUSE_FOREIGN:
            return Counter::retry_foreign;
        case UNCUT_CAUSE_TC_AGAIN:
            return Counter::retry_tc_again;
        case UNCUT_CAUSE_HELD_OFF:
            return Counter::retry_held_off;
        case UNCUT_CAUSE_LIMIT:
            return Counter::retry_limit;
        default:
            return Counter::retry_send;
    }
}

// Whether the octets are all there for all that we know, and TC is clear.
bool is_suspicion_only(std::uint32_t verdict) noexcept {
    return verdict == UNCUT_VERDICT_OVERSIZE || verdict == UNCUT_VERDICT_DANGLING_CNAME;
}

void remember(const Step& step, Memory memory, std::uint32_t upstream) noexcept {
    const Exchange& x = step.x;
    if (!x.policy.enabled) return;
    x.instance->learned.remember(x.learned_key(upstream), memory, x.policy.learned_ttl_s, step.now_us);
}

void clear_suspicion(const Step& step) noexcept {
    step.x.count(Counter::suspicion_cleared);
    remember(step, Memory::suspicion_cleared, step.x.retry.upstream);
}

// Whether the answer over TCP is the one that we had already. Of a dangling chain it is enough that it dangles again;
// of an answer that was too long, that it has as many records, because their order and TTLs change.
bool says_the_same(const Retry& retry, const wire::Message& response, std::uint32_t verdict) noexcept {
    if (retry.verdict == UNCUT_VERDICT_DANGLING_CNAME) return verdict == UNCUT_VERDICT_DANGLING_CNAME;
    return retry.verdict == UNCUT_VERDICT_OVERSIZE && retry.rcode == response.rcode &&
           retry.answers == response.counts[wire::answer] && retry.authorities == response.counts[wire::authority];
}

// Why this upstream is not to be asked over TCP now; UNCUT_CAUSE_NONE: it is.
std::uint32_t obstacle(const Step& step, std::uint32_t upstream) noexcept {
    const Exchange& x = step.x;
    if (step.now_us >= x.deadline_us) return UNCUT_CAUSE_STALLED;
    if ((x.tcp_asked >> upstream & 1u) != 0) return x.tcp_cause[upstream];  // learned went there first
    if (x.instance->tcp_held_off(upstream, step.now_us)) return UNCUT_CAUSE_HELD_OFF;
    return UNCUT_CAUSE_NONE;
}

void take_note(Exchange& x, const wire::Message& response, std::uint32_t verdict, std::uint32_t upstream) noexcept {
    x.retry = {};
    x.retry.verdict = verdict;
    x.retry.flags = response.flags;
    x.retry.rcode = static_cast<std::uint16_t>(response.rcode);
    x.retry.answers = response.counts[wire::answer];
    x.retry.authorities = response.counts[wire::authority];
    x.retry.upstream = static_cast<std::uint8_t>(upstream);
    x.retry.dnssec_ok = response.has(UNCUT_FACT_OPT) && (response.edns_flags & wire::edns_do) != 0;
    x.retry.stripped = response.has(UNCUT_FACT_OPT) && !x.client.opt;
}

// Whether what the client would get of the answer may be needed.
bool is_worth_keeping(const Exchange& x, std::uint32_t verdict) noexcept {
    if (is_suspicion_only(verdict)) return true;
    return !x.client.tcp && x.policy.on_tcp_failure == UNCUT_ON_TCP_FAILURE_PARTIAL;
}

// The answer goes out as it came, because nobody wants it asked for again.
void deliver_truncated(Step& step, const wire::Message& response, Status parsed, std::uint32_t verdict,
                       std::uint32_t upstream) noexcept {
    if (verdict == UNCUT_VERDICT_TRUNCATED) remember(step, Memory::truncates, upstream);
    if (parsed == UNCUT_OK && verdict != UNCUT_VERDICT_CUT)
        return deliver_response(step, response, UNCUT_TRANSPORT_UDP, upstream);
    take_note(step.x, response, verdict, upstream);
    keep(step, response, parsed);
    step.x.retry.kept_octets == 0 ? deliver_empty(step) : deliver_kept(step);
}

// What TCP was to make whole is delivered as well as it can be.
void fall_back(Step& step, std::uint32_t cause) noexcept {
    Exchange& x = step.x;
    x.count(retry_counter(cause));
    x.retry.pending = false;
    x.last_cause = step.action.cause = cause;
    const bool kept = x.retry.kept_octets != 0;
    if (is_suspicion_only(x.retry.verdict)) {
        clear_suspicion(step);
        if (kept) return deliver_kept(step);
    }
    // Over TCP a client cannot be told to ask over TCP.
    if (x.client.tcp) return ask_next_after_tcp(step);
    if (x.policy.on_tcp_failure == UNCUT_ON_TCP_FAILURE_SERVFAIL && !is_suspicion_only(x.retry.verdict))
        return deliver_servfail(step);
    kept ? deliver_kept(step) : deliver_empty(step);
}

}  // namespace

void on_truncated(Step& step, const wire::Message& response, Status parsed, std::uint32_t verdict,
                  std::uint32_t upstream) noexcept {
    Exchange& x = step.x;
    if (!x.policy.enabled || !x.policy.retry_truncated)
        return deliver_truncated(step, response, parsed, verdict, upstream);
    take_note(x, response, verdict, upstream);
    if (is_worth_keeping(x, verdict)) keep(step, response, parsed);
    const std::uint32_t cause = obstacle(step, upstream);
    if (cause != UNCUT_CAUSE_NONE) return fall_back(step, cause);
    x.retry.pending = true;
    ask_tcp(step, upstream);  // the same address and port
}

void on_tcp_failed(Step& step, std::uint32_t cause) noexcept {
    Exchange& x = step.x;
    x.tcp_cause[x.tcp.upstream] = static_cast<std::uint8_t>(cause);
    x.last_cause = step.action.cause = cause;
    // One query that stalls or is closed says nothing of the others; a connection that cannot be made does.
    if (cause == UNCUT_CAUSE_REFUSED || cause == UNCUT_CAUSE_CONNECT_TIMEOUT)
        x.instance->hold_off_tcp(x.tcp.upstream, step.now_us);
    if (x.retry.pending) return fall_back(step, cause);
    if (x.straight_to_tcp) {
        x.straight_to_tcp = false;
        return ask_next_after_udp(step);
    }
    ask_next_after_tcp(step);
}

void settle_retry(Step& step, const wire::Message& response, std::uint32_t verdict) noexcept {
    Exchange& x = step.x;
    if (!x.retry.pending) return;
    x.retry.pending = false;
    x.count(Counter::retry_ok);
    if (says_the_same(x.retry, response, verdict)) return clear_suspicion(step);
    remember(step, Memory::truncates, x.retry.upstream);
}

void abandon_retry(Exchange& x) noexcept {
    if (!x.retry.pending) return;
    x.retry.pending = false;
    x.count(Counter::retry_abandoned);
}

}  // namespace uncut::exchange
