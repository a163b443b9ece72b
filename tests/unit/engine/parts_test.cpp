// SPDX-License-Identifier: Apache-2.0
// The engine's parts: deadlines, indexes, storage, randomness, slots.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "module/engine/index_map.hpp"
#include "module/engine/random.hpp"
#include "module/engine/slots.hpp"
#include "module/engine/storage.hpp"
#include "module/engine/timers.hpp"
#include "module/engine/upstreams.hpp"
#include "tests/support/catch.hpp"

using namespace uncut;
using namespace uncut::engine;

TEST_CASE("deadlines come due in order, whatever was set, moved and cleared", "[engine]") {
    constexpr std::uint32_t identities = 500;
    Timers timers(identities);
    std::map<std::uint32_t, std::uint64_t> expected;
    std::mt19937 dice(1);
    std::uint64_t now_us = 0;
    for (int step = 0; step < 20'000; ++step) {
        const auto identity = static_cast<std::uint32_t>(dice() % identities);
        if (dice() % 4 == 0) {
            timers.clear(identity);
            expected.erase(identity);
        } else {
            const std::uint64_t at_us = now_us + dice() % 1000;
            timers.set(identity, at_us);
            expected[identity] = at_us;
        }
        if (step % 50 != 0) continue;
        now_us += dice() % 100;
        std::uint64_t before_us = 0;
        for (std::uint32_t due = none; timers.pop_due(now_us, due);) {
            REQUIRE(expected.count(due) == 1);
            REQUIRE(expected[due] <= now_us);
            REQUIRE(expected[due] >= before_us);
            before_us = expected[due];
            expected.erase(due);
        }
        std::uint64_t earliest_us = Timers::never;
        for (const auto& each : expected) earliest_us = std::min(earliest_us, each.second);
        REQUIRE(timers.next_us() == earliest_us);
        REQUIRE(earliest_us > now_us);
    }
}

TEST_CASE("the index map holds what was put in and nothing else", "[engine]") {
    constexpr std::uint32_t entries = 300;
    IndexMap map(entries, 0x1234567);
    std::unordered_map<std::uint64_t, std::uint32_t> expected;
    std::mt19937_64 dice(2);
    for (std::uint32_t step = 0; step < 50'000; ++step) {
        // Keys as the engine makes them: few sockets, few upstreams, many IDs.
        const std::uint64_t key = (dice() % 8 + 1) << 32 | (dice() % 2) << 16 | dice() % 128;
        const auto there = expected.find(key);
        REQUIRE(map.find(key) == (there == expected.end() ? none : there->second));
        if (there != expected.end()) {
            map.erase(key);
            expected.erase(there);
        } else if (expected.size() < entries) {
            map.insert(key, step);
            expected[key] = step;
        }
    }
    map.erase(1);  // not there: nothing happens
    for (const auto& [key, value] : expected) REQUIRE(map.find(key) == value);
}

TEST_CASE("a ticket is good for one use of its slot", "[engine]") {
    Slots slots(2);
    const std::uint32_t first = slots.take(10);
    const std::uint32_t second = slots.take(20);
    CHECK(slots.take(30) == none);
    const std::uint64_t ticket = slots.ticket(first);
    CHECK(slots.find(ticket) == first);
    CHECK(slots.find(slots.ticket(second)) == second);
    CHECK(slots.find(0) == none);
    CHECK(slots.find(UINT64_MAX) == none);
    slots.give(first);
    CHECK(slots.find(ticket) == none);
    CHECK(slots.used() == 1);
    const std::uint32_t again = slots.take(40);
    CHECK(again == first);  // the one that is warm
    CHECK(slots.find(ticket) == none);
    CHECK(slots.ticket(again) != ticket);
    CHECK(slots[again].token == 40);
}

TEST_CASE("storage hands out the smallest block that is free, and no block twice", "[engine]") {
    const std::array<Storage::Class, 2> classes{{{64, 2}, {256, 2, true}}};
    Storage storage(classes);
    std::vector<Block> blocks(4);
    CHECK(storage.take(64, blocks[0]));
    CHECK(storage.take(1, blocks[1]));
    CHECK(storage.take(10, blocks[2]));  // the small ones are out
    CHECK(storage.take(256, blocks[3]));
    CHECK(blocks[0].octets == 64);
    CHECK(blocks[1].octets == 64);
    CHECK(blocks[2].octets == 256);
    Block more;
    CHECK_FALSE(storage.take(1, more));
    CHECK_FALSE(storage.take_up_to(1, more));
    std::set<const std::uint8_t*> starts;
    for (const Block& block : blocks) {
        std::fill_n(block.data, block.octets, std::uint8_t{0xff});
        starts.insert(block.data);
        CHECK(reinterpret_cast<std::uintptr_t>(block.data) % UNCUT_STORAGE_ALIGNMENT == 0);
    }
    CHECK(starts.size() == 4);
    storage.give(blocks[1].handle);
    CHECK_FALSE(storage.take(65, more));
    CHECK(storage.take_up_to(1000, more));  // less than was asked for is better than nothing
    CHECK(more.octets == 64);
    storage.give(none);
    CHECK_FALSE(storage.take(1000, more));
}

