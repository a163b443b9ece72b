// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/delivery.hpp"

#include <array>

#include "module/policy/fit.hpp"
#include "module/policy/salvage.hpp"

namespace uncut::exchange {

namespace {

// What we say that we take from clients over UDP: RFC 9715 3.
constexpr std::uint16_t own_payload_size = 1232;

// Options pass on while they are no more than this in all; an OPT that is longer passes on without them. It bounds the
// stack, and what one record can make us copy; ECS, NSID and an extended error with its text take a tenth.
constexpr std::uint32_t forwarded_opt_octets_max = 4096;

// RFC 8914 4.23, 4.24.
constexpr std::uint16_t no_reachable_authority = 22;
constexpr std::uint16_t network_error = 23;

struct Built {
    std::size_t octets = 0;  // 0: it could not be built
    std::uint32_t fit_action = UNCUT_FIT_UNCHANGED;
    bool stripped = false;
};

class OptBuffer {
  public:
    // The OPT towards the client. DO is as the upstream's OPT has it, clear where it sent none.
    Octets forwarded(const wire::Message& response) noexcept {
        if (wire::forwarded_opt_octets(response) > octets_.size()) return plain(response);
        return until(wire::write_forwarded_opt(response, fields(response), octets_.data()));
    }
    Octets plain(const wire::Message& response) noexcept {
        return until(wire::write_opt(fields(response), wire::no_extended_error, octets_.data()));
    }

  private:
    static wire::OptFields fields(const wire::Message& response) noexcept {
        const bool dnssec_ok = response.has(UNCUT_FACT_OPT) && (response.edns_flags & wire::edns_do) != 0;
        return {own_payload_size, static_cast<std::uint16_t>(response.rcode), dnssec_ok};
    }
    Octets until(const std::uint8_t* end) const noexcept {
        return {octets_.data(), static_cast<std::size_t>(end - octets_.data())};
    }

