// SPDX-License-Identifier: Apache-2.0
// Events in, actions out: what the loop does for one exchange.
#include <algorithm>

#include "module/engine/loop.hpp"

namespace uncut::engine {

// The exchange wants to hear of the time at `until_us`. Never at once: an exchange whose time is up must not turn the
// loop round and round.
void Loop::await(std::uint32_t slot, const exchange::Action& action) noexcept {
    if (action.kind == UNCUT_ACTION_ASK_UDP || action.kind == UNCUT_ACTION_ASK_TCP) {
        slots_[slot].upstream = static_cast<std::uint8_t>(action.upstream);
    } else if (action.kind != UNCUT_ACTION_WAIT) {
        return;
    }
    timers_.set(slot, std::max(action.until_us, now_us_ + 1));
}

void Loop::tell(std::uint32_t slot, const exchange::Event& event, exchange::Action& action) noexcept {
    exchange::Exchange& exchange = *slots_[slot].exchange;
    const Status status = exchange::on_event(exchange, event, now_us_, out_.span(), action);
    if (status == UNCUT_OK) return;
    // The buffer holds any message and the exchange is not over, so this is a defect. The query is not lost even so.
    exchange::cancel(exchange);
    action = {};
    action.kind = UNCUT_ACTION_DROP;
    action.cause = UNCUT_CAUSE_CANCELLED;
}

void Loop::tell_failed(std::uint32_t slot, std::uint32_t upstream, std::uint32_t transport,
                       std::uint32_t cause) noexcept {
    if (is_traced()) trace_failed(slot, upstream, transport, cause);
    if (slots_[slot].exchange == nullptr) {
        finish_relay(slot, cause);
        return;
    }
    exchange::Event event;
    event.kind = UNCUT_EVENT_FAILED;
    event.upstream = upstream;
    event.transport = transport;
    event.cause = cause;
    exchange::Action action;
    tell(slot, event, action);
    perform(slot, action, out_.data());
}

// What cannot be done is reported at once, and what the exchange then wants is done next. It ends: an exchange asks a
// bounded number of times.
void Loop::perform(std::uint32_t slot, const exchange::Action& first, const std::uint8_t* message) noexcept {
    exchange::Action action = first;
    for (;;) {
        await(slot, action);
        std::uint32_t cause = UNCUT_CAUSE_NONE;
        exchange::Event event;
        switch (action.kind) {
            case UNCUT_ACTION_WAIT:
                return;
            case UNCUT_ACTION_ASK_UDP:
                cause = queue_udp(slot, action, message);
                break;
            case UNCUT_ACTION_ASK_TCP:
                cause = ask_tcp(slot, action.upstream, {message, action.octets});
                event.transport = UNCUT_TRANSPORT_TCP;
                break;
            default: {
                const bool delivered = action.kind == UNCUT_ACTION_DELIVER;
                Completion completion;
                completion.outcome = delivered ? UNCUT_OUTCOME_DELIVERED : UNCUT_OUTCOME_DROPPED;
                completion.cause = action.cause;
                completion.verdict = action.verdict;
                completion.transport = action.transport;
                completion.upstream = action.upstream;
                if (delivered) completion.message = {message, action.octets};
                finish(slot, completion);
                return;
            }
        }
        if (cause == UNCUT_CAUSE_NONE) return;
        if (is_traced()) trace_failed(slot, action.upstream, event.transport, cause);
        event.kind = UNCUT_EVENT_FAILED;
        event.upstream = action.upstream;
        event.cause = cause;
        tell(slot, event, action);
        message = out_.data();
    }
}

// The slot is free before the host hears of it: it may submit the next query at once.
void Loop::finish(std::uint32_t slot, const Completion& completion) noexcept {
    const std::uint64_t token = slots_[slot].token;
    release(slot);
    complete(token, completion);
}

void Loop::complete(std::uint64_t token, const Completion& completion) noexcept {
    inside_ = true;
    config_.complete(config_.host, token, completion);
    inside_ = false;
}

void Loop::on_time(std::uint32_t index) noexcept {
    Slot& slot = slots_[index];
    if (slot.exchange == nullptr) {
        const bool connecting = slot.relay != none && relays_.is_connecting(slot.relay);
        finish_relay(index, connecting ? UNCUT_CAUSE_CONNECT_TIMEOUT : UNCUT_CAUSE_STALLED);
        return;
    }
    exchange::Event event;
    event.kind = UNCUT_EVENT_TIMEOUT;
    event.upstream = slot.upstream;
    if (slot.retry != none) {
        event.transport = UNCUT_TRANSPORT_TCP;
        if (tcp_.cause_of_silence(slot.retry, now_us_) == UNCUT_CAUSE_CONNECT_TIMEOUT) {
            event.kind = UNCUT_EVENT_FAILED;
            event.cause = UNCUT_CAUSE_CONNECT_TIMEOUT;
        }
        tcp_.stalled(slot.retry);
        leave_retry(index);
    } else {
        upstreams_.failed(slot.upstream, now_us_);
    }
    if (is_traced()) trace_failed(index, event.upstream, event.transport, event.cause);
    exchange::Action action;
    tell(index, event, action);
    perform(index, action, out_.data());
}

std::uint32_t Loop::queue_udp(std::uint32_t index, const exchange::Action& action,
                              const std::uint8_t* message) noexcept {
    Slot& slot = slots_[index];
    leave_retry(index);
    const std::span<std::uint8_t> space = outbox_->space();
    if (outbox_->is_full() || space.size() < action.octets) return UNCUT_CAUSE_SEND;
    std::copy_n(message, action.octets, space.data());
    slot.queued = ++serial_;
    outbox_->push(index, slot.queued, action);
    return UNCUT_CAUSE_NONE;
}

std::uint32_t Loop::ask_tcp(std::uint32_t index, std::uint32_t upstream, Octets query) noexcept {
    Slot& slot = slots_[index];
    leave_retry(index);
    const bool keeps_id = exchange::is_transparent(*slot.exchange);
    std::uint32_t found = keeps_id ? none : retries_.find(upstream, query);
    const bool shared = found != none;
    if (shared) {
        instance_.counters.add(exchange::Counter::shared_retries);
    } else {
        found = retries_.create(upstream, query, keeps_id);
        if (found == none) return UNCUT_CAUSE_LIMIT;
        const std::uint32_t cause = tcp_.place(found, now_us_);
        if (cause != UNCUT_CAUSE_NONE) {
            retries_.destroy(found);
            return cause;
        }
    }
    Retry& retry = retries_[found];
    slot.retry = found;
    slot.tcp_id = wire::id(query.data());
    slot.next_waiter = retry.first_waiter;
    retry.first_waiter = index;
    if (++retry.waiters >= config_.tcp_waiters_max) retries_.close(found);
    if (is_traced()) trace_ask(index, upstream, UNCUT_TRANSPORT_TCP, query, 0, shared);
    return UNCUT_CAUSE_NONE;
}

void Loop::leave_retry(std::uint32_t index) noexcept {
    Slot& slot = slots_[index];
    if (slot.retry == none) return;
    Retry& retry = retries_[slot.retry];
    std::uint32_t* link = &retry.first_waiter;
    while (*link != index) link = &slots_[*link].next_waiter;
    *link = slot.next_waiter;
    const std::uint32_t left = slot.retry;
    slot.retry = slot.next_waiter = none;
    // While the others are being told, whoever tells them ends it.
    if (--retry.waiters == 0 && !retry.settled) tcp_.release(left);
}

std::uint32_t Loop::pop_waiter(std::uint32_t index) noexcept {
    Retry& retry = retries_[index];
    const std::uint32_t waiter = retry.first_waiter;
    retry.first_waiter = slots_[waiter].next_waiter;
    --retry.waiters;
    slots_[waiter].retry = slots_[waiter].next_waiter = none;
    return waiter;
}

void Loop::on_answer(std::uint32_t retry, std::span<std::uint8_t> message) noexcept {
    exchange::Event event;
    event.kind = UNCUT_EVENT_MESSAGE;
    event.upstream = retries_[retry].upstream;
    event.transport = UNCUT_TRANSPORT_TCP;
    event.message = message;
    // A completion may cancel any of those who still wait, so each is looked up when its turn has come.
    while (retries_[retry].first_waiter != none) {
        const std::uint32_t waiter = pop_waiter(retry);
        wire::set_id(message.data(), slots_[waiter].tcp_id);
        exchange::Action action;
        tell(waiter, event, action);
        if (is_traced()) trace_message(waiter, event, action, 0);
        perform(waiter, action, out_.data());
    }
}

void Loop::on_failed(std::uint32_t retry, std::uint32_t cause) noexcept {
    const std::uint32_t upstream = retries_[retry].upstream;
    while (retries_[retry].first_waiter != none) {
        tell_failed(pop_waiter(retry), upstream, UNCUT_TRANSPORT_TCP, cause);
    }
}

}  // namespace uncut::engine
