// SPDX-License-Identifier: Apache-2.0
// Instances for the tests of the contract.
#pragma once

#include "tests/abi/loaded.hpp"
#include "tests/support/catch.hpp"

namespace uncut::abi_test {

inline uncut_instance_config instance_config() {
    auto config = sized<uncut_instance_config>();
    config.learned_max_names = 1024;
    config.tcp_holdoff_ms = 2000;
    config.secret[0] = 1;
    return config;
}

inline uncut_policy preset(const char* name = nullptr) {
    auto policy = sized<uncut_policy>();
    REQUIRE(table().policy_preset(name, &policy) == UNCUT_OK);
    return policy;
}

inline uncut_zone_policy zone(const char* name, const uncut_policy* policy) {
    auto entry = sized<uncut_zone_policy>();
    entry.zone = name;
    entry.policy = policy;
    return entry;
}

// An instance that is destroyed with its scope.
class Instance {
  public:
    Instance() {
        const auto config = instance_config();
        REQUIRE(table().instance_create(&config, &instance_) == UNCUT_OK);
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    ~Instance() { table().instance_destroy(instance_); }

    uncut_instance* get() const { return instance_; }

    void use(const uncut_policy& policy) const {
        const auto root = zone("", &policy);
        REQUIRE(table().set_policies(instance_, &root, 1, nullptr, nullptr) == UNCUT_OK);
    }

  private:
    uncut_instance* instance_ = nullptr;
};

}  // namespace uncut::abi_test
