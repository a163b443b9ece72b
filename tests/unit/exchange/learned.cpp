// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/learned.hpp"

#include <string>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/unit/exchange/messages.hpp"

using namespace uncut;
using namespace uncut::exchange;
using story::Bytes;

namespace {

constexpr std::uint8_t secret[16] = {1, 2, 3};
constexpr std::uint64_t second_us = 1'000'000;

Bytes question(std::string_view name, std::uint16_t type = wire::type::a, std::uint16_t rclass = wire::class_in) {
    Bytes made;
    story::put_name(made, name);
    story::put16(made, type);
    story::put16(made, rclass);
    return made;
}

std::uint32_t how_many_known(const Learned& learned, std::uint32_t names) {
    std::uint32_t known = 0;
    for (std::uint32_t number = 0; number < names; ++number) {
        const Bytes asked = question("n" + std::to_string(number) + ".example.");
        if (learned.recall({asked, false, 0}, 0) != Memory::nothing) ++known;
    }
    return known;
}

void learn(Learned& learned, std::uint32_t names) {
    for (std::uint32_t number = 0; number < names; ++number) {
        const Bytes asked = question("n" + std::to_string(number) + ".example.");
        learned.remember({asked, false, 0}, Memory::truncates, 300, 0);
    }
}

}  // namespace

TEST_CASE("learned: what was remembered is recalled until it expires") {
    Learned learned(16, secret);
    const Bytes asked = question("www.example.");
    const LearnedKey key{asked, false, 0};
    CHECK(learned.recall(key, 0) == Memory::nothing);
    learned.remember(key, Memory::truncates, 300, 5 * second_us);
    CHECK(learned.recall(key, 5 * second_us) == Memory::truncates);
    CHECK(learned.recall(key, 305 * second_us - 1) == Memory::truncates);
    CHECK(learned.recall(key, 305 * second_us) == Memory::nothing);
}

TEST_CASE("learned: the latest word on a name holds, in any letter case") {
    Learned learned(16, secret);
    const Bytes asked = question("www.example.");
    const Bytes shouted = question("WWW.eXample.");
    learned.remember({asked, false, 0}, Memory::truncates, 300, 0);
    learned.remember({shouted, false, 0}, Memory::suspicion_cleared, 300, 0);
    CHECK(learned.recall({asked, false, 0}, 0) == Memory::suspicion_cleared);
}

TEST_CASE("learned: the key is name, type, class, DO and upstream") {
    Learned learned(1024, secret);
    const Bytes asked = question("www.example.", 65);
    learned.remember({asked, true, 3}, Memory::truncates, 300, 0);
    CHECK(learned.recall({asked, true, 3}, 0) == Memory::truncates);
    const Bytes name = question("wwx.example.", 65);
    const Bytes lower_type = question("www.example.", 97);  // 65 is the letter A and 97 is a: types are not folded
    const Bytes other_class = question("www.example.", 65, 3);
    CHECK(learned.recall({name, true, 3}, 0) == Memory::nothing);
    CHECK(learned.recall({lower_type, true, 3}, 0) == Memory::nothing);
    CHECK(learned.recall({other_class, true, 3}, 0) == Memory::nothing);
    CHECK(learned.recall({asked, false, 3}, 0) == Memory::nothing);
    CHECK(learned.recall({asked, true, 2}, 0) == Memory::nothing);
}

TEST_CASE("learned: it is bounded, and holds nearly all that it was made for") {
    const std::uint32_t names_max = GENERATE(1u, 5u, 1000u, 4096u);
    Learned learned(names_max, secret);
    learn(learned, names_max);
    CHECK(how_many_known(learned, names_max) * 2 >= names_max);  // sets fill unevenly
    learn(learned, 10 * names_max + 100);
    // Rounded up to whole sets of four, and their number to a power of two.
    CHECK(how_many_known(learned, 10 * names_max + 100) <= 2 * names_max + 4);
}

