// SPDX-License-Identifier: Apache-2.0
#include "harness/journal/journal.hpp"

#include "tests/support/catch.hpp"

using namespace uncut::harness;

namespace {

ExchangeRecord record(std::string name, std::string server = "uncut", std::uint32_t transport = UNCUT_TRANSPORT_UDP) {
    ExchangeRecord made;
    made.name = std::move(name);
    made.server = std::move(server);
    made.transport = transport;
    made.query = {1, 2, 3};
    return made;
}

std::vector<std::uint64_t> numbers(const std::vector<Journal::Entry>& entries) {
    std::vector<std::uint64_t> all;
    for (const auto& entry : entries) all.push_back(entry->number);
    return all;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("journal: keeps the last ones, and numbers go on", "[journal]") {
    Journal journal(3);
    CHECK(journal.last() == 0);
    CHECK(journal.oldest() == 0);
    CHECK(journal.find(0) == nullptr);
    for (int i = 0; i < 5; ++i) journal.append(record("a."));
    CHECK(journal.last() == 5);
    CHECK(journal.oldest() == 3);
    CHECK(journal.find(2) == nullptr);
    REQUIRE(journal.find(3) != nullptr);
    CHECK(journal.find(3)->number == 3);
    CHECK(journal.find(6) == nullptr);
    journal.clear();
    CHECK(journal.find(5) == nullptr);
    CHECK(journal.oldest() == 0);
    journal.append(record("a."));
    CHECK(journal.last() == 6);
}

TEST_CASE("journal: pages from the newest, or onwards from a number", "[journal]") {
    Journal journal(100);
    for (int i = 1; i <= 10; ++i) journal.append(record(i % 2 == 0 ? "even.example." : "odd.example."));
    CHECK(numbers(journal.newest({}, 3)) == Numbers{8, 9, 10});
    CHECK(numbers(journal.newest({.name = "odd.example"}, 2)) == Numbers{7, 9});
    CHECK(numbers(journal.after(0, {}, 3).entries) == Numbers{1, 2, 3});
    CHECK(numbers(journal.after(8, {}, 30).entries) == Numbers{9, 10});
    const auto even = journal.after(3, {.name = "even.example."}, 2);
    CHECK(numbers(even.entries) == Numbers{4, 6});
    CHECK(even.reached == 6);
    const auto nobody = journal.after(3, {.name = "nobody."}, 2);
    CHECK(nobody.entries.empty());
    CHECK(nobody.reached == 10);  // and is not looked through again
    CHECK(journal.after(10, {}, 5).reached == 10);
    CHECK(journal.after(99, {}, 5).entries.empty());
}

TEST_CASE("journal: what a filter takes", "[journal]") {
    ExchangeRecord one = record("WWW.Example.", "before", UNCUT_TRANSPORT_TCP);
    one.verdict = UNCUT_VERDICT_TRUNCATED;
    one.events.resize(3);
    one.events[1].verdict = UNCUT_VERDICT_NOT_OURS;
    one.events[2].verdict = UNCUT_VERDICT_WHOLE;  // over TCP: the exchange was mended
    const struct {
        ExchangeFilter filter;
        bool matches;
    } rows[] = {
        {{}, true},
        {{.server = "before"}, true},
        {{.server = "uncut"}, false},
        {{.name = "www.example"}, true},
        {{.name = "www.example."}, true},
        {{.name = "example."}, true},
        {{.name = "."}, true},
        {{.name = "ample."}, false},
        {{.name = "a.www.example."}, false},
        {{.verdict = UNCUT_VERDICT_TRUNCATED}, true},
        {{.verdict = UNCUT_VERDICT_NOT_OURS}, true},  // of one of its packets
        {{.verdict = UNCUT_VERDICT_WHOLE}, false},
        {{.transport = UNCUT_TRANSPORT_TCP}, true},
        {{.transport = UNCUT_TRANSPORT_UDP}, false},
    };
    for (const auto& row : rows) {
        INFO(&row - rows);
        CHECK(row.filter.matches(one) == row.matches);
    }
    CHECK_FALSE(ExchangeFilter{.name = "example."}.matches(record("")));
}

TEST_CASE("journal: is bounded in octets too", "[journal]") {
    Journal journal(1'000'000);
    ExchangeRecord large = record("a.");
    large.response.resize(1U << 20);
    for (int i = 0; i < 100; ++i) journal.append(large);
    CHECK(journal.last() == 100);
    CHECK(journal.oldest() > 36);
    CHECK(journal.oldest() < 40);
}

TEST_CASE("journal: whoever listens hears of each", "[journal]") {
    Journal journal(2);
    int heard = 0;
    journal.set_listener([&heard] { ++heard; });
    for (int i = 0; i < 3; ++i) journal.append(record("a."));
    CHECK(heard == 3);
    journal.set_listener({});
    journal.append(record("a."));
    CHECK(heard == 3);
}
