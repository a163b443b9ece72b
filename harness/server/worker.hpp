// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/net/fd.hpp"
#include "harness/net/loop.hpp"
#include "harness/server/config.hpp"
#include "harness/server/counters.hpp"
#include "harness/server/quota.hpp"

namespace uncut::harness {

class Forwarder;

/// The two sockets of one address.
struct ListeningPair {
    Fd udp;
    Fd tcp;
};

/// One thread of a server, with listening sockets, an engine and a loop of its own.
/// Thread rule: construct, start, stop and destroy from one thread; counters from any.
class Worker {
  public:
    /// `config` and `quota` outlive the worker.
    Worker(const ServerConfig& config, std::shared_ptr<const Backend> backend, ConnectionQuota& quota,
           std::vector<ListeningPair> sockets);
    ~Worker();

    /// Returns when the thread serves, or says why it does not.
    std::expected<void, std::string> start();
    /// Makes the thread drain and end; join waits for it.
    void begin_stop();
    void join();

    /// Each returns when the thread has done it: new queries go to `backend` from the commit on.
    std::expected<void, std::string> prepare(std::shared_ptr<const Backend> backend);
    std::expected<void, std::string> commit();
    void revert();

    /// Serves, and has not begun to stop.
    bool serving() const { return !ended_ && thread_.joinable(); }
    ServerCounters counters() const;

  private:
    using Work = std::function<std::expected<void, std::string>(Forwarder&)>;
    std::expected<void, std::string> call(Work work);

    struct Room;  // what lives on the thread's stack
    using Started = std::promise<std::expected<void, std::string>>;

    void run(Started& started);
    void publish(const Room& room);

    const ServerConfig& config_;
    std::shared_ptr<const Backend> backend_;  // to begin with: handed to the thread
    ConnectionQuota& quota_;
    std::vector<ListeningPair> sockets_;
    std::unique_ptr<Loop> loop_;
    std::thread thread_;
    bool stop_wanted_ = false;        // the thread's own
    Forwarder* forwarder_ = nullptr;  // the thread's own
    std::atomic<bool> ended_ = false;
    mutable std::mutex lock_;
    ServerCounters published_;  // as they were between two rounds: the sum holds
};

}  // namespace uncut::harness
