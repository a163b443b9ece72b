// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace uncut::harness::upstream {
namespace {

constexpr std::uint32_t rcode_max = 4095;  // 12 bits with an OPT: RFC 6891 6.1.3
// A test that waits longer than this has a wrong number in it.
constexpr std::uint32_t delay_max_ms = 600'000;

constexpr std::array<FaultKindInfo, 18> kinds{{
    {FaultKind::tc_partial, "tc_partial", "octets"},
    {FaultKind::tc_empty, "tc_empty", "octets"},
    {FaultKind::dangling_cname, "dangling_cname", "octets"},
    {FaultKind::oversize, "oversize", ""},
    {FaultKind::cut, "cut", "octets"},
    {FaultKind::tc_over_tcp, "tc_over_tcp", ""},
    {FaultKind::rcode, "rcode", "rcode"},
    {FaultKind::formerr_edns, "formerr_edns", ""},
    {FaultKind::drop, "drop", ""},
    {FaultKind::delay, "delay", "ms"},
    {FaultKind::wrong_id, "wrong_id", ""},
    {FaultKind::wrong_question, "wrong_question", ""},
    {FaultKind::garbage, "garbage", ""},
    {FaultKind::duplicate, "duplicate", ""},
    {FaultKind::tcp_refused, "tcp_refused", ""},
    {FaultKind::tcp_reset, "tcp_reset", ""},
    {FaultKind::tcp_stall, "tcp_stall", "octets"},
    {FaultKind::tcp_close_early, "tcp_close_early", "octets"},
}};

std::expected<void, std::string> check(const Fault& fault) {
    const std::string_view name = fault_name(fault.kind);
    if (!(fault.probability > 0.0 && fault.probability <= 1.0)) {
        return std::unexpected(
            fmt::format("{}: probability {}: expected more than 0, at most 1", name, fault.probability));
    }
    if (fault.kind == FaultKind::rcode && fault.value > rcode_max) {
        return std::unexpected(fmt::format("{}: {}: expected 0 to {}", name, fault.value, rcode_max));
    }
    if (fault.kind == FaultKind::delay && fault.value > delay_max_ms) {
        return std::unexpected(fmt::format("{}: {} ms: expected 0 to {}", name, fault.value, delay_max_ms));
    }
    if (fault.kind == FaultKind::tcp_refused && (fault.times != 0 || fault.probability < 1.0)) {
        return std::unexpected(fmt::format("{}: no times, no probability: no query is seen that could count", name));
    }
    return {};
}

void set_shape(Shape shape, const Fault& fault, Plan& plan) {
    plan.response.shape = shape;
    if (fault.value != 0) plan.response.limit_octets = fault.value;
}

void apply(const Fault& fault, Plan& plan) {
    switch (fault.kind) {
        case FaultKind::tc_partial:
            set_shape(Shape::partial, fault, plan);
            break;
        case FaultKind::tc_empty:
            set_shape(Shape::empty, fault, plan);
            break;
        case FaultKind::dangling_cname:
            set_shape(Shape::dangling_cname, fault, plan);
            break;
        case FaultKind::oversize:
            plan.response.shape = Shape::oversize;
            break;
        case FaultKind::cut:
            set_shape(Shape::cut, fault, plan);
            break;
        case FaultKind::tc_over_tcp:
            plan.shape_over_tcp = true;
            break;
        case FaultKind::rcode:
            plan.rcode = static_cast<std::uint16_t>(fault.value);
            break;
        case FaultKind::formerr_edns:
            plan.formerr_edns = true;
            break;
        case FaultKind::drop:
            plan.drop = true;
            break;
        case FaultKind::delay:
            plan.delay_ms = std::max(plan.delay_ms, fault.value);
            break;
        case FaultKind::wrong_id:
            plan.wrong_id = true;
            break;
        case FaultKind::wrong_question:
            plan.wrong_question = true;
            break;
        case FaultKind::garbage:
            plan.garbage = true;
            break;
        case FaultKind::duplicate:
            plan.duplicate = true;
            break;
        case FaultKind::tcp_refused:
            break;  // the listener's, not a query's
        case FaultKind::tcp_reset:
            plan.tcp_reset = true;
            break;
        case FaultKind::tcp_stall:
            plan.tcp_stall_octets = fault.value;
            break;
        case FaultKind::tcp_close_early:
            plan.tcp_close_octets = fault.value;
            break;
    }
}

/// Whether a fault of this kind can do anything to this query. One that cannot does not strike it, lest its times be
/// spent on what it leaves as it is.
bool can_strike(FaultKind kind, const Query& query, Transport transport, bool shape_over_tcp) {
    switch (kind) {
        case FaultKind::tc_partial:
        case FaultKind::tc_empty:
        case FaultKind::dangling_cname:
        case FaultKind::oversize:
        case FaultKind::cut:
            return transport == Transport::udp || shape_over_tcp;
        case FaultKind::tc_over_tcp:
        case FaultKind::tcp_reset:
        case FaultKind::tcp_stall:
        case FaultKind::tcp_close_early:
            return transport == Transport::tcp;
        case FaultKind::garbage:
            return transport == Transport::udp;
        case FaultKind::formerr_edns:
            return query.has_opt;
        case FaultKind::tcp_refused:
            return false;
        default:
            return true;
    }
}

bool matches(const FaultMatch& match, const WireName& name, const Query& query, Transport transport) {
    return (name.empty() || name == query.name) && (!match.type || *match.type == query.type) &&
           (!match.transport || *match.transport == transport);
}

}  // namespace

