// SPDX-License-Identifier: Apache-2.0
// Other programs, as a test runs them: started, listened to, ended, never left behind.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::test {

using Milliseconds = std::chrono::milliseconds;

/// The longest that a program may take to become ready or to end: far more than it needs, also under a sanitizer.
inline constexpr Milliseconds patience{20'000};

struct ProcessOptions {
    std::vector<std::string> environment;  ///< "NAME=value", on top of what the test has
    std::string network_namespace;         ///< runs inside, by `ip netns exec`; empty: where the test is
    std::string input;                     ///< standard input, under 64 KiB
    std::string directory;                 ///< where it runs; empty: where the test does
};

/// How a program ended, and all that it wrote.
struct Ended {
    int code = -1;           ///< exit status, -1 if a signal ended it
    int signal = 0;          ///< which signal, or 0
    bool timed_out = false;  ///< it did not end by itself
    std::string out;
    std::string err;
};

/// A program that runs. What it writes is read at once, so that it never blocks on a full pipe.
/// The destructor asks it to end (SIGTERM), then kills it and what it started, by its process group.
/// Thread rule: one thread, the one that started it; that thread must outlive it.
class Process {
  public:
    /// Starts `arguments[0]`, looked up in PATH and the sbin folders. Throws std::runtime_error if it cannot.
    static Process start(std::vector<std::string> arguments, const ProcessOptions& options = {});

    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;
    ~Process();

    int pid() const;
    bool running() const;
    void signal(int number) const;

    /// Standard output and standard error so far.
    std::string out() const;
    std::string err() const;

    /// Waits until standard output or standard error holds `text`; false if it ends or the time is up first.
    bool wait_for_text(std::string_view text, Milliseconds timeout = patience) const;
    /// Waits until it ends; past the timeout it is killed and the result says so.
    Ended wait(Milliseconds timeout = patience);
    /// SIGTERM, then wait().
    Ended stop(Milliseconds timeout = patience);

  private:
    struct Impl;
    explicit Process(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Runs a program to its end.
Ended run(std::vector<std::string> arguments, const ProcessOptions& options = {}, Milliseconds timeout = patience);

/// Where a program is: in PATH, or in the sbin folders that only root has there. Empty if it is nowhere.
std::string find_program(std::string_view name);

}  // namespace uncut::test
