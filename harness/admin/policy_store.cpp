// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/policy_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace uncut::harness {
namespace {

std::optional<uncut_policy> fetch_preset(const uncut_module& module, const char* name) {
    uncut_policy policy{};
    policy.size = UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s);
    if (module.policy_preset(name, &policy) != UNCUT_OK) return std::nullopt;
    return policy;
}

PolicyWriteError fault(PolicyWriteError::Kind kind, std::string reason) {
    PolicyWriteError error;
    error.kind = kind;
    error.reason = std::move(reason);
    return error;
}

PolicyWriteError no_such(std::string_view what, std::string_view name) {
    return fault(PolicyWriteError::Kind::no_such_zone, fmt::format("there is no {} \"{}\"", what, name));
}

PolicyWriteError invalid(JsonError json) {
    PolicyWriteError error;
    error.reason = json.text();
    error.json = std::move(json);
    return error;
}

/// The set as the ABI takes it: complete policies, all in one array.
struct AbiSet {
    std::vector<uncut_policy> policies;
    std::vector<uncut_zone_policy> entries;
};

AbiSet complete_set(const PolicySet& zones, const uncut_policy& built_in) {
    AbiSet set;
    set.policies.reserve(zones.size());  // entries point into it
    const uncut_policy root = complete_policy(zones.at(std::string(root_zone)), built_in);
    for (const auto& [zone, overrides] : zones) {
        set.policies.push_back(zone == root_zone ? root : complete_policy(overrides, root));
        uncut_zone_policy entry{};
        entry.size = UNCUT_STRUCT_SIZE(uncut_zone_policy, policy);
        entry.zone = zone.c_str();
        entry.policy = &set.policies.back();
        set.entries.push_back(entry);
    }
    return set;
}

/// The instance's own revision of the set.
PolicyStore::Written publish_to(const PolicyTarget& target, const PolicySet& zones, const uncut_policy& built_in) {
    const AbiSet set = complete_set(zones, built_in);
    const uncut_module& module = *target.module;
    std::uint64_t revision = 0;
    std::size_t refused = set.entries.size();
    const uncut_status status =
        module.set_policies(target.instance, set.entries.data(), set.entries.size(), &revision, &refused);
    if (status == UNCUT_OK) return revision;
    const std::string_view zone = refused < set.entries.size() ? set.entries[refused].zone : "";
    const std::string where = zone.empty() ? "the policies" : fmt::format("the policy of \"{}\"", zone);
    return std::unexpected(fault(PolicyWriteError::Kind::refused,
                                 fmt::format("the module refuses {}: {}{}", where, module.status_name(status),
                                             status == UNCUT_MISUSE_VALUE ? " (is the zone a domain name?)" : "")));
}

}  // namespace

PolicyStore::PolicyStore(PolicyTarget target, const uncut_policy& built_in)
    : built_in_(built_in), target_(std::move(target)) {}

std::expected<std::shared_ptr<PolicyStore>, std::string> PolicyStore::create(PolicyTarget target, Start start) {
    const auto built_in = fetch_preset(*target.module, nullptr);
    if (!built_in) return std::unexpected("the module has no default policy");
    std::shared_ptr<PolicyStore> store(new PolicyStore(std::move(target), *built_in));

    PolicySet zones = std::move(start.policies);
    PolicyOverrides& root = zones[std::string(root_zone)];
    if (!start.preset.empty()) {
        const auto preset = store->preset(start.preset);
        if (!preset) {
            const std::string place = start.preset_place.empty() ? "" : start.preset_place + ": ";
            return std::unexpected(fmt::format("{}there is no preset \"{}\": expected one of {}", place, start.preset,
                                               fmt::join(store->presets(), ", ")));
        }
        root = overrides_of(complete_policy(root, *preset));
    }
    store->start_ = zones;
    const std::lock_guard lock(store->mutex_);
    if (const auto written = store->publish(std::move(zones), {}); !written) {
        return std::unexpected(written.error().reason);
    }
    return store;
}

PolicySetView PolicyStore::read() const {
    const std::lock_guard lock(mutex_);
    return {zones_, revision_};
}

std::optional<PolicyView> PolicyStore::read_zone(std::string_view zone) const {
    const std::lock_guard lock(mutex_);
    const auto found = zones_.find(zone_key(zone));
    if (found == zones_.end()) return std::nullopt;
    const uncut_policy root = complete_policy(zones_.at(std::string(root_zone)), built_in_);
    return PolicyView{complete_policy(found->second, root), found->second, revision_};
}

