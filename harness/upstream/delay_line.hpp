// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "harness/net/loop.hpp"

namespace uncut::harness::upstream {

/// Does things later, in the order they fall due. The loop's thread; what is still waiting is dropped with it.
class DelayLine {
  public:
    explicit DelayLine(Loop& loop) : timer_(loop, [this] { run_due(); }) {}

    /// False: too much is waiting, and the work is dropped.
    bool add(std::uint32_t delay_ms, std::function<void()> work) {
        if (waiting_.size() >= waiting_max) return false;
        waiting_.emplace(Loop::clock_us() + std::uint64_t{1000} * delay_ms, std::move(work));
        timer_.arm_at(waiting_.begin()->first);
        return true;
    }
    void clear() {
        waiting_.clear();
        timer_.disarm();
    }

  private:
    // A tenth of a second of what a load test asks; an answer may be 64 KiB.
    static constexpr std::size_t waiting_max = 16'384;

    void run_due() {
        while (!waiting_.empty() && waiting_.begin()->first <= Loop::clock_us()) {
            const auto first = waiting_.extract(waiting_.begin());
            first.mapped()();
        }
        if (!waiting_.empty()) timer_.arm_at(waiting_.begin()->first);
    }

    Timer timer_;
    std::multimap<std::uint64_t, std::function<void()>> waiting_;
};

}  // namespace uncut::harness::upstream
