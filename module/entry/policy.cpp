// SPDX-License-Identifier: Apache-2.0
// Instances and their policies.
#include "module/policy/policy.hpp"

#include <string_view>
#include <vector>

#include "module/entry/calls.hpp"
#include "module/entry/guard.hpp"
#include "module/entry/handles.hpp"
#include "module/entry/structs.hpp"

namespace uncut::entry {
namespace {

constexpr std::uint32_t learned_names_limit = 1u << 20;  // the range of uncut_instance_config.learned_max_names
constexpr std::uint32_t tcp_holdoff_ms_limit = 600'000;

constexpr std::string_view root_name = "default";

uncut_policy to_struct(const policy::Policy& from) noexcept {
    uncut_policy to{};
    to.size = known_octets<uncut_policy>;
    to.enabled = from.enabled;
    to.upstream_transport = from.upstream_transport;
    to.retry_truncated = from.retry_truncated;
    to.suspect = from.suspect;
    to.upstream_bufsize = from.upstream_bufsize;
    to.upstream_edns = from.upstream_edns;
    to.client_bufsize = from.client_bufsize;
    to.fit = from.fit;
    to.on_tcp_failure = from.on_tcp_failure;
    to.udp_timeout_ms = from.udp_timeout_ms;
    to.tcp_timeout_ms = from.tcp_timeout_ms;
    to.udp_tries = from.udp_tries;
    to.deadline_ms = from.deadline_ms;
    to.learned_ttl_s = from.learned_ttl_s;
    return to;
}

// Takes a field over into a narrower one; false: it does not go in.
template <class Value>
bool narrow(std::uint32_t from, Value& to) noexcept {
    to = static_cast<Value>(from);
    return static_cast<std::uint32_t>(to) == from;
}

// False: a field is out of its range.
bool to_value(const uncut_policy& from, policy::Policy& to) noexcept {
    const bool narrowed = narrow(from.enabled, to.enabled) && narrow(from.upstream_transport, to.upstream_transport) &&
                          narrow(from.retry_truncated, to.retry_truncated) && narrow(from.suspect, to.suspect) &&
                          narrow(from.upstream_bufsize, to.upstream_bufsize) &&
                          narrow(from.upstream_edns, to.upstream_edns) &&
                          narrow(from.client_bufsize, to.client_bufsize) && narrow(from.fit, to.fit) &&
                          narrow(from.on_tcp_failure, to.on_tcp_failure) && narrow(from.udp_tries, to.udp_tries);
    to.udp_timeout_ms = from.udp_timeout_ms;
    to.tcp_timeout_ms = from.tcp_timeout_ms;
    to.deadline_ms = from.deadline_ms;
    to.learned_ttl_s = from.learned_ttl_s;
    return narrowed && policy::is_valid(to);
}

bool to_zone(std::string_view text, wire::Name& zone) noexcept {
    return wire::name_from_text(text == root_name ? std::string_view{} : text, zone);
}

Status to_value(const uncut_zone_policy& from, policy::ZonePolicy& to) noexcept {
    if (from.reserved != 0) return UNCUT_MISUSE_VALUE;
    if (from.zone == nullptr) return UNCUT_MISUSE_NULL;
    uncut_policy complete = to_struct(policy::Policy{});
    if (const Status misuse = copy_in(from.policy, complete)) return misuse;
    return to_zone(from.zone, to.zone) && to_value(complete, to.policy) ? UNCUT_OK : UNCUT_MISUSE_VALUE;
}

}  // namespace

Status instance_create(const uncut_instance_config* config, uncut_instance** instance) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr) return UNCUT_MISUSE_NULL;
        exchange::InstanceConfig value;
        uncut_instance_config given{};
        given.learned_max_names = value.learned_max_names;
        given.tcp_holdoff_ms = value.tcp_holdoff_ms;
        if (config != nullptr) {
            if (const Status misuse = copy_in(config, given)) return misuse;
        }
        if (given.learned_max_names > learned_names_limit || given.tcp_holdoff_ms > tcp_holdoff_ms_limit)
            return UNCUT_MISUSE_VALUE;
        value.learned_max_names = given.learned_max_names;
        value.tcp_holdoff_ms = given.tcp_holdoff_ms;
        std::copy(std::begin(given.secret), std::end(given.secret), value.secret);
        put(instance, to_handle(new exchange::Instance(value)));
        return UNCUT_OK;
    });
}

