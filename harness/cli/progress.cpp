// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/progress.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace uncut::harness {
namespace {

constexpr std::chrono::seconds interval{1};
constexpr std::string_view wipe = "\r\x1b[K";  // to the line's begin, and clear to its end (ECMA-48 8.3.41, EL)

}  // namespace

Progress::Progress(std::function<void(std::string_view)> say, Clock::time_point start)
    : say_(std::move(say)), next_(start + interval) {}

void Progress::tick(Clock::time_point now, const Line& line) {
    if (now < next_) return;
    next_ = now + interval;
    said_ = true;
    say_(std::string(wipe) + line());
}

void Progress::finish() {
    if (std::exchange(said_, false)) say_(wipe);
}

ShownProgress::ShownProgress(Progress::Line line) : line_(std::move(line)) {
    if (isatty(STDERR_FILENO) == 0) return;
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ShownProgress::~ShownProgress() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard guard(lock_);
        is_over_ = true;
    }
    over_.notify_one();
    thread_.join();
}

void ShownProgress::run() {
    Progress progress([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); },
                      Progress::Clock::now());
    std::unique_lock guard(lock_);
    while (!over_.wait_for(guard, interval, [this] { return is_over_; })) {
        progress.tick(Progress::Clock::now(), line_);
    }
    progress.finish();
}

}  // namespace uncut::harness
