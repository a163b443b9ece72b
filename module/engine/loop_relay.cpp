// SPDX-License-Identifier: Apache-2.0
// Zone transfers, which are no thing of one answer: what the loop does for one.
#include <algorithm>

#include "module/engine/loop.hpp"
#include "module/exchange/match.hpp"
#include "module/wire/opt.hpp"

namespace uncut::engine {
namespace {

// An IXFR over UDP is one plain question; the client that gets nothing asks again, over TCP (RFC 1995 2).
constexpr std::uint64_t udp_timeout_us = 2'000'000;

}  // namespace

void Loop::begin_relay(std::uint32_t index, std::span<std::uint8_t> query) noexcept {
    Slot& slot = slots_[index];
    Block kept;
    if (!queries_.take(query.size(), kept)) {
        Completion completion;
        completion.cause = UNCUT_CAUSE_LIMIT;
        return finish(index, completion);
    }
    std::copy(query.begin(), query.end(), kept.data);
    slot.query = kept.handle;
    slot.query_octets = static_cast<std::uint16_t>(query.size());
    slot.query_message = kept.data;
    if (slot.transport == UNCUT_TRANSPORT_UDP) return relay_over_udp(index, query);
    std::uint32_t relay = none;
    std::uint32_t cause = relays_.open(index, upstreams_.address(slot.upstream), query, relay);
    if (cause != UNCUT_CAUSE_NONE) return finish_relay(index, cause);
    if (is_traced()) trace_ask(index, slot.upstream, UNCUT_TRANSPORT_TCP, query, 0, false);
    slot.relay = relay;
    relay_ends_us_[relay] = now_us_ + relay_total_us;
    timers_.set(index, now_us_ + relay_idle_us);
}

void Loop::relay_over_udp(std::uint32_t index, std::span<std::uint8_t> query) noexcept {
    // RFC 5936 4.2: AXFR is not defined for UDP.
    if (query_type(query) != wire::type::ixfr) return answer_here(index, wire::rcode::formerr, false);
    std::uint32_t id = 0;
    if (!random_.below(65'536, id)) return finish_relay(index, UNCUT_CAUSE_SEND);
    wire::set_id(query.data(), id);
    timers_.set(index, now_us_ + udp_timeout_us);
    const std::uint32_t cause = send_udp(index, slots_[index].upstream, query);
    if (cause != UNCUT_CAUSE_NONE) finish_relay(index, cause);
}

// A client that has had nothing yet gets SERVFAIL; one that has had the beginning of a zone cannot be told any more.
void Loop::finish_relay(std::uint32_t index, std::uint32_t cause) noexcept {
    Slot& slot = slots_[index];
    if (!slot.streamed) return answer_here(index, wire::rcode::servfail, false);
    Completion completion;
    completion.cause = cause;
    completion.upstream = slot.upstream;
    finish(index, completion);
}

void Loop::answer_here(std::uint32_t index, std::uint16_t rcode, bool truncated) noexcept {
    Slot& slot = slots_[index];
    const std::size_t octets = write_error({slot.query_message, slot.query_octets}, rcode, truncated, out_.span());
    Completion completion;
    completion.outcome = UNCUT_OUTCOME_DELIVERED;
    completion.upstream = slot.upstream;
    completion.message = {out_.data(), octets};
    finish(index, completion);
}

void Loop::on_relay_datagram(std::uint32_t index, std::uint32_t attempt, std::span<std::uint8_t> datagram) noexcept {
    Slot& slot = slots_[index];
    const Octets asked{slot.query_message, slot.query_octets};
    wire::Message query;
    wire::Message response;
    if (wire::parse(asked, query) != UNCUT_OK) return;
    const Status parsed = wire::parse(datagram, response);
    std::uint32_t cause =
        exchange::match(response, parsed, {wire::id(datagram.data()), query.opcode, query.question()});
    if (cause == UNCUT_CAUSE_NONE && parsed != UNCUT_OK) cause = UNCUT_CAUSE_MALFORMED;
    if (cause != UNCUT_CAUSE_NONE) return ignore(index, cause, attempts_[attempt].socket, datagram);
    upstreams_.answered(slot.upstream);
    // RFC 6891 6.2.3: never more than the client said that it takes.
    if (datagram.size() > wire::effective_payload_size(query)) return answer_here(index, wire::rcode::noerror, true);
    wire::set_id(datagram.data(), query.id);
    Completion completion;
    completion.outcome = UNCUT_OUTCOME_DELIVERED;
    completion.transport = UNCUT_TRANSPORT_UDP;
    completion.verdict = response.tc() ? UNCUT_VERDICT_TRUNCATED : UNCUT_VERDICT_WHOLE;
    completion.upstream = slot.upstream;
    completion.message = datagram;
    finish(index, completion);
}

void Loop::on_relayed(std::uint32_t index, Octets message, bool last) noexcept {
    Slot& slot = slots_[index];
    Completion completion;
    completion.outcome = last ? UNCUT_OUTCOME_DELIVERED : UNCUT_OUTCOME_STREAM;
    completion.transport = UNCUT_TRANSPORT_TCP;
    completion.upstream = slot.upstream;
    completion.message = message;
    if (last) {
        slot.relay = none;
        return finish(index, completion);
    }
    slot.streamed = true;
    timers_.set(index, std::min(now_us_ + relay_idle_us, relay_ends_us_[slot.relay]));
    complete(slot.token, completion);
}

void Loop::on_relay_failed(std::uint32_t index, std::uint32_t cause) noexcept {
    slots_[index].relay = none;
    finish_relay(index, cause);
}

}  // namespace uncut::engine
