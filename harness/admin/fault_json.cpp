// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/fault_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>

#include "harness/admin/json_reading.hpp"
#include "harness/upstream/name.hpp"
#include "harness/upstream/rcode.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using upstream::Fault;
using upstream::Transport;
using Read = std::expected<void, JsonError>;

constexpr std::uint32_t number_max = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view common_fields[] = {"kind", "name", "type", "transport", "probability", "seed", "times"};

std::string_view transport_name(Transport transport) {
    return transport == Transport::udp ? "udp" : "tcp";
}

std::expected<upstream::FaultKind, JsonError> read_kind(const json::value& value, std::string_view pointer) {
    std::string expected = "a kind of fault, one of";
    for (const auto& info : upstream::fault_kinds()) expected += fmt::format(" {}", info.name);
    const auto* info = value.is_string() ? upstream::find_fault_kind(std::string_view(value.get_string())) : nullptr;
    if (info == nullptr) return wrong_json(pointer, std::move(expected), value);
    return info->kind;
}

std::expected<double, JsonError> read_probability(const json::value& value, std::string_view pointer) {
    if (!value.is_number()) return wrong_json(pointer, "a number over 0 and at most 1", value);
    return value.to_number<double>();
}

std::expected<std::int32_t, JsonError> read_parameter(const upstream::FaultParameterName& parameter,
                                                      const json::value& value, std::string_view pointer) {
    if (parameter.member == &upstream::FaultParameters::rcode && value.is_string()) {
        if (const auto rcode = upstream::rcode_from_text(std::string_view(value.get_string()))) return *rcode;
        return wrong_json(pointer, "an RCODE such as SERVFAIL, or its number", value);
    }
    const auto number = read_any_integer(value, pointer);
    if (!number) return std::unexpected(number.error());
    // Wider numbers are out of every parameter's range, and stay so.
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(*number, Limits::min(), Limits::max()));
}

template <typename T, typename U>
Read take(std::expected<U, JsonError> read, T& into) {
    if (!read) return std::unexpected(std::move(read.error()));
    into = std::move(*read);
    return {};
}

Read read_type(const json::value& value, std::string_view pointer, Fault& fault) {
    const auto text = read_text(value, pointer, "a record type");
    if (!text) return std::unexpected(text.error());
    const auto type = upstream::type_from_text(*text);
    if (!type) return wrong_json(pointer, "a record type such as A or TYPE65", value);
    fault.match.type = *type;
    return {};
}

Read read_transport(const json::value& value, std::string_view pointer, Fault& fault) {
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
        if (!value.is_string() || std::string_view(value.get_string()) != transport_name(transport)) continue;
        fault.match.transport = transport;
        return {};
    }
    return wrong_json(pointer, "one of \"udp\", \"tcp\"", value);
}

Read read_name(const json::value& value, std::string_view pointer, Fault& fault) {
    auto name = read_text(value, pointer, "a domain name");
    if (!name) return std::unexpected(std::move(name.error()));
    if (const auto known = upstream::name_from_text(*name); !known) return wrong_json(pointer, "a domain name", value);
    fault.match.name = std::move(*name);
    return {};
}

Read read_field(std::string_view name, const json::value& value, std::string_view pointer, Fault& fault) {
    if (name == "kind") return take(read_kind(value, pointer), fault.kind);
    if (name == "name") return read_name(value, pointer, fault);
    if (name == "type") return read_type(value, pointer, fault);
    if (name == "transport") return read_transport(value, pointer, fault);
    if (name == "probability") return take(read_probability(value, pointer), fault.probability);
    if (name == "seed") return take(read_integer(value, 0, number_max, pointer), fault.seed);
    if (name == "times") return take(read_integer(value, 1, number_max, pointer), fault.times);
    const auto parameter =
        std::ranges::find(upstream::fault_parameter_names(), name, &upstream::FaultParameterName::name);
    return take(read_parameter(*parameter, value, pointer), fault.parameters.*parameter->member);
}

/// What of a fault's JSON is wrong for its kind.
JsonError json_error(const upstream::FaultError& error, std::string_view pointer) {
    const auto kind = error.got.empty() ? JsonError::Kind::missing_field : JsonError::Kind::wrong_value;
    return {kind, json_pointer(pointer, error.field), error.expected, error.got};
}

void put_parameters(const Fault& fault, json::object& out) {
    for (const auto& parameter : upstream::fault_parameter_names()) {
        const auto& value = fault.parameters.*parameter.member;
        if (!value) continue;
        out[parameter.name] = *value;
        if (parameter.member != &upstream::FaultParameters::rcode) continue;
        const std::string name = upstream::rcode_to_text(static_cast<std::uint16_t>(*value));
        if (upstream::rcode_from_text(name)) out[parameter.name] = name;
    }
}

}  // namespace

