// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/policy_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <vector>

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr PolicyWord transports[] = {{"match_client", UNCUT_UPSTREAM_MATCH_CLIENT},
                                     {"udp_first", UNCUT_UPSTREAM_UDP_FIRST},
                                     {"tcp", UNCUT_UPSTREAM_TCP},
                                     {"learned", UNCUT_UPSTREAM_LEARNED}};
constexpr PolicyWord suspicions[] = {
    {"cut", UNCUT_SUSPECT_CUT}, {"oversize", UNCUT_SUSPECT_OVERSIZE}, {"dangling_cname", UNCUT_SUSPECT_DANGLING_CNAME}};
constexpr PolicyWord edns_modes[] = {{"keep", UNCUT_EDNS_KEEP}, {"add", UNCUT_EDNS_ADD}};
constexpr PolicyWord fit_modes[] = {
    {"rrset", UNCUT_FIT_RRSET}, {"fill", UNCUT_FIT_FILL}, {"empty", UNCUT_FIT_EMPTY}, {"subset", UNCUT_FIT_SUBSET}};
constexpr PolicyWord failures[] = {{"partial", UNCUT_ON_TCP_FAILURE_PARTIAL},
                                   {"empty", UNCUT_ON_TCP_FAILURE_EMPTY},
                                   {"servfail", UNCUT_ON_TCP_FAILURE_SERVFAIL}};

using Member = std::uint32_t uncut_policy::*;

constexpr PolicyField boolean(std::string_view name, Member member, std::string_view meaning) {
    return {name, "", PolicyKind::boolean, 0, 1, {}, meaning, member};
}
constexpr PolicyField integer(std::string_view name, std::string_view unit, std::uint32_t minimum,
                              std::uint32_t maximum, Member member, std::string_view meaning) {
    return {name, unit, PolicyKind::integer, minimum, maximum, {}, meaning, member};
}
constexpr PolicyField choice(std::string_view name, std::span<const PolicyWord> words, Member member,
                             std::string_view meaning) {
    return {name, "", PolicyKind::choice, 0, 0, words, meaning, member};
}

// Ranges are those of <uncut.h>; the module checks them again.
constexpr std::array<PolicyField, policy_field_count> fields = {{
    boolean("enabled", &uncut_policy::enabled,
            "false: no retry, clamp, fit or suspicion; IDs, matching and hop-by-hop EDNS stay as they are"),
    choice("upstream_transport", transports, &uncut_policy::upstream_transport,
           "how the upstream is asked: as the client asked, UDP first, TCP, or straight to TCP for names known to "
           "truncate"),
    boolean("retry_truncated", &uncut_policy::retry_truncated,
            "ask the same upstream again over TCP when its answer is truncated"),
    {"suspect", "", PolicyKind::set, 0, 0, suspicions, "what counts as truncated though TC is clear",
     &uncut_policy::suspect},
    integer("upstream_bufsize", "octets", 512, 4096, &uncut_policy::upstream_bufsize,
            "an OPT that advertises more is lowered to this, never raised"),
    choice("upstream_edns", edns_modes, &uncut_policy::upstream_edns,
           "whether a query without an OPT gets one, which is stripped from the answer"),
    integer("client_bufsize", "octets", 512, 65535, &uncut_policy::client_bufsize,
            "the most a UDP response may carry, whatever the client advertises"),
    choice("fit", fit_modes, &uncut_policy::fit, "what to do when something required does not fit"),
    choice("on_tcp_failure", failures, &uncut_policy::on_tcp_failure,
           "what the client gets when a truncated answer could not be had over TCP"),
    integer("udp_timeout_ms", "ms", 1, 60000, &uncut_policy::udp_timeout_ms, "how long one try over UDP may take"),
    integer("tcp_timeout_ms", "ms", 1, 60000, &uncut_policy::tcp_timeout_ms, "how long one try over TCP may take"),
    integer("udp_tries", "", 1, UNCUT_UDP_TRIES_MAX, &uncut_policy::udp_tries,
            "tries over UDP, over all upstreams together"),
    integer("deadline_ms", "ms", 1, 60000, &uncut_policy::deadline_ms, "how long an exchange may take in all"),
    integer("learned_ttl_s", "s", 0, 86400, &uncut_policy::learned_ttl_s,
            "how long a name is remembered as truncating; 0: nothing is learned"),
}};

