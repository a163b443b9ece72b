// SPDX-License-Identifier: Apache-2.0
// The time is told, not waited for.
#include <string>
#include <vector>

#include "harness/cli/progress.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace std::chrono_literals;

namespace {

struct Screen {
    std::vector<std::string> said;
    int asked = 0;
    Progress progress{[this](std::string_view text) { said.emplace_back(text); }, Progress::Clock::time_point{}};

    void at(std::chrono::milliseconds time) {
        progress.tick(Progress::Clock::time_point{} + time, [this] { return "line " + std::to_string(++asked); });
    }
};

}  // namespace

TEST_CASE("progress: what ends within a second leaves no trace", "[progress]") {
    Screen screen;
    for (const auto time : {0ms, 500ms, 999ms}) screen.at(time);
    screen.progress.finish();
    CHECK(screen.said.empty());
    CHECK(screen.asked == 0);
}

TEST_CASE("progress: a line once a second at most, wiped out at the end", "[progress]") {
    Screen screen;
    for (const auto time : {1000ms, 1001ms, 1500ms, 1999ms, 2000ms, 2001ms, 7000ms, 7001ms, 7999ms}) screen.at(time);
    CHECK(screen.said == std::vector<std::string>{"\r\x1b[Kline 1", "\r\x1b[Kline 2", "\r\x1b[Kline 3"});
    screen.progress.finish();
    CHECK(screen.said.back() == "\r\x1b[K");
    screen.progress.finish();
    CHECK(screen.said.size() == 4);
}
