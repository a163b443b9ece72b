// SPDX-License-Identifier: Apache-2.0
// Datagrams: out in batches, in in batches, each led back to the query that it answers.
#include <ctime>
// linux/errqueue.h wants timespec
#include <linux/errqueue.h>

#include <cerrno>

#include "module/engine/loop.hpp"
#include "module/exchange/match.hpp"

namespace uncut::engine {
namespace {

// Sockets that are tried for an ID that is taken on the ones before: two of the pool, as chance has it, then a new one,
// where no ID is taken.
constexpr int sockets_tried_max = 3;

constexpr int receives_max = 4;  // calls in a row for one socket, so that one busy port does not starve the others
constexpr int errors_max = 16;

constexpr std::size_t datagram_octets = 65'536;  // more than UDP can carry: the kernel cuts nothing

// What an errno of a send, or of an ICMP message, says of a UDP try.
std::uint32_t send_cause(int error) noexcept {
    switch (error) {
        case ECONNREFUSED:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EHOSTDOWN:
        case ENETDOWN:
            return UNCUT_CAUSE_REFUSED;
        default:
            return UNCUT_CAUSE_SEND;
    }
}

}  // namespace

// UNCUT_CAUSE_NONE, or why it cannot be sent.
std::uint32_t Loop::send_udp(std::uint32_t slot, std::uint32_t upstream, std::span<std::uint8_t> message) noexcept {
    const bool v6 = upstreams_.address(upstream).is_v6();
    const std::uint64_t ticket = slots_.ticket(slot);
    Batch& batch = batches_[v6 ? 1 : 0];
    for (int tried = 0; tried < sockets_tried_max; ++tried) {
        const bool fresh = tried == sockets_tried_max - 1;
        if (batch.socket == none) batch.socket = udp_.pick(v6, fresh, now_us_);
        if (batch.socket == none) return UNCUT_CAUSE_SEND;
        const std::uint64_t key = attempt_key(batch.socket, upstreams_.canonical(upstream), wire::id(message.data()));
        if (attempt_ids_.find(key) == none) return add_to_batch(slot, upstream, message, batch);
        send_batch(batch);
        if (slots_.find(ticket) == none) return UNCUT_CAUSE_NONE;  // a completion of what failed there cancelled it
    }
    return UNCUT_CAUSE_LIMIT;
}

std::uint32_t Loop::add_to_batch(std::uint32_t slot, std::uint32_t upstream, std::span<std::uint8_t> message,
                                 Batch& batch) noexcept {
    if (slots_[slot].attempts == attempts_each) {
        std::uint32_t oldest = slots_[slot].first_attempt;
        while (attempts_[oldest].next != none) oldest = attempts_[oldest].next;
        end_attempt(oldest);
    }
    const std::uint32_t added = attempts_.take();
    if (added == none) return UNCUT_CAUSE_LIMIT;  // cannot be: there are enough for all slots
    Attempt& attempt = attempts_[added];
    attempt = {};
    attempt.key = attempt_key(batch.socket, upstreams_.canonical(upstream), wire::id(message.data()));
    attempt.slot = slot;
    attempt.next = slots_[slot].first_attempt;
    attempt.socket = batch.socket;
    attempt.upstream = static_cast<std::uint8_t>(upstream);
    slots_[slot].first_attempt = added;
    ++slots_[slot].attempts;
    attempt_ids_.insert(attempt.key, added);
    udp_.begin(batch.socket);

    const exchange::Exchange* exchange = slots_[slot].exchange;
    if (config_.letter_case && exchange != nullptr && !exchange::is_transparent(*exchange)) {
        if (!randomise_case(message, random_)) {
            end_attempt(added);
            return UNCUT_CAUSE_SEND;
        }
        const Octets name = question_name(message);
        attempt.name_octets = static_cast<std::uint8_t>(name.size());
        std::memcpy(sent_name(added), name.data(), name.size());
    }

    if (is_traced()) trace_ask(slot, upstream, UNCUT_TRANSPORT_UDP, message, batch.socket, false);
    const Address& address = upstreams_.address(upstream);
    iovec& octets = batch.octets[batch.count];
    octets.iov_base = message.data();
    octets.iov_len = message.size();
    msghdr& header = batch.headers[batch.count].msg_hdr;
    header = {};
    header.msg_name = const_cast<sockaddr*>(&address.any);  // sendmmsg reads it only
    header.msg_namelen = address.octets;
    header.msg_iov = &octets;
    header.msg_iovlen = 1;
    batch.tickets[batch.count] = slots_.ticket(slot);
    batch.attempts[batch.count] = added;
    if (++batch.count == send_batch_max || udp_.room(batch.socket) == 0) send_batch(batch);
    return UNCUT_CAUSE_NONE;
}

void Loop::send_batch(Batch& batch) noexcept {
    std::array<Failure, send_batch_max> failures;
    std::uint32_t failed = 0;
    bool again = false;
    for (std::uint32_t sent = 0; sent < batch.count;) {
        const int count =
            ::sendmmsg(udp_.fd(batch.socket), batch.headers.data() + sent, batch.count - sent, MSG_NOSIGNAL);
        if (count > 0) {
            sent += static_cast<std::uint32_t>(count);
            again = false;
            continue;
        }
        // A socket reports what ICMP said of an earlier query on whatever is called next: that was not about this one.
        if (!again) {
            again = true;
            continue;
        }
        failures[failed++] = {batch.tickets[sent], batch.attempts[sent], send_cause(errno)};
        ++sent;
        again = false;
    }
    batch.count = 0;
    batch.socket = none;
    for (std::uint32_t index = 0; index < failed; ++index) fail_attempt(failures[index]);
}

void Loop::send_batches() noexcept {
    for (Batch& batch : batches_) {
        if (batch.count > 0) send_batch(batch);
        batch.socket = none;
    }
}

void Loop::fail_attempt(const Failure& failure) noexcept {
    const std::uint32_t slot = slots_.find(failure.ticket);
    if (slot == none) return;  // cancelled while the batch was gathered
    std::uint32_t found = slots_[slot].first_attempt;
    while (found != none && found != failure.attempt) found = attempts_[found].next;
    if (found == none) return;
    const std::uint32_t upstream = attempts_[failure.attempt].upstream;
    end_attempt(failure.attempt);
    if (failure.cause == UNCUT_CAUSE_REFUSED) upstreams_.failed(upstream, now_us_);
    tell_failed(slot, upstream, UNCUT_TRANSPORT_UDP, failure.cause);
}

std::uint64_t& Loop::late(std::uint64_t key) noexcept {
    const std::uint64_t mixed = key * 0x9e3779b97f4a7c15u;
    const std::size_t entries = late_.octets() / sizeof(std::uint64_t);
    return reinterpret_cast<std::uint64_t*>(late_.data())[(mixed >> 32) % entries];
}

void Loop::end_attempt(std::uint32_t index) noexcept {
    const Attempt& attempt = attempts_[index];
    Slot& slot = slots_[attempt.slot];
    std::uint32_t* link = &slot.first_attempt;
    while (*link != index) link = &attempts_[*link].next;
    *link = attempt.next;
    --slot.attempts;
    attempt_ids_.erase(attempt.key);
    late(attempt.key) = attempt.key;
    udp_.end(attempt.socket);
    attempts_.give(index);
}

void Loop::end_attempts(std::uint32_t slot) noexcept {
    while (slots_[slot].first_attempt != none) end_attempt(slots_[slot].first_attempt);
}

void Loop::receive(std::uint32_t socket) noexcept {
    std::array<mmsghdr, receive_batch_max> headers;
    std::array<iovec, receive_batch_max> octets;
    std::array<Address, receive_batch_max> sources;
    for (int receives = 0; receives < receives_max && udp_.is_open(socket); ++receives) {
        for (std::size_t index = 0; index < receive_batch_max; ++index) {
            octets[index] = {received_.data() + index * datagram_octets, datagram_octets};
            headers[index] = {};
            headers[index].msg_hdr.msg_name = &sources[index].any;
            headers[index].msg_hdr.msg_namelen = sizeof sources[index].v6;
            headers[index].msg_hdr.msg_iov = &octets[index];
            headers[index].msg_hdr.msg_iovlen = 1;
        }
        const int count = ::recvmmsg(udp_.fd(socket), headers.data(), receive_batch_max, 0, nullptr);
        if (count < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            continue;  // an ICMP error, reported here too; read_errors() hears of it
        }
        for (std::size_t index = 0; index < static_cast<std::size_t>(count); ++index) {
            const msghdr& header = headers[index].msg_hdr;
            // A datagram of no octets is a datagram, not the end of anything (CVE-2023-32067).
            on_datagram(socket, sources[index], {received_.data() + index * datagram_octets, headers[index].msg_len},
                        (header.msg_flags & MSG_TRUNC) != 0);
        }
        if (static_cast<std::uint32_t>(count) < receive_batch_max) return;
    }
}

void Loop::ignore(std::uint32_t slot, std::uint32_t cause, std::uint32_t socket, Octets datagram) noexcept {
    instance_.counters.add(exchange::ignored_counter(cause));
    if (is_traced()) trace_ignored(slot, cause, socket, datagram);
}

// RFC 5452 9.1: the source address and port are those that were asked, and the answer came to the port that asked;
// only then does its ID lead to a query. The exchange looks at the rest.
void Loop::on_datagram(std::uint32_t socket, const Address& source, std::span<std::uint8_t> datagram,
                       bool cut) noexcept {
    const std::uint32_t sender = upstreams_.at(source);
    if (sender == none) return ignore(none, UNCUT_CAUSE_SOURCE, socket, datagram);
    if (datagram.size() < 2) return ignore(none, UNCUT_CAUSE_MALFORMED, socket, datagram);
    const std::uint64_t key = attempt_key(socket, sender, wire::id(datagram.data()));
    const std::uint32_t found = attempt_ids_.find(key);
    if (found == none) {
        return ignore(none, late(key) == key ? UNCUT_CAUSE_LATE : UNCUT_CAUSE_ID, socket, datagram);
    }
    const Attempt& attempt = attempts_[found];
    const std::uint32_t slot = attempt.slot;
    if (attempt.name_octets > 0 && differs_in_case_alone(datagram, {sent_name(found), attempt.name_octets})) {
        return ignore(slot, UNCUT_CAUSE_LETTER_CASE, socket, datagram);
    }
    if (slots_[slot].exchange == nullptr) return on_relay_datagram(slot, found, datagram);

    exchange::Event event;
    event.kind = UNCUT_EVENT_MESSAGE;
    event.upstream = attempt.upstream;
    event.transport = UNCUT_TRANSPORT_UDP;
    event.kernel_cut = cut;
    event.message = datagram;
    exchange::Action action;
    tell(slot, event, action);
    if (is_traced()) trace_message(slot, event, action, socket);
    if (action.kind != UNCUT_ACTION_WAIT) {
        upstreams_.answered(event.upstream);
        end_attempt(found);
    }
    perform(slot, action, out_.data());
}

// ICMP errors, each with the beginning of the query it is about. Its ID must be that of a query to that destination
// through this socket, so a forger of refusals has as much to guess as a forger of answers. An error that quotes less
// is not heard: the query times out.
void Loop::read_errors(std::uint32_t socket) noexcept {
    for (int errors = 0; errors < errors_max && udp_.is_open(socket); ++errors) {
        std::array<std::uint8_t, 64> quoted;
        alignas(cmsghdr) std::array<std::uint8_t, 256> control;
        Address destination;
        iovec octets{quoted.data(), quoted.size()};
        msghdr header{};
        header.msg_name = &destination.any;
        header.msg_namelen = sizeof destination.v6;
        header.msg_iov = &octets;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(udp_.fd(socket), &header, MSG_ERRQUEUE);
        if (got < 0) return;
        for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
            const bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
            const bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
            if (!v4 && !v6) continue;
            sock_extended_err error;
            std::memcpy(&error, CMSG_DATA(part), sizeof error);
            const bool icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
            const std::uint32_t cause = send_cause(static_cast<int>(error.ee_errno));
            const std::uint32_t upstream = upstreams_.at(destination);
            if (!icmp || cause != UNCUT_CAUSE_REFUSED || upstream == none || got < 2) continue;
            const std::uint32_t found = attempt_ids_.find(attempt_key(socket, upstream, wire::id(quoted.data())));
            if (found != none) fail_attempt({slots_.ticket(attempts_[found].slot), found, cause});
        }
    }
}

}  // namespace uncut::engine
