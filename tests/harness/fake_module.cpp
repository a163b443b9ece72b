// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/fake_module.hpp"

#include <string_view>

namespace uncut::harness::test {
namespace {

FakeInstance& fake(uncut_instance* instance) {
    return *reinterpret_cast<FakeInstance*>(instance);
}

const char* status_name(uncut_status status) {
    return status == UNCUT_MISUSE_VALUE ? "misuse_value" : "unknown";
}

uncut_status policy_preset(const char* preset, uncut_policy* policy) {
    const std::string_view name = preset == nullptr ? "default" : preset;
    if (name != "default" && name != "coredns-default") return UNCUT_MISUSE_NOT_FOUND;
    if (policy->size != UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s)) return UNCUT_MISUSE_STRUCT_SIZE;
    *policy = fake_default_policy();
    if (name == "coredns-default") policy->retry_truncated = policy->suspect = 0;
    return UNCUT_OK;
}

uncut_status preset_name(std::uint32_t index, const char** name) {
    static constexpr const char* names[] = {"default", "coredns-default"};
    if (index >= 2) return UNCUT_MISUSE_NOT_FOUND;
    *name = names[index];
    return UNCUT_OK;
}

uncut_status set_policies(uncut_instance* instance, const uncut_zone_policy* policies, std::size_t count,
                          std::uint64_t* revision, std::size_t* refused) {
    FakeInstance& state = fake(instance);
    const std::lock_guard lock(state.mutex);
    std::map<std::string, uncut_policy> set;
    for (std::size_t i = 0; i < count; ++i) {
        if (!state.refused_zone.empty() && policies[i].zone == state.refused_zone) {
            *refused = i;
            return UNCUT_MISUSE_VALUE;
        }
        set[policies[i].zone] = *policies[i].policy;
    }
    state.published = set;
    *revision = ++state.revision;
    return UNCUT_OK;
}

uncut_status forget_learned(uncut_instance* instance) {
    FakeInstance& state = fake(instance);
    const std::lock_guard lock(state.mutex);
    ++state.forgotten;
    return UNCUT_OK;
}

}  // namespace

uncut_policy fake_default_policy() {
    return {UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s),
            1,
            UNCUT_UPSTREAM_MATCH_CLIENT,
            1,
            UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME,
            1232,
            UNCUT_EDNS_KEEP,
            1232,
            UNCUT_FIT_RRSET,
            UNCUT_ON_TCP_FAILURE_PARTIAL,
            1000,
            2000,
            3,
            4500,
            300};
}

const uncut_module& fake_module() {
    static const uncut_module table = [] {
        uncut_module module{};
        module.size = sizeof module;
        module.version = "0.0.0-fake";
        module.status_name = status_name;
        module.policy_preset = policy_preset;
        module.preset_name = preset_name;
        module.set_policies = set_policies;
        module.forget_learned = forget_learned;
        return module;
    }();
    return table;
}

}  // namespace uncut::harness::test