std::vector<std::string> PolicyStore::presets() const {
    std::vector<std::string> names;
    const char* name = nullptr;
    const PolicyTarget at = target();
    for (std::uint32_t i = 0; at.module->preset_name(i, &name) == UNCUT_OK; ++i) names.emplace_back(name);
    return names;
}

std::optional<uncut_policy> PolicyStore::preset(std::string_view name) const {
    return fetch_preset(*target().module, std::string(name).c_str());
}

PolicyStore::Written PolicyStore::replace(PolicySet zones, const Precondition& precondition) {
    const std::lock_guard lock(mutex_);
    return publish(std::move(zones), precondition);
}

PolicyStore::Written PolicyStore::put_zone(std::string_view zone, const PolicyOverrides& overrides,
                                           const Precondition& precondition) {
    if (!is_zone_name(zone)) {
        return std::unexpected(fault(PolicyWriteError::Kind::refused, "expected a domain name, or \"default\""));
    }
    const std::lock_guard lock(mutex_);
    PolicySet zones = zones_;
    zones[zone_key(zone)] = overrides;
    return publish(std::move(zones), precondition);
}

PolicyStore::Written PolicyStore::patch_zone(std::string_view zone, const boost::json::value& patch,
                                             const Precondition& precondition) {
    const std::lock_guard lock(mutex_);
    PolicySet zones = zones_;
    const auto found = zones.find(zone_key(zone));
    if (found == zones.end()) return std::unexpected(no_such("policy for the zone", zone));
    if (auto patched = patch_policy(found->second, patch, ""); !patched) {
        return std::unexpected(invalid(std::move(patched.error())));
    }
    return publish(std::move(zones), precondition);
}

PolicyStore::Written PolicyStore::delete_zone(std::string_view zone, const Precondition& precondition) {
    const std::string key = zone_key(zone);
    if (key == root_zone) {
        return std::unexpected(fault(PolicyWriteError::Kind::root_stays, "the root's policy cannot be deleted"));
    }
    const std::lock_guard lock(mutex_);
    PolicySet zones = zones_;
    if (zones.erase(key) == 0) return std::unexpected(no_such("policy for the zone", zone));
    return publish(std::move(zones), precondition);
}

PolicyStore::Written PolicyStore::apply_preset(std::string_view name, const Precondition& precondition) {
    const auto policy = preset(name);
    if (!policy) return std::unexpected(no_such("preset", name));
    return put_zone(root_zone, overrides_of(*policy), precondition);
}

PolicyStore::Written PolicyStore::reset() {
    const std::lock_guard lock(mutex_);
    auto written = publish(start_, {});
    if (!written) return written;
    const uncut_module& module = *target_.module;
    if (const uncut_status status = module.forget_learned(target_.instance); status != UNCUT_OK) {
        return std::unexpected(fault(PolicyWriteError::Kind::refused,
                                     fmt::format("the module did not forget: {}", module.status_name(status))));
    }
    return written;
}

std::expected<void, std::string> PolicyStore::prepare(PolicyTarget& next) const {
    const std::lock_guard lock(mutex_);
    const auto published = publish_to(next, zones_, built_in_);
    if (!published) return std::unexpected(published.error().reason);
    next.revision_base = revision_ - *published;
    return {};
}

void PolicyStore::move_to(PolicyTarget next) {
    const std::lock_guard lock(mutex_);
    target_ = std::move(next);
}

PolicyTarget PolicyStore::target() const {
    const std::lock_guard lock(mutex_);
    return target_;
}

PolicyStore::Written PolicyStore::publish(PolicySet zones, const Precondition& precondition) {
    if (!precondition.holds(fmt::format("{}", revision_))) {
        PolicyWriteError error =
            fault(PolicyWriteError::Kind::precondition_failed, fmt::format("the revision is {} now", revision_));
        error.revision = revision_;
        return std::unexpected(std::move(error));
    }
    zones.try_emplace(std::string(root_zone));
    const auto published = publish_to(target_, zones, built_in_);
    if (!published) return published;
    zones_ = std::move(zones);
    revision_ = target_.revision_base + *published;
    return revision_;
}

}  // namespace uncut::harness
