// SPDX-License-Identifier: Apache-2.0
#include "harness/net/loop.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace uncut::harness {

std::expected<std::unique_ptr<Loop>, std::string> Loop::create() {
    Fd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return std::unexpected(fmt::format("epoll_create1: {}", std::strerror(errno)));
    Fd wakeup(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wakeup) return std::unexpected(fmt::format("eventfd: {}", std::strerror(errno)));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;  // null is the loop's own wakeup
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wakeup.get(), &event) != 0) {
        return std::unexpected(fmt::format("epoll_ctl: {}", std::strerror(errno)));
    }
    return std::unique_ptr<Loop>(new Loop(std::move(epoll), std::move(wakeup)));
}

Loop::Loop(Fd epoll, Fd wakeup) : epoll_(std::move(epoll)), wakeup_(std::move(wakeup)), now_us_(clock_us()) {}

Loop::~Loop() {
    for (const Due& due : heap_) {
        due.timer->index_ = Timer::nowhere;
        due.timer->armed_ = false;
    }
}

std::expected<void, std::string> Loop::add(int fd, std::uint32_t events, Handler& handler) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &handler;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
    return std::unexpected(fmt::format("cannot wait for descriptor {}: {}", fd, std::strerror(errno)));
}

void Loop::modify(int fd, std::uint32_t events, Handler& handler) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &handler;
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::remove(int fd, Handler& handler) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    // What was fetched for it in this round must not reach a handler that may be gone by then.
    for (std::size_t i = events_next_; i < events_count_; ++i) {
        if (events_[i].data.ptr == &handler) events_[i].events = 0;
    }
}

void Loop::run() {
    while (!stopped()) step(-1);
}

void Loop::step(int wait_max_ms) {
    if (before_wait_) before_wait_();
    const int count = epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), wait_ms(wait_max_ms));
    now_us_ = clock_us();
    events_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;  // EINTR is a round without events
    bool woken = false;
    for (events_next_ = 0; events_next_ < events_count_;) {
        const epoll_event event = events_[events_next_++];
        if (event.data.ptr == nullptr) {
            woken = true;
        } else if (event.events != 0) {
            static_cast<Handler*>(event.data.ptr)->on_events(event.events);
        }
    }
    events_count_ = 0;
    run_timers();
    if (woken) run_posted();
}

void Loop::stop() {
    stopped_.store(true, std::memory_order_release);
    wake();
}

void Loop::post(std::function<void()> work) {
    {
        const std::lock_guard lock(posted_lock_);
        posted_.push_back(std::move(work));
    }
    wake();
}

void Loop::wake() {
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then the loop is awake already.
    [[maybe_unused]] const ssize_t written = ::write(wakeup_.get(), &one, sizeof one);
}

void Loop::run_posted() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(wakeup_.get(), &count, sizeof count);
    {
        const std::lock_guard lock(posted_lock_);
        posted_now_.swap(posted_);
    }
    for (auto& work : posted_now_) work();
    posted_now_.clear();
}

std::uint64_t Loop::clock_us() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

int Loop::wait_ms(int wait_max_ms) const {
    if (stopped()) return 0;
    if (heap_.empty()) return wait_max_ms;
    const std::uint64_t now = clock_us();
    if (heap_.front().at_us <= now) return 0;
    // Rounded up: waking before the time would only spin.
    const std::uint64_t wait = (heap_.front().at_us - now + 999) / 1000;
    const auto bounded = static_cast<int>(std::min<std::uint64_t>(wait, 60'000));
    return wait_max_ms < 0 ? bounded : std::min(bounded, wait_max_ms);
}

void Loop::run_timers() {
    while (!heap_.empty() && heap_.front().at_us <= now_us_) {
        Timer& timer = *heap_.front().timer;
        if (timer.at_us_ > now_us_) {  // it was moved later since it was placed here
            place(0, {timer.at_us_, &timer});
            sift_down(0);
            continue;
        }
        erase(timer);
        timer.armed_ = false;
        timer.callback_();
    }
}

void Loop::push(Timer& timer, std::uint64_t at_us) {
    heap_.push_back({at_us, &timer});
    timer.index_ = heap_.size() - 1;
    sift_up(timer.index_);
}

void Loop::erase(Timer& timer) {
    const std::size_t index = timer.index_;
    timer.index_ = Timer::nowhere;
    const Due last = heap_.back();
    heap_.pop_back();
    if (last.timer == &timer) return;
    place(index, last);
    sift_down(index);
    sift_up(last.timer->index_);
}

void Loop::place(std::size_t index, Due due) {
    heap_[index] = due;
    due.timer->index_ = index;
}

void Loop::sift_up(std::size_t index) {
    const Due due = heap_[index];
    while (index > 0 && due.at_us < heap_[(index - 1) / 2].at_us) {
        place(index, heap_[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    place(index, due);
}

void Loop::sift_down(std::size_t index) {
    const Due due = heap_[index];
    for (std::size_t child = 2 * index + 1; child < heap_.size(); child = 2 * index + 1) {
        if (child + 1 < heap_.size() && heap_[child + 1].at_us < heap_[child].at_us) ++child;
        if (due.at_us <= heap_[child].at_us) break;
        place(index, heap_[child]);
        index = child;
    }
    place(index, due);
}

void Timer::arm_at(std::uint64_t at_us) {
    at_us = std::max(at_us, loop_.now_us() + 1);  // never due in the same round: a callback may arm itself again
    at_us_ = at_us;
    armed_ = true;
    if (index_ != nowhere) {
        if (at_us >= loop_.heap_[index_].at_us) return;
        loop_.erase(*this);
    }
    loop_.push(*this, at_us);
}

void Timer::disarm() {
    if (index_ != nowhere) loop_.erase(*this);
    armed_ = false;
}

}  // namespace uncut::harness
