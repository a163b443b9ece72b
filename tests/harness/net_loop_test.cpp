// SPDX-License-Identifier: Apache-2.0
#include "harness/net/loop.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <memory>
#include <random>
#include <thread>

#include "tests/support/catch.hpp"

using namespace uncut::harness;

namespace {

Fd ready_descriptor() {
    return Fd(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
}

struct Recorder final : Loop::Handler {
    std::function<void(std::uint32_t)> then;
    int calls = 0;
    void on_events(std::uint32_t events) override {
        ++calls;
        if (then) then(events);
    }
};

void run_for(Loop& loop, std::uint64_t us) {
    const std::uint64_t end = Loop::clock_us() + us;
    while (Loop::clock_us() < end) loop.step(1);
}

}  // namespace

TEST_CASE("net: the loop tells handlers of events until they are removed", "[net]") {
    const auto loop = Loop::create().value();
    const Fd fd = ready_descriptor();
    Recorder recorder;
    REQUIRE(loop->add(fd.get(), EPOLLIN, recorder));
    CHECK_FALSE(loop->add(fd.get(), EPOLLIN, recorder));
    loop->step(0);
    CHECK(recorder.calls == 1);
    loop->modify(fd.get(), 0, recorder);
    loop->step(0);
    CHECK(recorder.calls == 1);
    loop->modify(fd.get(), EPOLLIN, recorder);
    loop->step(0);
    CHECK(recorder.calls == 2);
    loop->remove(fd.get(), recorder);
    loop->step(0);
    CHECK(recorder.calls == 2);
}

TEST_CASE("net: a handler may destroy another whose event has been fetched", "[net]") {
    const auto loop = Loop::create().value();
    constexpr std::size_t count = 10;
    std::vector<Fd> fds;
    std::vector<std::unique_ptr<Recorder>> recorders;
    int calls = 0;
    for (std::size_t i = 0; i < count; ++i) {
        fds.push_back(ready_descriptor());
        recorders.push_back(std::make_unique<Recorder>());
        recorders[i]->then = [&, i](std::uint32_t) {
            ++calls;
            for (std::size_t other = 0; other < count; ++other) {
                if (other == i || !recorders[other]) continue;
                loop->remove(fds[other].get(), *recorders[other]);
                recorders[other].reset();
            }
        };
        REQUIRE(loop->add(fds[i].get(), EPOLLIN, *recorders[i]));
    }
    loop->step(0);
    CHECK(calls == 1);
}

TEST_CASE("net: timers go off in their order, once, and not before their time", "[net]") {
    const auto loop = Loop::create().value();
    std::mt19937 random(7);
    std::vector<std::uint64_t> fired;
    std::vector<std::unique_ptr<Timer>> timers;
    const std::uint64_t begin = Loop::clock_us();
    loop->step(0);
    std::vector<std::uint64_t> times;
    for (int i = 0; i < 200; ++i) {
        const std::uint64_t at = begin + 1'000 + random() % 30'000;
        times.push_back(at);
        timers.push_back(std::make_unique<Timer>(*loop, [&fired, &loop, at] {
            CHECK(loop->now_us() >= at);
            fired.push_back(at);
        }));
        timers.back()->arm_at(at);
    }
    run_for(*loop, 40'000);
    std::sort(times.begin(), times.end());
    CHECK(fired == times);
    run_for(*loop, 5'000);
    CHECK(fired.size() == times.size());
}

TEST_CASE("net: timers move later and earlier, and are disarmed", "[net]") {
    const auto loop = Loop::create().value();
    int fired = 0;
    Timer timer(*loop, [&fired] { ++fired; });
    loop->step(0);
    SECTION("later") {
        timer.arm(5'000);
        timer.arm(60'000);
        run_for(*loop, 20'000);
        CHECK(fired == 0);
        CHECK(timer.armed());
        run_for(*loop, 60'000);
        CHECK(fired == 1);
        CHECK_FALSE(timer.armed());
    }
    SECTION("earlier") {
        timer.arm(10'000'000);
        timer.arm(2'000);
        run_for(*loop, 20'000);
        CHECK(fired == 1);
    }
    SECTION("disarmed") {
        timer.arm(2'000);
        timer.disarm();
        run_for(*loop, 10'000);
        CHECK(fired == 0);
    }
    SECTION("destroyed") {
        auto other = std::make_unique<Timer>(*loop, [&fired] { ++fired; });
        other->arm(2'000);
        other.reset();
        run_for(*loop, 10'000);
        CHECK(fired == 0);
    }
    SECTION("armed by its own callback, with no delay at all, it lets the loop go on") {
        Timer again(*loop, [&again, &fired] {
            ++fired;
            again.arm(0);
        });
        again.arm(0);
        run_for(*loop, 5'000);
        CHECK(fired > 1);
    }
}

TEST_CASE("net: many timers armed, moved and disarmed at random keep their order", "[net]") {
    const auto loop = Loop::create().value();
    std::mt19937 random(11);
    loop->step(0);
    const std::uint64_t begin = loop->now_us();
    std::vector<std::uint64_t> due(300);  // 0: not armed
    std::vector<std::unique_ptr<Timer>> timers;
    for (std::size_t i = 0; i < due.size(); ++i) {
        timers.push_back(std::make_unique<Timer>(*loop, [&due, &loop, i] {
            CHECK(due[i] != 0);
            CHECK(due[i] <= loop->now_us());
            due[i] = 0;
        }));
    }
    for (int i = 0; i < 5'000; ++i) {
        const std::size_t which = random() % due.size();
        if (random() % 4 == 0) {
            timers[which]->disarm();
            due[which] = 0;
        } else {
            due[which] = begin + 20'000 + random() % 20'000;
            timers[which]->arm_at(due[which]);
        }
    }
    run_for(*loop, 60'000);
    CHECK(std::all_of(due.begin(), due.end(), [](std::uint64_t at) { return at == 0; }));
}

TEST_CASE("net: work is posted from other threads and runs on the loop's", "[net]") {
    const auto loop = Loop::create().value();
    std::vector<int> order;
    const auto self = std::this_thread::get_id();
    std::thread poster([&] {
        for (int i = 0; i < 1'000; ++i) {
            loop->post([&order, self, i] {
                CHECK(std::this_thread::get_id() == self);
                order.push_back(i);
            });
        }
        loop->post([&loop] { loop->stop(); });
    });
    loop->run();
    poster.join();
    CHECK(order.size() == 1'000);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("net: the loop calls its hook before it sleeps, and stops from another thread", "[net]") {
    const auto loop = Loop::create().value();
    int rounds = 0;
    loop->set_before_wait([&rounds] { ++rounds; });
    loop->step(0);
    loop->step(0);
    CHECK(rounds == 2);
    std::thread stopper([&loop] { loop->stop(); });
    loop->run();
    stopper.join();
    CHECK(loop->stopped());
    loop->run();  // it stays stopped
}