void instance_destroy(uncut_instance* instance) noexcept {
    guarded([&]() -> Status {
        delete from_handle(instance);
        return UNCUT_OK;
    });
}

Status policy_preset(const char* preset, uncut_policy* policy) noexcept {
    return guarded([&]() -> Status {
        if (const Status misuse = check_out(policy)) return misuse;
        const policy::Policy* found = policy::preset(preset == nullptr ? root_name : std::string_view{preset});
        if (found == nullptr) return UNCUT_MISUSE_NOT_FOUND;
        copy_out(policy, to_struct(*found));
        return UNCUT_OK;
    });
}

Status preset_name(std::uint32_t index, const char** name) noexcept {
    return guarded([&]() -> Status {
        if (name == nullptr) return UNCUT_MISUSE_NULL;
        const char* const found = policy::preset_name(index);
        if (found == nullptr) return UNCUT_MISUSE_NOT_FOUND;
        put(name, found);
        return UNCUT_OK;
    });
}

Status set_policies(uncut_instance* instance, const uncut_zone_policy* policies, std::size_t count,
                    std::uint64_t* revision, std::size_t* refused) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr || (policies == nullptr && count != 0)) return UNCUT_MISUSE_NULL;
        if (count > UNCUT_ZONES_MAX) {
            put(refused, std::size_t{UNCUT_ZONES_MAX});
            return UNCUT_LIMIT_ZONES;
        }
        std::vector<policy::ZonePolicy> entries(count);
        for (std::size_t i = 0; i < count; ++i) {
            uncut_zone_policy given{};
            Status status = copy_in_element(policies, i, given);
            if (status == UNCUT_OK) status = to_value(given, entries[i]);
            if (status == UNCUT_MISUSE_VALUE) put(refused, i);
            if (status != UNCUT_OK) return status;
        }
        const std::uint64_t published = from_handle(instance)->publish(entries);
        put(revision, published);
        return UNCUT_OK;
    });
}

Status get_policy(uncut_instance* instance, const char* name, uncut_policy* policy, std::uint64_t* revision) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr || name == nullptr) return UNCUT_MISUSE_NULL;
        if (const Status misuse = check_out(policy)) return misuse;
        wire::Name wanted;
        if (!to_zone(name, wanted)) return UNCUT_MISUSE_VALUE;
        std::uint64_t current = 0;
        copy_out(policy, to_struct(from_handle(instance)->policy_for(wanted.span(), &current)));
        put(revision, current);
        return UNCUT_OK;
    });
}

Status forget_learned(uncut_instance* instance) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr) return UNCUT_MISUSE_NULL;
        from_handle(instance)->forget_learned();
        return UNCUT_OK;
    });
}

Status counters(uncut_instance* instance, std::uint64_t* values, std::size_t capacity, std::size_t* needed) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr || needed == nullptr) return UNCUT_MISUSE_NULL;
        if (const Status misuse = check_octets(values, capacity)) return misuse;
        put(needed, std::size_t{exchange::counter_count});
        if (capacity < exchange::counter_count) return UNCUT_MISUSE_SHORT_BUFFER;
        for (std::uint32_t i = 0; i < exchange::counter_count; ++i)
            put_field(values, i * sizeof(std::uint64_t), from_handle(instance)->counters.get(i));
        return UNCUT_OK;
    });
}

Status counter_info(std::uint32_t index, uncut_counter_info* info) noexcept {
    return guarded([&]() -> Status {
        if (const Status misuse = check_out(info)) return misuse;
        if (index >= exchange::counter_count) return UNCUT_MISUSE_NOT_FOUND;
        const exchange::CounterText& text = exchange::counter_texts[index];
        copy_out(info, uncut_counter_info{known_octets<uncut_counter_info>, 0, text.name, text.cause, text.help});
        return UNCUT_OK;
    });
}

}  // namespace uncut::entry