    std::array<std::uint8_t, forwarded_opt_octets_max> octets_;
};

std::size_t servfail(const Exchange& x, std::uint16_t extended_error, std::uint8_t* out) noexcept {
    return write_bare({x.client.id, flags_made_here(x.client.flags), wire::rcode::servfail, x.question(), x.client.opt,
                       x.client.dnssec_ok, extended_error},
                      out);
}

// A refusal that came without its question: header, question and OPT are all that there is to it.
std::size_t restore_question(const Exchange& x, const wire::Message& response, OptBuffer& buffer,
                             std::span<std::uint8_t> out) noexcept {
    Octets opt = x.client.opt ? buffer.forwarded(response) : Octets{};
    const std::size_t head = wire::header_octets + x.question_octets;
    if (head + opt.size() > std::min<std::size_t>(x.client.limit, out.size())) opt = buffer.plain(response);
    if (head + opt.size() > out.size()) return 0;
    const std::size_t octets =
        write_bare({x.client.id, response.flags, static_cast<std::uint16_t>(response.rcode), x.question()}, out.data());
    if (x.client.opt) {
        std::memcpy(out.data() + octets, opt.data(), opt.size());
        wire::set_count(out.data(), wire::additional, 1);
    }
    return octets + (x.client.opt ? opt.size() : 0);
}

// The response as the client gets it, whichever way it came. `response` parsed well and does not overlap `out`.
Built build(const Exchange& x, const wire::Message& response, bool force_tc, std::span<std::uint8_t> out) noexcept {
    Built built;
    OptBuffer buffer;
    // RFC 6891 7: no OPT for who sent none, whoever put the one into the query.
    built.stripped = !x.client.opt && response.has(UNCUT_FACT_OPT);
    // RFC 6891 6.1.3: without an OPT there is no place for the upper bits.
    if (!x.client.opt && response.rcode > wire::flag::rcode_mask) {
        if (out.size() >= bare_octets_max) built.octets = servfail(x, wire::no_extended_error, out.data());
        return built;
    }
    if (!response.has(UNCUT_FACT_QUESTION)) {
        built.octets = restore_question(x, response, buffer, out);
        return built;
    }
    policy::FitRequest request;
    request.limit = x.policy.enabled ? x.client.limit : wire::message_octets_max;
    request.mode = x.policy.fit;
    request.rotate = static_cast<std::uint32_t>(x.entropy >> 32);
    request.replace_opt = true;
    request.force_tc = force_tc;
    if (x.client.opt) request.opt = buffer.forwarded(response);
    policy::Fitted fitted;
    Status status = policy::fit(response, request, out, fitted);
    if (status == UNCUT_LIMIT_FIT && x.client.opt) {
        request.opt = buffer.plain(response);
        status = policy::fit(response, request, out, fitted);
    }
    if (status != UNCUT_OK) return built;
    wire::set_id(out.data(), x.client.id);
    const Octets question = x.question();
    std::memcpy(out.data() + wire::header_octets, question.data(), question.size());
    built.octets = fitted.octets;
    built.fit_action = fitted.action;
    return built;
}

void end(Step& step, std::uint32_t kind) noexcept {
    step.x.phase = Phase::over;
    step.action.kind = kind;
}

void delivered(Step& step, std::size_t octets, std::uint32_t transport, std::uint32_t upstream) noexcept {
    step.x.count(Counter::delivered);
    step.action.octets = octets;
    step.action.transport = transport;
    step.action.upstream = upstream;
    end(step, UNCUT_ACTION_DELIVER);
}

void count_built(const Exchange& x, std::uint32_t fit_action, bool stripped) noexcept {
    if (fit_action == UNCUT_FIT_TRUNCATED) x.count(Counter::fit_truncated);
    if (fit_action == UNCUT_FIT_DROPPED) x.count(Counter::fit_dropped);
    if (fit_action == UNCUT_FIT_SUBSETTED) x.count(Counter::fit_subset);
    if (stripped) x.count(Counter::opt_stripped);
}

std::uint16_t extended_error_for(std::uint32_t cause) noexcept {
    switch (cause) {
        case UNCUT_CAUSE_STALLED:
        case UNCUT_CAUSE_CONNECT_TIMEOUT:
        case UNCUT_CAUSE_HELD_OFF:
        case UNCUT_CAUSE_LIMIT:
            return no_reachable_authority;
        default:
            return network_error;
    }
}

}  // namespace

std::size_t write_bare(const Bare& bare, std::uint8_t* out) noexcept {
    wire::set_id(out, bare.id);
    wire::set_flags(out, (bare.flags & ~std::uint32_t{wire::flag::rcode_mask}) | (bare.rcode & wire::flag::rcode_mask));
    wire::set_count(out, wire::question, bare.question.empty() ? 0 : 1);
    wire::set_count(out, wire::answer, 0);
    wire::set_count(out, wire::authority, 0);
    wire::set_count(out, wire::additional, bare.opt ? 1 : 0);
    std::uint8_t* at = out + wire::header_octets;
    if (!bare.question.empty()) std::memcpy(at, bare.question.data(), bare.question.size());
    at += bare.question.size();
    if (bare.opt) at = wire::write_opt({own_payload_size, bare.rcode, bare.dnssec_ok}, bare.extended_error, at);
    return static_cast<std::size_t>(at - out);
}

std::uint16_t flags_made_here(std::uint16_t query_flags) noexcept {
    // RFC 8490: in a DSO header every flag but QR is zero.
    if (wire::opcode_of(query_flags) == wire::opcode::dso)
        return static_cast<std::uint16_t>(wire::flag::qr | (query_flags & wire::flag::opcode_mask));
    // RFC 1035 4.1.1 for RD, RFC 4035 3.2.2 for CD; RA, because we recurse by way of the upstreams.
    constexpr std::uint16_t echoed = wire::flag::opcode_mask | wire::flag::rd | wire::flag::cd;
    return static_cast<std::uint16_t>(wire::flag::qr | wire::flag::ra | (query_flags & echoed));
}

void deliver_response(Step& step, const wire::Message& response, std::uint32_t transport,
                      std::uint32_t upstream) noexcept {
    const Built built = build(step.x, response, false, step.out);
    if (built.octets == 0) return deliver_servfail(step);
    count_built(step.x, built.fit_action, built.stripped);
    delivered(step, built.octets, transport, upstream);
}

void deliver_untouched(Step& step, Octets response, std::uint32_t transport, std::uint32_t upstream) noexcept {
    std::memcpy(step.out.data(), response.data(), response.size());
    delivered(step, response.size(), transport, upstream);
}

void keep(Step& step, const wire::Message& response, Status parsed) noexcept {
    Exchange& x = step.x;
    x.retry.kept_octets = 0;
    const bool incomplete = x.retry.verdict == UNCUT_VERDICT_TRUNCATED || x.retry.verdict == UNCUT_VERDICT_CUT;
    Built built;
    if (parsed == UNCUT_OK) {
        built = build(x, response, incomplete, {x.kept, x.kept_capacity});
    } else {
        wire::Message complete;
        const std::size_t octets = policy::salvage(response, step.out);
        if (octets == 0 || wire::parse({step.out.data(), octets}, complete) != UNCUT_OK) return;
        built = build(x, complete, true, {x.kept, x.kept_capacity});
    }
    x.retry.kept_octets = static_cast<std::uint32_t>(built.octets);
    x.retry.fit_action = built.fit_action;
    x.retry.stripped = built.stripped;
}

void deliver_kept(Step& step) noexcept {
    const Exchange& x = step.x;
    std::memcpy(step.out.data(), x.kept, x.retry.kept_octets);
    count_built(x, x.retry.fit_action, x.retry.stripped);
    delivered(step, x.retry.kept_octets, UNCUT_TRANSPORT_UDP, x.retry.upstream);
}

void deliver_empty(Step& step) noexcept {
    const Exchange& x = step.x;
    if (!x.client.opt && x.retry.rcode > wire::flag::rcode_mask) return deliver_servfail(step);
    const auto flags = static_cast<std::uint16_t>(x.retry.flags | wire::flag::tc);
    const std::size_t octets =
        write_bare({x.client.id, flags, x.retry.rcode, x.question(), x.client.opt, x.retry.dnssec_ok}, step.out.data());
    count_built(x, UNCUT_FIT_UNCHANGED, x.retry.stripped);
    delivered(step, octets, UNCUT_TRANSPORT_UDP, x.retry.upstream);
}

void deliver_servfail(Step& step) noexcept {
    step.x.count(Counter::answered_servfail);
    const std::size_t octets = servfail(step.x, extended_error_for(step.x.last_cause), step.out.data());
    delivered(step, octets, 0, step.x.upstream_first);
}

void deliver_made_here(Step& step, const Bare& bare) noexcept {
    delivered(step, write_bare(bare, step.out.data()), 0, step.x.upstream_first);
}

void bypass(Step& step) noexcept {
    step.x.count(Counter::bypassed);
    end(step, UNCUT_ACTION_BYPASS);
}

void drop(Step& step, std::uint32_t cause) noexcept {
    Counter counter = Counter::dropped_silence;
    if (cause == UNCUT_CAUSE_SHORT) counter = Counter::dropped_short;
    if (cause == UNCUT_CAUSE_RESPONSE) counter = Counter::dropped_response;
    if (cause == UNCUT_CAUSE_NO_QUESTION) counter = Counter::dropped_no_question;
    if (cause == UNCUT_CAUSE_CANCELLED) counter = Counter::dropped_cancelled;
    step.x.count(counter);
    step.action.cause = cause;
    end(step, UNCUT_ACTION_DROP);
}

}  // namespace uncut::exchange