std::span<const FaultKindInfo> fault_kinds() {
    return kinds;
}

std::string_view fault_name(FaultKind kind) {
    const auto found = std::ranges::find(kinds, kind, &FaultKindInfo::kind);
    return found == kinds.end() ? std::string_view("unknown") : found->name;
}

std::optional<FaultKind> fault_from_name(std::string_view name) {
    const auto found = std::ranges::find(kinds, name, &FaultKindInfo::name);
    return found == kinds.end() ? std::nullopt : std::optional(found->kind);
}

std::expected<FaultSet, std::string> FaultSet::make(std::vector<Fault> faults, std::uint64_t seed) {
    FaultSet set;
    set.random_.seed(seed);
    for (std::size_t i = 0; i < faults.size(); ++i) {
        Fault& fault = faults[i];
        if (auto checked = check(fault); !checked) {
            return std::unexpected(fmt::format("fault {}: {}", i, checked.error()));
        }
        WireName name;
        if (!fault.match.name.empty()) {
            auto read = name_from_text(fault.match.name);
            if (!read) return std::unexpected(fmt::format("fault {}: {}", i, read.error()));
            name = lower(*read);
        }
        set.armed_.push_back({std::move(fault), std::move(name)});
    }
    return set;
}

Plan FaultSet::plan(const Query& query, Transport transport, std::size_t limit_octets) {
    Plan plan;
    plan.response.limit_octets = limit_octets;
    const bool shape_over_tcp = std::ranges::any_of(armed_, [&](const Armed& armed) {
        return armed.fault.kind == FaultKind::tc_over_tcp && matches(armed.fault.match, armed.name, query, transport);
    });
    bool spent = false;
    for (Armed& armed : armed_) {
        Fault& fault = armed.fault;
        if (!matches(fault.match, armed.name, query, transport)) continue;
        if (!can_strike(fault.kind, query, transport, shape_over_tcp)) continue;
        if (fault.probability < 1.0 && std::uniform_real_distribution<double>(0.0, 1.0)(random_) >= fault.probability) {
            continue;
        }
        apply(fault, plan);
        if (fault.times != 0 && --fault.times == 0) {
            fault.probability = -1.0;  // marks it for the sweep below: 0 times would mean without end
            spent = true;
        }
    }
    if (spent) std::erase_if(armed_, [](const Armed& armed) { return armed.fault.probability < 0.0; });
    return plan;
}

bool FaultSet::tcp_refused() const {
    return std::ranges::any_of(armed_, [](const Armed& a) { return a.fault.kind == FaultKind::tcp_refused; });
}

std::vector<Fault> FaultSet::faults() const {
    std::vector<Fault> out;
    for (const Armed& armed : armed_) out.push_back(armed.fault);
    return out;
}

}  // namespace uncut::harness::upstream