TEST_CASE("learned: where there is no room the name that would expire first goes") {
    Learned learned(4, secret);  // one set
    const char* const names[] = {"a.", "b.", "c.", "d.", "e."};
    std::uint32_t ttl_s[] = {400, 100, 300, 200, 500};
    for (int at = 0; at < 5; ++at) {
        const Bytes asked = question(names[at]);
        learned.remember({asked, false, 0}, Memory::truncates, ttl_s[at], 0);
    }
    for (int at = 0; at < 5; ++at) {
        const Bytes asked = question(names[at]);
        INFO(names[at]);
        CHECK((learned.recall({asked, false, 0}, 0) == Memory::truncates) == (at != 1));
    }
}

TEST_CASE("learned: names that share a set do not answer for each other") {
    Learned learned(4, secret);
    const Bytes known = question("known.example.");
    learned.remember({known, false, 0}, Memory::truncates, 300, 0);
    for (int number = 0; number < 10000; ++number) {
        const Bytes asked = question("u" + std::to_string(number) + ".example.");
        REQUIRE(learned.recall({asked, false, 0}, 0) == Memory::nothing);
    }
}

TEST_CASE("learned: another secret puts names elsewhere") {
    constexpr std::uint8_t other_secret[16] = {9};
    Learned one(512, secret);
    Learned other(512, other_secret);
    learn(one, 2000);
    learn(other, 2000);
    std::uint32_t different = 0;
    for (std::uint32_t number = 0; number < 2000; ++number) {
        const Bytes asked = question("n" + std::to_string(number) + ".example.");
        const LearnedKey key{asked, false, 0};
        if (one.recall(key, 0) != other.recall(key, 0)) ++different;
    }
    CHECK(different > 0);
}

TEST_CASE("learned: made for no names, or told to keep them for no time, it knows nothing") {
    const Bytes asked = question("www.example.");
    Learned none(0, secret);
    none.remember({asked, false, 0}, Memory::truncates, 300, 0);
    CHECK(none.recall({asked, false, 0}, 0) == Memory::nothing);
    none.forget_all();
    Learned learned(16, secret);
    learned.remember({asked, false, 0}, Memory::truncates, 0, 0);
    CHECK(learned.recall({asked, false, 0}, 0) == Memory::nothing);
}

TEST_CASE("learned: forgetting leaves nothing") {
    Learned learned(64, secret);
    learn(learned, 64);
    learned.forget_all();
    CHECK(how_many_known(learned, 64) == 0);
}

TEST_CASE("learned: the end of time is no wrap-around") {
    Learned learned(16, secret);
    const Bytes asked = question("www.example.");
    const std::uint64_t late_us = (~std::uint64_t{0} >> 2) - 5;
    learned.remember({asked, false, 0}, Memory::truncates, 86400, late_us);
    CHECK(learned.recall({asked, false, 0}, late_us) == Memory::truncates);
    learned.remember({asked, false, 0}, Memory::truncates, 86400, ~std::uint64_t{0});
    CHECK(learned.recall({asked, false, 0}, 0) == Memory::truncates);
}

TEST_CASE("learned: two threads that write and read find nothing that nobody wrote", "[threads]") {
    Learned learned(8, secret);  // two sets: they meet all the time
    const auto run = [&learned](Memory mine, const char* prefix, int& wrong) {
        for (std::uint32_t number = 0; number < 20000; ++number) {
            const Bytes asked = question(prefix + std::to_string(number % 32) + ".example.");
            learned.remember({asked, false, 0}, mine, 300, number);
            const Memory found = learned.recall({asked, false, 0}, number);
            if (found != mine && found != Memory::nothing) ++wrong;
        }
    };
    int wrong_one = 0;
    int wrong_other = 0;
    std::thread one(run, Memory::truncates, "t", std::ref(wrong_one));
    std::thread other(run, Memory::suspicion_cleared, "c", std::ref(wrong_other));
    for (int times = 0; times < 50; ++times) learned.forget_all();
    one.join();
    other.join();
    CHECK(wrong_one + wrong_other == 0);
}