// A member added to the ABI must be added here.
static_assert(sizeof(uncut_policy) == sizeof(std::uint32_t) * (policy_field_count + 1));

std::unexpected<JsonError> wrong(std::string_view pointer, std::string expected, const json::value& value) {
    return std::unexpected(
        JsonError{JsonError::Kind::wrong_value, std::string(pointer), std::move(expected), json_excerpt(value)});
}

const PolicyWord* find_word(const PolicyField& field, const json::value& value) {
    if (!value.is_string()) return nullptr;
    const std::string_view text(value.get_string().data(), value.get_string().size());
    const auto word = std::ranges::find(field.words, text, &PolicyWord::text);
    return word == field.words.end() ? nullptr : &*word;
}

std::string quoted_words(const PolicyField& field) {
    std::vector<std::string> words;
    for (const PolicyWord& word : field.words) words.push_back(fmt::format("\"{}\"", word.text));
    return fmt::format("{}", fmt::join(words, ", "));
}

std::expected<std::uint32_t, JsonError> read_set(const PolicyField& field, const json::value& value,
                                                 std::string_view pointer) {
    if (!value.is_array()) return wrong(pointer, policy_field_expects(field), value);
    std::uint32_t bits = 0;
    std::size_t index = 0;
    for (const json::value& element : value.get_array()) {
        const std::string at = json_pointer(pointer, index++);
        const PolicyWord* word = find_word(field, element);
        if (word == nullptr) return wrong(at, fmt::format("one of {}", quoted_words(field)), element);
        if ((bits & word->value) != 0) return wrong(at, "each word only once", element);
        bits |= word->value;
    }
    return bits;
}

std::expected<std::uint32_t, JsonError> read_field(const PolicyField& field, const json::value& value,
                                                   std::string_view pointer) {
    switch (field.kind) {
        case PolicyKind::boolean:
            if (const auto truth = read_boolean(value, pointer)) return *truth ? 1U : 0U;
            break;
        case PolicyKind::integer:
            return read_integer(value, field.minimum, field.maximum, pointer);
        case PolicyKind::choice:
            if (const PolicyWord* word = find_word(field, value)) return word->value;
            return wrong(pointer, policy_field_expects(field), value);
        case PolicyKind::set:
            return read_set(field, value, pointer);
    }
    return wrong(pointer, policy_field_expects(field), value);
}

json::value field_to_json(const PolicyField& field, std::uint32_t number) {
    switch (field.kind) {
        case PolicyKind::boolean:
            return number != 0;
        case PolicyKind::integer:
            return number;
        case PolicyKind::choice:
            for (const PolicyWord& word : field.words) {
                if (word.value == number) return json::string(word.text);
            }
            return number;
        case PolicyKind::set: {
            json::array words;
            for (const PolicyWord& word : field.words) {
                if ((number & word.value) != 0) words.emplace_back(json::string(word.text));
            }
            return words;
        }
    }
    return nullptr;
}

std::expected<std::size_t, JsonError> find_field(std::string_view name, std::string_view pointer) {
    const auto field = std::ranges::find(fields, name, &PolicyField::name);
    if (field != fields.end()) return static_cast<std::size_t>(field - fields.begin());
    std::vector<std::string_view> names;
    for (const PolicyField& known : fields) names.push_back(known.name);
    return std::unexpected(JsonError{JsonError::Kind::unknown_field, std::string(pointer),
                                     fmt::format("a field of a policy ({})", fmt::join(names, ", ")),
                                     fmt::format("the unknown field {}", json_excerpt(json::string(name)))});
}

}  // namespace

