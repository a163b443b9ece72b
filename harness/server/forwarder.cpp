// SPDX-License-Identifier: Apache-2.0
#include "harness/server/forwarder.hpp"

#include <algorithm>
#include <new>

#include "harness/server/servfail.hpp"
#include "harness/server/tcp_connection.hpp"
#include "harness/server/udp_listener.hpp"

namespace uncut::harness {
namespace {

DropCause drop_cause(std::uint32_t cause) {
    switch (cause) {
        case UNCUT_CAUSE_SHORT:
            return DropCause::short_query;
        case UNCUT_CAUSE_RESPONSE:
            return DropCause::is_response;
        case UNCUT_CAUSE_NO_QUESTION:
            return DropCause::no_question;
        case UNCUT_CAUSE_SILENCE:
            return DropCause::silence;
        default:
            return DropCause::engine_other;
    }
}

}  // namespace

Forwarder::Forwarder(Loop& loop, const ServerConfig& config, ServerCounters& counters)
    : loop_(loop), config_(config), counters_(counters), in_flight_(config.limits.in_flight_max) {
    if (config.journal != nullptr) recorder_ = std::make_unique<Recorder>(*config.journal, config.name);
}

std::expected<std::unique_ptr<Forwarder>, std::string> Forwarder::create(Loop& loop, const ServerConfig& config,
                                                                         std::shared_ptr<const Backend> backend,
                                                                         ServerCounters& counters) {
    std::unique_ptr<Forwarder> forwarder(new Forwarder(loop, config, counters));
    if (auto made = forwarder->prepare(std::move(backend)); !made) {
        return std::unexpected(made.error());
    }
    forwarder->commit();
    return forwarder;
}

Forwarder::~Forwarder() {
    stopping_ = true;
    prepared_.reset();
    engines_.clear();
}

std::expected<void, std::string> Forwarder::prepare(std::shared_ptr<const Backend> backend) {
    auto made = EngineSeat::create(loop_, *this, config_, std::move(backend));
    if (!made) return std::unexpected(made.error());
    engines_.reserve(engines_.size() + 1);  // so that the commit cannot fail
    prepared_ = std::move(*made);
    return {};
}

void Forwarder::commit() {
    if (!prepared_) return;
    engines_.push_back(std::move(prepared_));
    retire();
}

void Forwarder::take_udp(UdpListener& listener, const Address& client, const Address& asked,
                         std::span<const std::uint8_t> message) {
    ++counters_.queries_udp;
    const std::uint32_t index = in_flight_.take();
    if (index != PendingQuery::none) {
        PendingQuery& query = in_flight_[index];
        query.client = client;
        query.asked = asked;
        query.listener = &listener;
        if (submit(index, UNCUT_TRANSPORT_UDP, message)) return;
        in_flight_.release(index);
    }
    // SERVFAIL rather than silence: it sends the client to its next server at once, and as it is no longer than the
    // query (but for the OPT's octets) it gives a forger of addresses nothing.
    std::array<std::uint8_t, servfail_octets_max> refusal;
    const std::size_t octets = write_servfail(*backend().module, message, refusal);
    if (octets == 0) return counters_.count(DropCause::engine_full);
    ++counters_.refused_full;
    listener.answer(client, asked, std::span(refusal).first(octets));
}

void Forwarder::take_tcp(TcpConnection& connection, std::span<const std::uint8_t> message) {
    ++counters_.queries_tcp;
    const std::uint32_t index = in_flight_.take();
    if (index != PendingQuery::none) {
        in_flight_[index].connection = &connection;
        if (submit(index, UNCUT_TRANSPORT_TCP, message)) return link(index, connection);
        in_flight_.release(index);
    }
    std::array<std::uint8_t, servfail_octets_max> refusal;
    const std::size_t octets = write_servfail(*backend().module, message, refusal);
    if (octets == 0) return counters_.count(DropCause::engine_full);
    ++counters_.refused_full;
    connection.answer(std::span(refusal).first(octets), TcpConnection::Answer::last);
}

bool Forwarder::submit(std::uint32_t index, std::uint32_t transport, std::span<const std::uint8_t> message) {
    PendingQuery& query = in_flight_[index];
    query.seat = engines_.back().get();
    query.started_us = loop_.now_us();
    return query.seat->submit(transport, message, in_flight_.token(index), query.ticket);
}

void Forwarder::abandon(TcpConnection& connection, DropCause cause) {
    while (connection.first_query() != PendingQuery::none) {
        const std::uint32_t index = connection.first_query();
        in_flight_[index].seat->cancel(in_flight_[index].ticket);
        if (recorder_) recorder_->abandon(index);
        counters_.count(cause);
        release(index);
    }
}

void Forwarder::process() {
    for (const auto& seat : engines_) {
        if (seat->due()) seat->process();
    }
    retire();
}

// Those that have been replaced and have nothing left to finish.
void Forwarder::retire() {
    if (engines_.size() == 1) return;
    const EngineSeat* current = engines_.back().get();
    std::erase_if(engines_, [current](const auto& seat) { return seat.get() != current && seat->idle(); });
}

bool Forwarder::due() const {
    return std::ranges::any_of(engines_, [](const auto& seat) { return seat->due(); });
}

void Forwarder::on_complete(std::uint64_t token, const uncut_completion& completion) noexcept {
    const std::uint32_t index = in_flight_.index_of(token);
    if (index != PendingQuery::none) complete(index, completion);
}

// The journal is worth no query: what there is no memory for is not written down.
void Forwarder::on_trace(const Backend& backend, const uncut_trace_event& event) noexcept {
    try {
        trace(backend, event);
    } catch (const std::bad_alloc&) {
        return;
    }
}

void Forwarder::trace(const Backend& backend, const uncut_trace_event& event) {
    const Recorder::Source source{*backend.module, backend.upstreams, backend.revision_base};
    if (event.kind == UNCUT_TRACE_STRAY) return recorder_->stray(event, source);
    const std::uint32_t index = in_flight_.index_of(event.token);
    if (index == PendingQuery::none) return;
    if (event.kind != UNCUT_TRACE_START) return recorder_->note(index, event, source);
    const PendingQuery& query = in_flight_[index];
    recorder_->begin(index, query.connection != nullptr ? query.connection->client() : query.client, event, source);
}

// Before the answer is queued: whoever has it finds the exchange in the journal.
void Forwarder::record(std::uint32_t index, const uncut_completion& completion) noexcept {
    if (!recorder_) return;
    try {
        if (completion.outcome == UNCUT_OUTCOME_STREAM) {
            recorder_->streamed(index, completion);
        } else {
            recorder_->end(index, completion);
        }
    } catch (const std::bad_alloc&) {
        return;
    }
}

void Forwarder::complete(std::uint32_t index, const uncut_completion& completion) {
    PendingQuery& query = in_flight_[index];
    const std::span message(completion.message, completion.octets);
    record(index, completion);
    if (completion.outcome == UNCUT_OUTCOME_STREAM) return stream(query, completion);
    if (completion.outcome == UNCUT_OUTCOME_DELIVERED) {
        ResponseHistograms& responses = query.connection != nullptr ? counters_.responses_tcp : counters_.responses_udp;
        responses.observe(completion.octets, loop_.now_us() - query.started_us);
        if (query.connection != nullptr) {
            query.connection->answer(message, TcpConnection::Answer::last);
        } else {
            query.listener->answer(query.client, query.asked, message);
        }
    } else if (query.streamed) {
        // The upstream has ended the transfer. Whether it was whole only the client knows, from the SOA at its end;
        // one that waits for more must see an end too.
        ++counters_.answered_tcp;
        query.connection->finish();
    } else {
        counters_.count(stopping_ ? DropCause::stopped : drop_cause(completion.cause));
    }
    release(index);
}

void Forwarder::stream(PendingQuery& query, const uncut_completion& completion) {
    // Zone transfers go over TCP; a module that streams towards a datagram has nowhere to stream to.
    if (query.connection == nullptr) return;
    query.streamed = true;
    query.connection->answer({completion.message, completion.octets}, TcpConnection::Answer::part);
}

void Forwarder::link(std::uint32_t index, TcpConnection& connection) {
    PendingQuery& query = in_flight_[index];
    query.next = connection.first_query();
    if (query.next != PendingQuery::none) in_flight_[query.next].previous = index;
    connection.set_first_query(index);
    connection.count_waiting(+1);
}

void Forwarder::unlink(std::uint32_t index) {
    const PendingQuery& query = in_flight_[index];
    if (query.previous != PendingQuery::none) {
        in_flight_[query.previous].next = query.next;
    } else {
        query.connection->set_first_query(query.next);
    }
    if (query.next != PendingQuery::none) in_flight_[query.next].previous = query.previous;
    query.connection->count_waiting(-1);
}

void Forwarder::release(std::uint32_t index) {
    if (in_flight_[index].connection != nullptr) unlink(index);
    in_flight_.release(index);
}

}  // namespace uncut::harness