TEST_CASE("random numbers below a bound are spread evenly", "[engine]") {
    Random random;
    constexpr std::uint32_t bound = 37;  // divides no power of two
    constexpr int draws = 37'000;
    std::array<int, bound> seen{};
    for (int count = 0; count < draws; ++count) {
        std::uint32_t draw = bound;
        REQUIRE(random.below(bound, draw));
        REQUIRE(draw < bound);
        ++seen[draw];
    }
    double chi_square = 0;
    for (const int count : seen) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
    CHECK(chi_square < 98.0);  // 36 degrees of freedom: one in ten million is above
    std::uint32_t only = 1;
    CHECK(random.below(1, only));
    CHECK(only == 0);
    std::set<std::uint64_t> distinct;
    for (int count = 0; count < 5000; ++count) {
        std::uint64_t value = 0;
        REQUIRE(random.next64(value));
        distinct.insert(value);
    }
    CHECK(distinct.size() == 5000);
}

TEST_CASE("an upstream that fails three times in a row goes behind the others for a while", "[engine]") {
    std::vector<Upstream> addresses(2);
    addresses[0].octets = {127, 0, 0, 1};
    addresses[1].octets = {127, 0, 0, 2};
    Upstreams upstreams(addresses);
    constexpr std::uint64_t second_us = 1'000'000;
    std::uint64_t now_us = 100 * second_us;
    CHECK(upstreams.first(now_us) == 0);
    upstreams.failed(0, now_us);
    upstreams.failed(0, now_us);
    CHECK(upstreams.first(now_us) == 0);
    upstreams.answered(0);
    for (int failures = 0; failures < 3; ++failures) upstreams.failed(0, now_us);
    CHECK(upstreams.first(now_us) == 1);
    for (int others = 0; others < 50; ++others) upstreams.failed(0, now_us + 1);  // under way then: the same outage
    CHECK(upstreams.first(now_us + second_us - 1) == 1);

    // One query finds out; the rest keep away from it until then.
    now_us += second_us;
    CHECK(upstreams.first(now_us) == 0);
    CHECK(upstreams.first(now_us) == 1);
    upstreams.failed(0, now_us + second_us / 2);
    CHECK(upstreams.first(now_us + 2 * second_us) == 1);
    CHECK(upstreams.first(now_us + 3 * second_us) == 0);
    upstreams.answered(0);
    CHECK(upstreams.first(now_us + 3 * second_us) == 0);

    SECTION("with all of them failing, the one whose time is over first") {
        for (int failures = 0; failures < 3; ++failures) upstreams.failed(1, now_us);
        for (int failures = 0; failures < 3; ++failures) upstreams.failed(0, now_us + 1);
        CHECK(upstreams.first(now_us + 2) == 1);
    }
    SECTION("a lone upstream is always tried") {
        addresses.resize(1);
        Upstreams lone(addresses);
        for (int failures = 0; failures < 50; ++failures) {
            lone.failed(0, now_us);
            CHECK(lone.first(now_us) == 0);
        }
    }
}

TEST_CASE("a source is known by address, port and, where it matters, link", "[engine]") {
    Upstream upstream;
    upstream.octets = {192, 0, 2, 1};
    Upstream port = upstream;
    port.port = 54;
    Upstream six;
    six.family = 6;
    six.octets = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    six.scope = 2;
    Upstream link = six;
    link.scope = 3;
    Upstream global = six;
    global.octets[0] = 0x20;
    Upstream unscoped = global;
    unscoped.scope = 0;
    CHECK(same_address(address_of(upstream), address_of(upstream)));
    CHECK_FALSE(same_address(address_of(upstream), address_of(port)));
    CHECK_FALSE(same_address(address_of(upstream), address_of(six)));
    CHECK_FALSE(same_address(address_of(six), address_of(link)));
    CHECK_FALSE(same_address(address_of(six), address_of(global)));
    CHECK(same_address(address_of(global), address_of(unscoped)));
    const Upstreams both({port, upstream, upstream});
    CHECK(both.at(address_of(upstream)) == 1);
    CHECK(both.canonical(2) == 1);
    CHECK(both.at(address_of(six)) == none);
}
