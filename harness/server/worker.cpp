// SPDX-License-Identifier: Apache-2.0
#include "harness/server/worker.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <exception>
#include <tuple>

#include "harness/log/log.hpp"
#include "harness/server/forwarder.hpp"
#include "harness/server/tcp_service.hpp"
#include "harness/server/udp_listener.hpp"

namespace uncut::harness {
namespace {

constexpr std::chrono::milliseconds call_poll{50};  // how often a call looks whether the thread is still there

// Signals are for the main thread: a worker that took one would end nothing.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

/// Everything that only the thread touches. Destroyed from the end: the connections give up their queries, then the
/// engine completes what is left, and only then its listeners go.
struct Worker::Room {
    Loop& loop;
    const ServerConfig& config;
    ServerCounters counters;
    UdpReceiveBatch receive;
    std::vector<std::unique_ptr<UdpListener>> udp;
    std::unique_ptr<Forwarder> forwarder;
    std::unique_ptr<TcpService> tcp;
    std::unique_ptr<Timer> drain_timer;

    std::expected<void, std::string> furnish(std::vector<ListeningPair> sockets, std::shared_ptr<const Backend> backend,
                                             ConnectionQuota& quota);
    void before_wait();
    void drain();
    void clear();
    std::uint64_t in_flight() const;
};

std::expected<void, std::string> Worker::Room::furnish(std::vector<ListeningPair> sockets,
                                                       std::shared_ptr<const Backend> backend, ConnectionQuota& quota) {
    auto made = Forwarder::create(loop, config, std::move(backend), counters);
    if (!made) return std::unexpected(made.error());
    forwarder = std::move(*made);
    tcp = std::make_unique<TcpService>(loop, config, *forwarder, counters, quota);
    for (ListeningPair& pair : sockets) {
        udp.push_back(std::make_unique<UdpListener>(std::move(pair.udp),
                                                    UdpListener::Shared{config, *forwarder, counters, receive}));
        if (auto added = loop.add(udp.back()->descriptor(), EPOLLIN, *udp.back()); !added) return added;
        if (auto added = tcp->add_listener(std::move(pair.tcp)); !added) return added;
    }
    return {};
}

// A round's queries have been submitted: the engine works once for all of them, and the answers leave in batches.
// Answers may let connections submit what waited at a cap; that is bounded by what they have read.
void Worker::Room::before_wait() {
    do {
        if (forwarder->due()) forwarder->process();
        for (const auto& listener : udp) listener->flush();
        tcp->settle();
    } while (forwarder->due());
    for (const auto& listener : udp) listener->flush();
    if (drain_timer && in_flight() == 0) loop.stop();
}

// What is in flight goes on; nothing new is read.
void Worker::Room::drain() {
    for (const auto& listener : udp) loop.remove(listener->descriptor(), *listener);
    tcp->drain();
    drain_timer = std::make_unique<Timer>(loop, [this] { loop.stop(); });
    drain_timer->arm(std::uint64_t{1'000} * config.limits.drain_max_ms);
}

void Worker::Room::clear() {
    drain_timer.reset();
    tcp.reset();
    forwarder.reset();
    for (const auto& listener : udp) loop.remove(listener->descriptor(), *listener);
    udp.clear();
}

std::uint64_t Worker::Room::in_flight() const {
    return forwarder ? forwarder->in_flight() + tcp->unwritten() : 0;
}

Worker::Worker(const ServerConfig& config, std::shared_ptr<const Backend> backend, ConnectionQuota& quota,
               std::vector<ListeningPair> sockets)
    : config_(config), backend_(std::move(backend)), quota_(quota), sockets_(std::move(sockets)) {}

Worker::~Worker() {
    if (!thread_.joinable()) return;
    begin_stop();
    join();
}

std::expected<void, std::string> Worker::start() {
    auto loop = Loop::create();
    if (!loop) return std::unexpected(loop.error());
    loop_ = std::move(*loop);
    Started started;
    auto result = started.get_future();
    thread_ = std::thread([this, &started] { run(started); });
    auto outcome = result.get();
    if (!outcome) join();
    return outcome;
}

void Worker::run(Started& started) {
    block_signals();
    bool serving = false;
    try {
        Room room{.loop = *loop_,
                  .config = config_,
                  .counters = {},
                  .receive = {},
                  .udp = {},
                  .forwarder = {},
                  .tcp = {},
                  .drain_timer = {}};
        if (auto furnished = room.furnish(std::move(sockets_), std::move(backend_), quota_); !furnished) {
            room.clear();
            return started.set_value(std::move(furnished));
        }
        loop_->set_before_wait([this, &room] {
            if (stop_wanted_ && !room.drain_timer) room.drain();
            room.before_wait();
            publish(room);
        });
        started.set_value({});
        serving = true;
        forwarder_ = room.forwarder.get();
        loop_->run();
        ended_ = true;
        loop_->set_before_wait(nullptr);
        room.clear();
        publish(room);
    } catch (const std::exception& error) {
        // Out of memory, in effect. The sockets are closed by now, so the other threads get this one's clients.
        if (!serving) {
            return started.set_value(std::unexpected(fmt::format("a server thread ended: {}", error.what())));
        }
        log(LogLevel::error, "a server thread ended", {{"reason", error.what()}});
    }
    ended_ = true;
}

std::expected<void, std::string> Worker::call(Work work) {
    // Shared: the thread may still be at it when the caller has given up.
    const auto done = std::make_shared<std::promise<std::expected<void, std::string>>>();
    auto result = done->get_future();
    loop_->post([this, done, work = std::move(work)] {
        try {
            done->set_value(work(*forwarder_));
        } catch (const std::exception& error) {
            done->set_value(std::unexpected(error.what()));
        }
    });
    while (result.wait_for(call_poll) != std::future_status::ready) {
        if (ended_) return std::unexpected("a server thread has ended");
    }
    return result.get();
}

std::expected<void, std::string> Worker::prepare(std::shared_ptr<const Backend> backend) {
    return call([backend = std::move(backend)](Forwarder& forwarder) { return forwarder.prepare(backend); });
}

std::expected<void, std::string> Worker::commit() {
    return call([](Forwarder& forwarder) -> std::expected<void, std::string> {
        forwarder.commit();
        return {};
    });
}

void Worker::revert() {
    std::ignore = call([](Forwarder& forwarder) -> std::expected<void, std::string> {
        forwarder.revert();
        return {};
    });
}

void Worker::publish(const Room& room) {
    const std::lock_guard lock(lock_);
    published_ = room.counters;
    published_.in_flight = room.in_flight();
}

void Worker::begin_stop() {
    loop_->post([this] { stop_wanted_ = true; });
}

void Worker::join() {
    thread_.join();
}

ServerCounters Worker::counters() const {
    const std::lock_guard lock(lock_);
    return published_;
}

}  // namespace uncut::harness
