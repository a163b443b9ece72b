// SPDX-License-Identifier: Apache-2.0
#include "harness/server/forwarder.hpp"

#include <fmt/format.h>

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

Forwarder::Forwarder(const ServerConfig& config, ServerCounters& counters)
    : module_(*config.module), counters_(counters), in_flight_(config.limits.in_flight_max) {}

std::expected<std::unique_ptr<Forwarder>, std::string> Forwarder::create(const ServerConfig& config,
                                                                         ServerCounters& counters) {
    const uncut_module& module = *config.module;
    const auto refuse = [&](const char* what, uncut_status status) {
        return std::unexpected(fmt::format("{}: {}", what, module.status_name(status)));
    };
    std::unique_ptr<Forwarder> forwarder(new Forwarder(config, counters));
    std::vector<uncut_address> upstreams;
    for (const Address& upstream : config.upstreams) upstreams.push_back(upstream.to_abi());
    uncut_engine_config engine{};
    engine.size = UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case);
    if (const auto status = module.engine_defaults(&engine); status != UNCUT_OK) {
        return refuse("the module gives no defaults for an engine", status);
    }
    if (config.tune_engine) config.tune_engine(engine);
    engine.upstream_count = static_cast<std::uint32_t>(upstreams.size());
    engine.upstreams = upstreams.data();
    engine.complete = &Forwarder::on_complete;
    engine.host = forwarder.get();
    engine.in_flight_max = config.limits.in_flight_max;
    if (const auto status = module.engine_create(config.instance, &engine, &forwarder->engine_); status != UNCUT_OK) {
        return refuse("the module makes no engine", status);
    }
    if (const auto status = module.engine_descriptor(forwarder->engine_, &forwarder->descriptor_); status != UNCUT_OK) {
        return refuse("the engine has no descriptor", status);
    }
    return forwarder;
}

Forwarder::~Forwarder() {
    stopping_ = true;
    module_.engine_destroy(engine_);
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
    const std::size_t octets = write_servfail(module_, message, refusal);
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
    const std::size_t octets = write_servfail(module_, message, refusal);
    if (octets == 0) return counters_.count(DropCause::engine_full);
    ++counters_.refused_full;
    connection.answer(std::span(refusal).first(octets), TcpConnection::Answer::last);
}

bool Forwarder::submit(std::uint32_t index, std::uint32_t transport, std::span<const std::uint8_t> message) {
    uncut_submission submission{};
    submission.size = UNCUT_STRUCT_SIZE(uncut_submission, token);
    submission.transport = transport;
    submission.message = message.data();
    submission.octets = message.size();
    submission.token = in_flight_.token(index);
    if (module_.engine_submit(engine_, &submission, &in_flight_[index].ticket) != UNCUT_OK) return false;
    due_ = true;
    return true;
}

void Forwarder::abandon(TcpConnection& connection, DropCause cause) {
    while (connection.first_query() != PendingQuery::none) {
        const std::uint32_t index = connection.first_query();
        module_.engine_cancel(engine_, in_flight_[index].ticket);
        counters_.count(cause);
        release(index);
    }
}

void Forwarder::process() {
    due_ = false;
    module_.engine_process(engine_);
}

void Forwarder::on_complete(void* self, std::uint64_t token, const uncut_completion* completion) noexcept {
    auto& forwarder = *static_cast<Forwarder*>(self);
    const std::uint32_t index = forwarder.in_flight_.index_of(token);
    if (index != PendingQuery::none) forwarder.complete(index, *completion);
}

void Forwarder::complete(std::uint32_t index, const uncut_completion& completion) {
    PendingQuery& query = in_flight_[index];
    const std::span message(completion.message, completion.octets);
    if (completion.outcome == UNCUT_OUTCOME_STREAM) return stream(query, completion);
    if (completion.outcome == UNCUT_OUTCOME_DELIVERED) {
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
