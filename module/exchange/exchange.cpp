// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/exchange.hpp"

#include <new>

#include "module/exchange/admission.hpp"
#include "module/exchange/asking.hpp"
#include "module/exchange/delivery.hpp"
#include "module/exchange/reply.hpp"
#include "module/exchange/retry.hpp"

namespace uncut::exchange {

namespace {

using Kind = Admission::Kind;

constexpr std::uint8_t root_name[1] = {0};

// The policy of the question's name; of the root where no question could be read. A question's name has nothing
// before it that a pointer could mean, so it stands there whole.
policy::Policy policy_of(const Instance& instance, const wire::Message& query,
                         std::uint64_t* revision = nullptr) noexcept {
    if (!query.has(UNCUT_FACT_QUESTION)) return instance.policy_for(root_name, revision);
    return instance.policy_for({query.data + wire::header_octets, query.question_octets - 4u}, revision);
}

// What a response to this client may measure: RFC 1035 4.2.1, RFC 6891 6.2.3, RFC 1035 4.2.2.
std::uint32_t client_limit(const wire::Message& query, const policy::Policy& policy, bool tcp) noexcept {
    if (tcp) return wire::message_octets_max;
    return std::min<std::uint32_t>(wire::effective_payload_size(query), policy.client_bufsize);
}

// Whether a truncated UDP answer may come, which is what is kept.
bool asks_udp(const policy::Policy& policy, bool tcp) noexcept {
    return policy.upstream_transport == UNCUT_UPSTREAM_UDP_FIRST ||
           (!tcp && policy.upstream_transport != UNCUT_UPSTREAM_TCP);
}

Client client_of(const wire::Message& query, const policy::Policy& policy, bool tcp) noexcept {
    Client client{};
    client.limit = client_limit(query, policy, tcp);
    client.id = query.id;
    client.flags = query.flags;
    client.tcp = tcp;
    client.opt = query.has(UNCUT_FACT_OPT);
    client.dnssec_ok = client.opt && (query.edns_flags & wire::edns_do) != 0;
    return client;
}

Status check_start(const Query& query, const Storage& storage, Action& action) noexcept {
    if (query.message.size() > wire::message_octets_max) return UNCUT_LIMIT_OCTETS;
    if (query.transport != UNCUT_TRANSPORT_UDP && query.transport != UNCUT_TRANSPORT_TCP) return UNCUT_MISUSE_VALUE;
    if (query.upstream_count == 0 || query.upstream_first >= query.upstream_count) return UNCUT_MISUSE_VALUE;
    if (query.upstream_count > UNCUT_UPSTREAMS_MAX) return UNCUT_LIMIT_UPSTREAMS;
    if (reinterpret_cast<std::uintptr_t>(storage.state.data()) % UNCUT_STORAGE_ALIGNMENT != 0)
        return UNCUT_MISUSE_ALIGNMENT;
    action.octets = 0;
    return storage.state.size() < state_octets(query.message.size()) ? UNCUT_MISUSE_SHORT_BUFFER : UNCUT_OK;
}

// What start may write, at most.
std::size_t start_octets(const wire::Message& query) noexcept {
    const std::size_t asked = std::max<std::size_t>(query.octets + wire::opt_octets_min, scratch_octets(query));
    return std::min<std::size_t>(std::max(asked, bare_octets_max), wire::message_octets_max);
}

// What an event may make us write, at most: a query, a response made here, the answer that was kept, or the response
// that has just come. The last is scratch first, and may grow by a question, an OPT, or its OPT in another place.
std::size_t event_octets(const Exchange& x, const Event& event) noexcept {
    std::size_t octets = std::max<std::size_t>({x.query_octets, bare_octets_max, x.retry.kept_octets});
    if (event.kind == UNCUT_EVENT_MESSAGE) {
        const std::size_t grown = 2 * event.message.size() + bare_octets_max;
        const std::size_t limit = x.policy.enabled ? x.client.limit : wire::message_octets_max;
        octets = std::max({octets, event.message.size(), std::min(grown, limit)});
    }
    return std::min<std::size_t>(octets, wire::message_octets_max);
}

void answer_here(Step& step, const wire::Message& query, std::uint16_t rcode) noexcept {
    Exchange& x = step.x;
    const bool echoes = query.has(UNCUT_FACT_QUESTION) && query.opcode != wire::opcode::dso;
    const Bare bare{query.id,     flags_made_here(query.flags),
                    rcode,        echoes ? query.question() : Octets{},
                    x.client.opt, x.client.dnssec_ok};
    x.count(rcode == wire::rcode::formerr   ? Counter::answered_formerr
            : rcode == wire::rcode::badvers ? Counter::answered_badvers
                                            : Counter::answered_notimp);
    deliver_made_here(step, bare);
}

void begin(Step& step, const wire::Message& query, const Admission& admission) noexcept {
    Exchange& x = step.x;
    switch (admission.kind) {
        case Kind::drop:
            return drop(step, admission.cause);
        case Kind::answer:
            return answer_here(step, query, admission.rcode);
        case Kind::bypass:
            return bypass(step);
        case Kind::transparent:
            x.transparent = true;
            std::memcpy(x.query(), query.data, query.octets);
            x.query_octets = query.octets;
            return ask_first(step);
        case Kind::forward:
            if (!build_upstream_query(x, query, step.out)) return answer_here(step, query, wire::rcode::formerr);
            x.question_octets = query.question_octets;
            return ask_first(step);
    }
}

}  // namespace

Needs needs(const Instance& instance, const Query& query) noexcept {
    const std::size_t octets = std::min<std::size_t>(query.message.size(), wire::message_octets_max);
    Needs needs{state_octets(octets), 0};
    wire::Message message;
    const Status parsed = wire::parse(query.message.first(octets), message);
    if (admit(message, parsed).kind != Kind::forward) return needs;
    const policy::Policy policy = policy_of(instance, message);
    const bool tcp = query.transport == UNCUT_TRANSPORT_TCP;
    if (asks_udp(policy, tcp)) needs.kept_octets = client_limit(message, policy, tcp);
    return needs;
}

std::size_t kept_octets(const Exchange& x) noexcept {
    const bool keeps = x.phase != Phase::over && !x.transparent && asks_udp(x.policy, x.client.tcp);
    return keeps ? x.client.limit : 0;
}

void lend_kept(Exchange& x, std::span<std::uint8_t> kept) noexcept {
    x.kept = kept.data();
    x.kept_capacity = kept.size();
}

Status start(Instance& instance, const Query& query, const Storage& storage, std::uint64_t now_us,
             std::span<std::uint8_t> out, Exchange*& exchange, Action& action) noexcept {
    if (const Status refused = check_start(query, storage, action)) return refused;
    wire::Message message;
    const Status parsed = wire::parse(query.message, message);
    action.octets = start_octets(message);
    if (out.size() < action.octets) return UNCUT_MISUSE_SHORT_BUFFER;

    const bool tcp = query.transport == UNCUT_TRANSPORT_TCP;
    Exchange& x = *new (storage.state.data()) Exchange{};
    exchange = &x;
    x.instance = &instance;
    x.policy = policy_of(instance, message, &x.revision);
    x.client = client_of(message, x.policy, tcp);
    x.entropy = query.entropy;
    x.kept = storage.kept.data();
    x.kept_capacity = storage.kept.size();
    x.deadline_us = later(now_us, x.policy.deadline_ms);
    x.until_us = x.deadline_us;
    x.upstream_count = static_cast<std::uint8_t>(query.upstream_count);
    x.upstream_first = static_cast<std::uint8_t>(query.upstream_first);
    x.count(Counter::started);
    action = {};
    Step step{x, now_us, out, action};
    begin(step, message, admit(message, parsed));
    return UNCUT_OK;
}

Status on_event(Exchange& x, const Event& event, std::uint64_t now_us, std::span<std::uint8_t> out,
                Action& action) noexcept {
    if (x.phase == Phase::over) return UNCUT_MISUSE_STATE;
    if (event.message.size() > wire::message_octets_max) return UNCUT_LIMIT_OCTETS;
    const bool stream = event.transport == UNCUT_TRANSPORT_TCP;
    if (event.kind != UNCUT_EVENT_TIMEOUT && !stream && event.transport != UNCUT_TRANSPORT_UDP)
        return UNCUT_MISUSE_VALUE;
    action.octets = event_octets(x, event);
    if (out.size() < action.octets) return UNCUT_MISUSE_SHORT_BUFFER;

    action = {};
    action.verdict = x.last_verdict;
    Step step{x, now_us, out, action};
    switch (event.kind) {
        case UNCUT_EVENT_MESSAGE:
            if (x.transparent)
                on_transparent_message(step, event);
            else
                stream ? on_stream_message(step, event) : on_datagram(step, event);
            return UNCUT_OK;
        case UNCUT_EVENT_FAILED:
            on_failed(step, event);
            return UNCUT_OK;
        case UNCUT_EVENT_TIMEOUT:
            on_timeout(step);
            return UNCUT_OK;
        default:
            return UNCUT_MISUSE_VALUE;
    }
}

Status cancel(Exchange& x) noexcept {
    if (x.phase == Phase::over) return UNCUT_MISUSE_STATE;
    abandon_retry(x);
    Action action;
    Step step{x, 0, {}, action};
    drop(step, UNCUT_CAUSE_CANCELLED);
    return UNCUT_OK;
}

bool is_transparent(const Exchange& x) noexcept {
    return x.transparent;
}

std::uint64_t revision(const Exchange& x) noexcept {
    return x.revision;
}

}  // namespace uncut::exchange
