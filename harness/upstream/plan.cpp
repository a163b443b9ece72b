// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/upstream/name.hpp"
#include "harness/upstream/rcode.hpp"

namespace uncut::harness::upstream {
namespace {

std::uint32_t value_of(const std::optional<std::int32_t>& parameter) {
    return static_cast<std::uint32_t>(parameter.value_or(0));
}

void set_shape(Shape shape, const Fault& fault, Plan& plan) {
    plan.response.shape = shape;
    if (fault.parameters.octets) plan.response.limit_octets = value_of(fault.parameters.octets);
}

void apply_size(const Fault& fault, Plan& plan) {
    switch (fault.kind) {
        case FaultKind::tc_partial:
            return set_shape(Shape::partial, fault, plan);
        case FaultKind::tc_empty:
            return set_shape(Shape::empty, fault, plan);
        case FaultKind::tc_lost:
            return set_shape(Shape::tc_lost, fault, plan);
        case FaultKind::dangling_cname:
            return set_shape(Shape::dangling_cname, fault, plan);
        case FaultKind::oversize:
            return set_shape(Shape::oversize, fault, plan);
        case FaultKind::cut:
            return set_shape(Shape::cut, fault, plan);
        case FaultKind::atr:
            plan.response.shape = Shape::oversize;
            plan.atr_delay_ms = value_of(fault.parameters.delay_ms);
            return;
        case FaultKind::size_max:
            plan.size_max = true;
            return;
        default:
            plan.shape_over_tcp = true;
            return;
    }
}

void apply_shape(const Fault& fault, Defects& defects) {
    switch (fault.kind) {
        case FaultKind::lying_counts:
            defects.lying_counts = true;
            if (fault.parameters.count) defects.answer_count = static_cast<std::uint16_t>(*fault.parameters.count);
            return;
        case FaultKind::pointer_loop:
            defects.owner = Defects::Owner::loop;
            return;
        case FaultKind::pointer_forward:
            defects.owner = Defects::Owner::forward;
            return;
        case FaultKind::long_name:
            defects.owner = Defects::Owner::too_long;
            return;
        case FaultKind::bad_rdlength:
            defects.bad_rdlength = true;
            return;
        default:
            defects.trailing_octets = value_of(fault.parameters.octets);
            return;
    }
}

void apply_edns(const Fault& fault, Plan& plan) {
    switch (fault.kind) {
        case FaultKind::formerr_edns:
            plan.formerr_edns = true;
            return;
        case FaultKind::two_opts:
            plan.defects.two_opts = true;
            return;
        case FaultKind::opt_version:
            plan.defects.opt_version = static_cast<std::uint8_t>(value_of(fault.parameters.version));
            return;
        case FaultKind::opt_size:
            plan.defects.opt_size = static_cast<std::uint16_t>(value_of(fault.parameters.octets));
            return;
        default:
            plan.defects.option_octets = value_of(fault.parameters.octets);
            return;
    }
}

void apply_way(const Fault& fault, Plan& plan) {
    switch (fault.kind) {
        case FaultKind::drop:
            plan.drop = true;
            return;
        case FaultKind::delay:
            plan.delay_ms = std::max(plan.delay_ms, value_of(fault.parameters.delay_ms));
            return;
        case FaultKind::duplicate:
            plan.duplicate = true;
            return;
        case FaultKind::wrong_id:
            plan.wrong_id = true;
            return;
        case FaultKind::wrong_question:
            plan.wrong_question = true;
            return;
        case FaultKind::wrong_source:
            plan.wrong_source = true;
            return;
        case FaultKind::garbage:
            plan.garbage_octets = value_of(fault.parameters.octets);
            return;
        default:
            plan.empty_datagram = true;
            return;
    }
}

void apply_tcp(const Fault& fault, TcpManners& tcp) {
    switch (fault.kind) {
        case FaultKind::tcp_reset:
            tcp.reset = true;
            return;
        case FaultKind::tcp_stall:
            tcp.stall_octets = value_of(fault.parameters.octets);
            return;
        case FaultKind::tcp_close:
            tcp.close_octets = value_of(fault.parameters.octets);
            return;
        case FaultKind::tcp_one_octet:
            tcp.one_octet = true;
            return;
        case FaultKind::tcp_wrong_length:
            tcp.length_difference = fault.parameters.difference.value_or(0);
            return;
        case FaultKind::tcp_coalesce:
            tcp.coalesce = true;
            return;
        case FaultKind::tcp_reorder:
            tcp.reorder_count = value_of(fault.parameters.count);
            return;
        default:
            return;  // of the port, not of a query
    }
}

void apply(const Fault& fault, Plan& plan) {
    switch (fault_info(fault.kind).group) {
        case FaultGroup::size:
            return apply_size(fault, plan);
        case FaultGroup::content:
            plan.rcode = static_cast<std::uint16_t>(value_of(fault.parameters.rcode));
            return;
        case FaultGroup::shape:
            return apply_shape(fault, plan.defects);
        case FaultGroup::edns:
            return apply_edns(fault, plan);
        case FaultGroup::way:
            return apply_way(fault, plan);
        case FaultGroup::tcp:
            return apply_tcp(fault, plan.tcp);
    }
}

// What is struck decides what others can do, so some are looked at before others.
constexpr int last_turn = 4;

int turn_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::drop:
            return 0;
        case FaultKind::formerr_edns:
            return 1;
        case FaultKind::rcode:
            return 2;
        case FaultKind::tc_over_tcp:
        case FaultKind::size_max:
            return 3;
        default:
            return last_turn;
    }
}