std::span<const PolicyField, policy_field_count> policy_fields() {
    return fields;
}

std::string policy_field_expects(const PolicyField& field) {
    switch (field.kind) {
        case PolicyKind::boolean:
            return "true or false";
        case PolicyKind::integer:
            return fmt::format("an integer from {} to {}", field.minimum, field.maximum);
        case PolicyKind::choice:
            return fmt::format("one of {}", quoted_words(field));
        case PolicyKind::set:
            return fmt::format("an array of {}", quoted_words(field));
    }
    return {};
}

std::expected<void, JsonError> patch_policy(PolicyOverrides& target, const json::value& patch,
                                            std::string_view pointer) {
    if (!patch.is_object()) return wrong(pointer, "an object with fields of a policy", patch);
    PolicyOverrides patched = target;
    for (const auto& [name, value] : patch.get_object()) {
        const std::string_view key(name.data(), name.size());
        const std::string at = json_pointer(pointer, key);
        const auto index = find_field(key, at);
        if (!index) return std::unexpected(index.error());
        if (value.is_null()) {
            patched[*index].reset();
            continue;
        }
        const auto number = read_field(fields[*index], value, at);
        if (!number) return std::unexpected(number.error());
        patched[*index] = *number;
    }
    target = patched;
    return {};
}

std::expected<PolicyOverrides, JsonError> read_policy(const json::value& value, std::string_view pointer) {
    // A document is what its merge patch makes of nothing, but for nulls, which mean something in a patch alone.
    if (value.is_object()) {
        for (const auto& [name, member] : value.get_object()) {
            const std::string at = json_pointer(pointer, std::string_view(name.data(), name.size()));
            const auto index = find_field(std::string_view(name.data(), name.size()), at);
            if (!index) return std::unexpected(index.error());
            if (member.is_null()) return wrong(at, policy_field_expects(fields[*index]), member);
        }
    }
    PolicyOverrides overrides;
    if (auto done = patch_policy(overrides, value, pointer); !done) return std::unexpected(std::move(done.error()));
    return overrides;
}

std::expected<PolicySet, JsonError> read_policy_set(const json::value& value, std::string_view pointer) {
    if (!value.is_object()) return wrong(pointer, "an object with a policy for each zone", value);
    PolicySet set;
    for (const auto& [zone, policy] : value.get_object()) {
        const std::string_view name(zone.data(), zone.size());
        const std::string at = json_pointer(pointer, name);
        if (!is_zone_name(name)) return wrong(at, "a domain name, or \"default\"", json::string(name));
        auto overrides = read_policy(policy, at);
        if (!overrides) return std::unexpected(std::move(overrides.error()));
        if (!set.emplace(zone_key(name), *overrides).second) {
            return std::unexpected(JsonError{JsonError::Kind::duplicate_field, at, "each zone only once",
                                             fmt::format("another spelling of \"{}\"", zone_key(name))});
        }
    }
    if (set.size() > UNCUT_ZONES_MAX)
        return wrong(pointer, fmt::format("at most {} zones", UNCUT_ZONES_MAX), set.size());
    return set;
}

uncut_policy complete_policy(const PolicyOverrides& overrides, const uncut_policy& base) {
    uncut_policy policy = base;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (overrides[i]) policy.*fields[i].member = *overrides[i];
    }
    return policy;
}

PolicyOverrides overrides_of(const uncut_policy& policy) {
    PolicyOverrides overrides;
    for (std::size_t i = 0; i < fields.size(); ++i) overrides[i] = policy.*fields[i].member;
    return overrides;
}

json::object policy_to_json(const PolicyOverrides& overrides) {
    json::object object;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (overrides[i]) object.emplace(fields[i].name, field_to_json(fields[i], *overrides[i]));
    }
    return object;
}

json::object policy_to_json(const uncut_policy& policy) {
    return policy_to_json(overrides_of(policy));
}

}  // namespace uncut::harness
