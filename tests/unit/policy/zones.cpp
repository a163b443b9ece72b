// SPDX-License-Identifier: Apache-2.0
#include "module/policy/zones.hpp"

#include <random>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

policy::ZonePolicy zone(const std::string& text, std::uint32_t mark) {
    policy::ZonePolicy entry;
    REQUIRE(wire::name_from_text(text, entry.zone));
    entry.policy.deadline_ms = mark;
    return entry;
}

}  // namespace

TEST_CASE("zones: the longest matching suffix wins, letter case aside", "[policy]") {
    const policy::Zones zones({zone(".", 1), zone("test", 2), zone("Example.test", 3), zone("deep.example.test", 4)});
    const auto mark = [&](const char* text) { return zones.find(name(text)).deadline_ms; };
    CHECK(mark(".") == 1);
    CHECK(mark("org") == 1);
    CHECK(mark("test") == 2);
    CHECK(mark("other.test") == 2);
    CHECK(mark("example.test") == 3);
    CHECK(mark("a.EXAMPLE.test") == 3);
    CHECK(mark("notexample.test") == 2);
    CHECK(mark("x.y.deep.example.test") == 4);
    CHECK(mark("deep.example.test.org") == 1);
}

TEST_CASE("zones: without a root the root has the defaults, and the last of two entries wins", "[policy]") {
    CHECK(policy::Zones({}).find(name("a")).deadline_ms == policy::Policy{}.deadline_ms);
    const policy::Zones zones({zone("a", 1), zone("A", 2)});
    CHECK(zones.count() == 1);
    CHECK(zones.find(name("b.a")).deadline_ms == 2);
    CHECK(zones.find(name("b")).deadline_ms == policy::Policy{}.deadline_ms);
}

TEST_CASE("zones: thousands of zones agree with a plain search", "[policy]") {
    std::mt19937 random(1);
    const auto random_name = [&] {
        std::string text;
        for (auto labels = 1 + random() % 5; labels-- != 0;) text += static_cast<char>('a' + random() % 4), text += '.';
        return text;
    };
    std::vector<policy::ZonePolicy> entries;
    for (std::uint32_t at = 0; at != 1000; ++at) entries.push_back(zone(random_name(), at));
    const policy::Zones zones(entries);
    for (int at = 0; at != 2000; ++at) {
        const Bytes asked = name(random_name());
        const policy::ZonePolicy* best = nullptr;
        for (const auto& entry : entries)
            if (wire::at_or_below(asked, entry.zone.span()) && (!best || entry.zone.length >= best->zone.length))
                best = &entry;
        CHECK(zones.find(asked).deadline_ms == (best ? best->policy.deadline_ms : policy::Policy{}.deadline_ms));
    }
}
