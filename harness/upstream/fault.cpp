// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/fault.hpp"

#include <fmt/format.h>

#include "harness/upstream/name.hpp"

namespace uncut::harness::upstream {
namespace {

using Checked = std::expected<void, FaultError>;

Checked wrong(std::string_view field, std::string expected, std::string got) {
    return std::unexpected(FaultError{std::string(field), std::move(expected), std::move(got)});
}

std::string_view transport_name(Transport transport) {
    return transport == Transport::udp ? "udp" : "tcp";
}

Checked check_parameters(const FaultKindInfo& info, FaultParameters& parameters) {
    for (const FaultParameterName& known : fault_parameter_names()) {
        const auto& value = parameters.*known.member;
        if (value && known.member != info.parameter.member) {
            return wrong(known.name, fmt::format("nothing: {} does not take it", info.name), fmt::format("{}", *value));
        }
    }
    if (info.parameter.member == nullptr) return {};
    auto& value = parameters.*info.parameter.member;
    const FaultParameterInfo& known = info.parameter;
    if (!value) value = known.standard;
    const std::string expected = fmt::format("an integer from {} to {}", known.minimum, known.maximum);
    if (!value) return known.required ? wrong(known.name, expected, "") : Checked{};
    if (*value < known.minimum || *value > known.maximum) {
        return wrong(known.name, expected, fmt::format("{}", *value));
    }
    if (info.kind == FaultKind::tcp_wrong_length && *value == 0) return wrong(known.name, expected + ", not 0", "0");
    return {};
}

Checked check_match(const FaultKindInfo& info, FaultMatch& match) {
    if (match.transport && !(*match.transport == Transport::udp ? info.udp : info.tcp)) {
        return wrong("transport", fmt::format("\"{}\": {} acts over nothing else", info.udp ? "udp" : "tcp", info.name),
                     fmt::format("\"{}\"", transport_name(*match.transport)));
    }
    if (match.name.empty()) return {};
    const auto name = name_from_text(match.name);
    if (!name) return wrong("name", "a domain name", name.error());
    match.name = name_to_text(lower(*name));
    return {};
}

/// Of a kind that acts before a query is seen: what it could be told of queries.
Checked check_blind(const FaultKindInfo& info, const Fault& fault) {
    const std::string expected = fmt::format("nothing: {} acts before a query is seen", info.name);
    if (!fault.match.name.empty()) return wrong("name", expected, fmt::format("\"{}\"", fault.match.name));
    if (fault.match.type) return wrong("type", expected, fmt::format("\"{}\"", type_to_text(*fault.match.type)));
    if (fault.times != 0) return wrong("times", expected, fmt::format("{}", fault.times));
    if (fault.probability != 1.0) return wrong("probability", expected, fmt::format("{}", fault.probability));
    return {};
}

}  // namespace

std::string FaultError::text(FaultKind kind) const {
    const std::string_view name = fault_info(kind).name;
    if (got.empty()) return fmt::format("{}: {}: expected {}", name, field, expected);
    return fmt::format("{}: {}: expected {}, got {}", name, field, expected, got);
}

std::expected<Fault, FaultError> checked(Fault fault) {
    const FaultKindInfo& info = fault_info(fault.kind);
    Checked done = check_parameters(info, fault.parameters);
    if (done && !info.matches_queries) done = check_blind(info, fault);
    if (done) done = check_match(info, fault.match);
    if (done && !(fault.probability > 0.0 && fault.probability <= 1.0)) {
        done = wrong("probability", "a number over 0 and at most 1", fmt::format("{}", fault.probability));
    }
    if (!done) return std::unexpected(std::move(done.error()));
    return fault;
}

}  // namespace uncut::harness::upstream
