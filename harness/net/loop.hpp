// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/net/fd.hpp"

namespace uncut::harness {

class Timer;

/// Waits for descriptors, timers and posted work, on one thread. All calls come from the loop's thread (or before run
/// and after it), but post() and stop(). Once its vectors have grown to their working size it allocates nothing.
class Loop {
  public:
    /// What is told of a descriptor's events. One handler serves one descriptor.
    class Handler {
      public:
        virtual ~Handler() = default;
        /// `events` are EPOLLIN, EPOLLOUT, EPOLLHUP... It may add, modify and remove any descriptor and destroy any
        /// handler, itself too.
        virtual void on_events(std::uint32_t events) = 0;
    };

    static std::expected<std::unique_ptr<Loop>, std::string> create();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Tells `handler` of `events` at `fd` (level-triggered unless they have EPOLLET). The error says what failed.
    std::expected<void, std::string> add(int fd, std::uint32_t events, Handler& handler);
    void modify(int fd, std::uint32_t events, Handler& handler);
    /// No event of `fd` reaches `handler` from now on, not even one that has been fetched. Before the fd is closed.
    void remove(int fd, Handler& handler);

    /// Called each time before the loop sleeps: the place to send what a batch of events has gathered.
    void set_before_wait(std::function<void()> hook) { before_wait_ = std::move(hook); }

    /// Runs until stop().
    void run();
    /// One round: waits at most `wait_max_ms` (-1: until something happens), handles what there is.
    void step(int wait_max_ms);
    /// [any-thread] Makes run() return after its current round. Stays: a later run() returns at once.
    void stop();
    bool stopped() const { return stopped_.load(std::memory_order_acquire); }
    /// [any-thread] Runs `work` on the loop's thread, in the order posted. What is posted and never run is destroyed
    /// with the loop.
    void post(std::function<void()> work);

    /// The monotonic clock in microseconds, as read when the current round began.
    std::uint64_t now_us() const { return now_us_; }
    /// The same clock, read now.
    static std::uint64_t clock_us();

  private:
    friend class Timer;
    struct Due {
        std::uint64_t at_us;
        Timer* timer;
    };
    // Bounds one round, so that timers and posted work have their turn under load.
    static constexpr std::size_t events_max = 128;

    Loop(Fd epoll, Fd wakeup);
    void wake();
    void run_posted();
    void run_timers();
    int wait_ms(int wait_max_ms) const;

    void push(Timer& timer, std::uint64_t at_us);
    void erase(Timer& timer);
    void sift_up(std::size_t index);
    void sift_down(std::size_t index);
    void place(std::size_t index, Due due);

    Fd epoll_;
    Fd wakeup_;
    std::array<epoll_event, events_max> events_{};
    std::size_t events_count_ = 0;
    std::size_t events_next_ = 0;
    std::vector<Due> heap_;
    std::function<void()> before_wait_;
    std::uint64_t now_us_ = 0;
    std::atomic<bool> stopped_ = false;
    std::mutex posted_lock_;
    std::vector<std::function<void()>> posted_;
    std::vector<std::function<void()>> posted_now_;
};

/// Calls back once when its time has come; made once, armed as often as needed. Moving the time later costs nothing,
/// which is what an idle timeout does with each message. Destroyed before its loop.
class Timer {
  public:
    Timer(Loop& loop, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {}
    ~Timer() { disarm(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Calls back in `delay_us`, rounded up to the next millisecond; an earlier arming is forgotten.
    void arm(std::uint64_t delay_us) { arm_at(loop_.now_us() + delay_us); }
    void arm_at(std::uint64_t at_us);
    void disarm();
    bool armed() const { return armed_; }

  private:
    friend class Loop;
    static constexpr std::size_t nowhere = SIZE_MAX;

    Loop& loop_;
    std::function<void()> callback_;
    std::uint64_t at_us_ = 0;
    std::size_t index_ = nowhere;  // in the loop's heap, where its time may be earlier than at_us_
    bool armed_ = false;
};

}  // namespace uncut::harness
