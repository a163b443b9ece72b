// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace uncut::harness {

/// Says what is waited for, where that takes longer than a second: one line, said anew once a second at most, and
/// wiped out when it is over. What ends within a second leaves no trace.
/// Thread rule: one thread at a time.
class Progress {
  public:
    using Clock = std::chrono::steady_clock;
    using Line = std::function<std::string()>;

    /// `say` gets what belongs on the terminal, escape sequences included.
    Progress(std::function<void(std::string_view)> say, Clock::time_point start);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// As often as it is known to be still going on; `line` is asked only when it is time to say something.
    void tick(Clock::time_point now, const Line& line);
    void finish();

  private:
    std::function<void(std::string_view)> say_;
    Clock::time_point next_;
    bool said_ = false;
};

/// Progress on standard error while this lives, by a thread of its own, for work that blocks; nothing at all where
/// standard error is no terminal: a log would gain nothing but repetitions.
class ShownProgress {
  public:
    explicit ShownProgress(Progress::Line line);
    ShownProgress(const ShownProgress&) = delete;
    ShownProgress& operator=(const ShownProgress&) = delete;
    ~ShownProgress();

  private:
    void run();

    const Progress::Line line_;
    std::mutex lock_;
    std::condition_variable over_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace uncut::harness