std::expected<Fault, JsonError> read_fault(const json::value& value, std::string_view pointer) {
    std::vector<std::string_view> known(std::begin(common_fields), std::end(common_fields));
    for (const auto& parameter : upstream::fault_parameter_names()) known.push_back(parameter.name);
    const auto object = read_object(value, pointer, "a fault", known);
    if (!object) return std::unexpected(object.error());
    if (!(*object)->contains("kind")) {
        return std::unexpected(read_kind(nullptr, json_pointer(pointer, "kind")).error());
    }
    Fault fault;
    for (const auto& member : **object) {
        const std::string_view name(member.key().data(), member.key().size());
        if (auto read = read_field(name, member.value(), json_pointer(pointer, name), fault); !read) {
            return std::unexpected(std::move(read.error()));
        }
    }
    // A seed that nothing is drawn from would be obeyed by nobody.
    const auto& info = upstream::fault_info(fault.kind);
    if (!info.matches_queries && (*object)->contains("seed")) {
        return wrong_json(json_pointer(pointer, "seed"),
                          fmt::format("nothing: {} acts before a query is seen", info.name), (*object)->at("seed"));
    }
    auto checked = upstream::checked(std::move(fault));
    if (!checked) return std::unexpected(json_error(checked.error(), pointer));
    return std::move(*checked);
}

std::expected<std::vector<Fault>, JsonError> read_faults(const json::value& value, std::string_view pointer) {
    if (!value.is_array()) return wrong_json(pointer, "an array of faults", value);
    if (value.get_array().size() > upstream::faults_max) {
        return wrong_json(pointer, fmt::format("at most {} faults", upstream::faults_max), value.get_array().size());
    }
    std::vector<Fault> faults;
    for (const json::value& element : value.get_array()) {
        auto fault = read_fault(element, json_pointer(pointer, faults.size()));
        if (!fault) return std::unexpected(std::move(fault.error()));
        faults.push_back(std::move(*fault));
    }
    return faults;
}

std::expected<Fault, JsonError> patched_fault(const Fault& fault, const json::value& patch) {
    if (!patch.is_object()) return wrong_json("", "an object with fields of a fault", patch);
    json::object target = fault_to_json(fault);
    for (const auto& member : patch.get_object()) {
        if (member.value().is_null()) {
            target.erase(member.key());
        } else {
            target[member.key()] = member.value();
        }
    }
    return read_fault(target, "");
}

json::object fault_to_json(const Fault& fault) {
    const upstream::FaultKindInfo& info = upstream::fault_info(fault.kind);
    json::object out{{"kind", json::string(info.name)}};
    if (!fault.match.name.empty()) out["name"] = fault.match.name;
    if (fault.match.type) out["type"] = upstream::type_to_text(*fault.match.type);
    if (fault.match.transport) out["transport"] = json::string(transport_name(*fault.match.transport));
    if (info.matches_queries) {
        if (fault.probability == 1.0) {
            out["probability"] = 1;  // which would be written 1E0
        } else {
            out["probability"] = fault.probability;
        }
        out["seed"] = fault.seed;
    }
    if (fault.times != 0) out["times"] = fault.times;
    put_parameters(fault, out);
    return out;
}

json::object fault_to_json(const upstream::FaultState& state) {
    json::object out{{"id", state.id}};
    for (auto& member : fault_to_json(state.fault)) out[member.key()] = member.value();
    out["struck"] = state.struck;
    return out;
}

json::object fault_kind_to_json(const upstream::FaultKindInfo& info) {
    json::array transports;
    if (info.udp) transports.emplace_back("udp");
    if (info.tcp) transports.emplace_back("tcp");
    json::array parameters;
    if (const upstream::FaultParameterInfo& parameter = info.parameter; parameter.member != nullptr) {
        json::object row{{"name", json::string(parameter.name)}, {"unit", json::string(parameter.unit)},
                         {"minimum", parameter.minimum},         {"maximum", parameter.maximum},
                         {"required", parameter.required},       {"meaning", json::string(parameter.meaning)}};
        if (parameter.standard) row["default"] = *parameter.standard;
        parameters.push_back(std::move(row));
    }
    return {{"kind", json::string(info.name)},       {"group", json::string(upstream::fault_group_name(info.group))},
            {"meaning", json::string(info.meaning)}, {"transports", std::move(transports)},
            {"parameters", std::move(parameters)},   {"matches_queries", info.matches_queries}};
}

}  // namespace uncut::harness
