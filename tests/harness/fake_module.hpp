// SPDX-License-Identifier: Apache-2.0
// A module's table with what the policies need of it, so that the admin API can be tested without the module.
#pragma once

#include <uncut.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace uncut::harness::test {

/// What the fake was given: stands behind uncut_instance.
struct FakeInstance {
    std::mutex mutex;
    std::map<std::string, uncut_policy> published;
    std::uint64_t revision = 0;
    int forgotten = 0;
    std::string refused_zone;  // set_policies refuses a set with this zone

    uncut_instance* handle() { return reinterpret_cast<uncut_instance*>(this); }
    uncut_policy policy(const std::string& zone) {
        const std::lock_guard lock(mutex);
        return published.at(zone);
    }
};

/// The built-in defaults of the design's table; "coredns-default" turns retries and suspicion off.
uncut_policy fake_default_policy();

/// The table. Functions that it lacks are NULL.
const uncut_module& fake_module();

}  // namespace uncut::harness::test
