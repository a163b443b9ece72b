// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/instance.hpp"

#include <set>
#include <string_view>
#include <thread>

#include "tests/support/catch.hpp"

using namespace uncut;
using namespace uncut::exchange;

namespace {

policy::ZonePolicy zone(std::string_view name, std::uint32_t deadline_ms) {
    policy::ZonePolicy entry;
    REQUIRE(wire::name_from_text(name, entry.zone));
    entry.policy.deadline_ms = deadline_ms;
    return entry;
}

std::uint32_t deadline_of(const Instance& instance, std::string_view text, std::uint64_t* revision = nullptr) {
    wire::Name name;
    REQUIRE(wire::name_from_text(text, name));
    return instance.policy_for(name.span(), revision).deadline_ms;
}

}  // namespace

TEST_CASE("instance: before anything is published everybody has the defaults") {
    const Instance instance{InstanceConfig{}};
    std::uint64_t revision = 7;
    CHECK(deadline_of(instance, "www.example.", &revision) == policy::Policy{}.deadline_ms);
    CHECK(revision == 0);
}

TEST_CASE("instance: a snapshot replaces the one before it as a whole") {
    Instance instance{InstanceConfig{}};
    CHECK(instance.publish({zone("example.", 100), zone("org.", 200)}) == 1);
    CHECK(deadline_of(instance, "www.example.") == 100);
    CHECK(instance.publish({zone("org.", 300)}) == 2);
    std::uint64_t revision = 0;
    CHECK(deadline_of(instance, "www.example.", &revision) == policy::Policy{}.deadline_ms);
    CHECK(deadline_of(instance, "www.org.") == 300);
    CHECK(revision == 2);
}

TEST_CASE("instance: derived bits differ by number, entropy and secret") {
    InstanceConfig config;
    const Instance one{config};
    config.secret[15] = 1;
    const Instance other{config};
    std::set<std::uint64_t> seen;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        seen.insert(one.derive(5, number));
        seen.insert(one.derive(6, number));
        seen.insert(other.derive(5, number));
    }
    CHECK(seen.size() == 3000);
    CHECK(one.derive(5, 1) == one.derive(5, 1));
}

TEST_CASE("instance: an upstream is held off for its time, or until it is connected") {
    InstanceConfig config;
    config.tcp_holdoff_ms = 2000;
    Instance instance(config);
    CHECK_FALSE(instance.tcp_held_off(1, 0));
    instance.hold_off_tcp(1, 5'000'000);
    CHECK(instance.tcp_held_off(1, 5'000'000));
    CHECK(instance.tcp_held_off(1, 6'999'999));
    CHECK_FALSE(instance.tcp_held_off(1, 7'000'000));
    CHECK_FALSE(instance.tcp_held_off(0, 5'000'000));
    instance.tcp_connected(1);
    CHECK_FALSE(instance.tcp_held_off(1, 5'000'000));
}

TEST_CASE("instance: no hold-off when its time is nought, none for upstreams that cannot be") {
    InstanceConfig config;
    config.tcp_holdoff_ms = 0;
    Instance without(config);
    without.hold_off_tcp(0, 1000);
    CHECK_FALSE(without.tcp_held_off(0, 1000));
    Instance instance{InstanceConfig{}};
    instance.hold_off_tcp(UNCUT_UPSTREAMS_MAX, 1000);
    instance.tcp_connected(~0u);
    CHECK_FALSE(instance.tcp_held_off(UNCUT_UPSTREAMS_MAX, 1000));
    instance.hold_off_tcp(2, ~std::uint64_t{0} - 1);
    CHECK(instance.tcp_held_off(2, ~std::uint64_t{0} - 1));
}

TEST_CASE("instance: forgetting forgets names and hold-offs") {
    Instance instance{InstanceConfig{}};
    const std::uint8_t question[] = {1, 'a', 0, 0, 1, 0, 1};
    instance.learned.remember({question, false, 0}, Memory::truncates, 300, 0);
    instance.hold_off_tcp(0, 1000);
    instance.forget_learned();
    CHECK(instance.learned.recall({question, false, 0}, 0) == Memory::nothing);
    CHECK_FALSE(instance.tcp_held_off(0, 1000));
}

TEST_CASE("instance: a policy that is read while others are published is one or the other", "[threads]") {
    Instance instance{InstanceConfig{}};
    instance.publish({zone("example.", 1000)});
    int wrong = 0;
    std::thread reader([&instance, &wrong] {
        const std::uint8_t name[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0};
        for (int times = 0; times < 20000; ++times) {
            std::uint64_t revision = 0;
            const std::uint32_t deadline_ms = instance.policy_for(name, &revision).deadline_ms;
            if (deadline_ms != 999 + revision) ++wrong;
        }
    });
    for (std::uint32_t next = 1001; next < 1301; ++next) instance.publish({zone("example.", next)});
    reader.join();
    CHECK(wrong == 0);
}