bool is_error(const Occasion& occasion, const Plan& plan) {
    return plan.formerr_edns || plan.rcode || occasion.whole_octets == 0;
}

std::size_t response_octets(const Occasion& occasion, const Plan& plan) {
    if (is_error(occasion, plan)) {
        return header_octets + occasion.query.question.size() + (occasion.query.has_opt ? opt_octets : 0);
    }
    return plan.size_max ? message_octets_max : occasion.whole_octets;
}

/// Whether an answer of this size, over this transport, is too long for a fault of size to leave it alone.
bool is_too_long(const Fault& fault, const Occasion& occasion, const Plan& plan) {
    if (occasion.transport == Transport::tcp && !plan.shape_over_tcp) return false;
    const std::size_t limit =
        fault.parameters.octets ? std::size_t{value_of(fault.parameters.octets)} : occasion.limit_octets;
    return response_octets(occasion, plan) > limit;
}

/// Whether a fault of this kind can do anything to this query. One that cannot does not strike it, lest its times be
/// spent on what it leaves as it is.
bool can_strike(const Fault& fault, const Occasion& occasion, const Plan& plan) {
    switch (fault.kind) {
        case FaultKind::tc_partial:
        case FaultKind::tc_empty:
        case FaultKind::tc_lost:
        case FaultKind::dangling_cname:
        case FaultKind::oversize:
            return !is_error(occasion, plan) && is_too_long(fault, occasion, plan);
        case FaultKind::cut:
            return is_too_long(fault, occasion, plan);
        case FaultKind::atr:
        case FaultKind::size_max:
            return !is_error(occasion, plan);
        case FaultKind::rcode:
            return !plan.formerr_edns &&
                   (occasion.query.has_opt || value_of(fault.parameters.rcode) <= rcode_header_max);
        case FaultKind::pointer_loop:
        case FaultKind::pointer_forward:
        case FaultKind::long_name:
        case FaultKind::bad_rdlength:
        case FaultKind::wrong_question:
            return occasion.query.has_question;
        case FaultKind::formerr_edns:
            return occasion.query.has_opt;
        case FaultKind::two_opts:
        case FaultKind::opt_version:
        case FaultKind::opt_size:
        case FaultKind::opt_options:
            return occasion.query.has_opt && !plan.formerr_edns;
        default:
            return true;
    }
}

bool matches(const FaultMatch& match, const WireName& name, const Occasion& occasion) {
    return (name.empty() || name == occasion.query.name) && (!match.type || *match.type == occasion.query.type) &&
           (!match.transport || *match.transport == occasion.transport);
}

}  // namespace

std::expected<FaultSet, std::string> FaultSet::make(std::vector<NumberedFault> faults) {
    FaultSet set;
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const FaultKind kind = faults[i].fault.kind;
        auto fault = checked(std::move(faults[i].fault));
        if (!fault) return std::unexpected(fmt::format("fault {}: {}", i, fault.error().text(kind)));
        WireName name;
        if (!fault->match.name.empty()) name = lower(name_from_text(fault->match.name).value_or(WireName()));
        std::mt19937_64 random(fault->seed);
        set.armed_.push_back({faults[i].id, faults[i].serial, std::move(*fault), std::move(name), random});
    }
    return set;
}

void FaultSet::continue_from(FaultSet&& before) {
    for (Armed& armed : armed_) {
        const auto found = std::ranges::find(before.armed_, armed.serial, &Armed::serial);
        if (found != before.armed_.end()) armed = std::move(*found);
    }
}

bool FaultSet::strikes(Armed& armed, const Occasion& occasion, const Plan& plan) {
    const Fault& fault = armed.fault;
    const FaultKindInfo& info = fault_info(fault.kind);
    if (!info.matches_queries || !(occasion.transport == Transport::udp ? info.udp : info.tcp)) return false;
    if (fault.times != 0 && armed.struck >= fault.times) return false;
    // Without an answer only the connection can still go wrong.
    if (plan.drop && info.group != FaultGroup::tcp) return false;
    if (!matches(fault.match, armed.name, occasion) || !can_strike(fault, occasion, plan)) return false;
    return fault.probability >= 1.0 ||
           std::uniform_real_distribution<double>(0.0, 1.0)(armed.random) < fault.probability;
}

Plan FaultSet::plan(const Occasion& occasion) {
    Plan plan;
    plan.response.limit_octets = occasion.limit_octets;
    for (int turn = 0; turn <= last_turn; ++turn) {
        for (Armed& armed : armed_) {
            if (turn_of(armed.fault.kind) != turn || !strikes(armed, occasion, plan)) continue;
            ++armed.struck;
            apply(armed.fault, plan);
        }
    }
    return plan;
}

bool FaultSet::tcp_refused() const {
    return std::ranges::any_of(armed_, [](const Armed& a) { return a.fault.kind == FaultKind::tcp_refused; });
}

bool FaultSet::close_connection() {
    const auto burst = std::ranges::find_if(armed_, [](const Armed& armed) {
        return armed.fault.kind == FaultKind::tcp_close_burst && armed.struck < value_of(armed.fault.parameters.count);
    });
    if (burst == armed_.end()) return false;
    ++burst->struck;
    return true;
}

std::vector<FaultState> FaultSet::states() const {
    std::vector<FaultState> out;
    for (const Armed& armed : armed_) out.push_back({armed.id, armed.fault, armed.struck});
    return out;
}

}  // namespace uncut::harness::upstream
