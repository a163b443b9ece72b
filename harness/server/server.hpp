// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/server/config.hpp"
#include "harness/server/counters.hpp"
#include "harness/server/quota.hpp"
#include "harness/server/worker.hpp"

namespace uncut::harness {

/// A DNS server over UDP and TCP that has every query answered by the module's engine, one a thread.
/// Thread rule: start, switch_to, stop and destroy from one thread at a time; the rest from any.
class Server {
  public:
    /// Binds every address, starts the threads. The error is one line that names the address or the setting.
    static std::expected<std::unique_ptr<Server>, std::string> start(ServerConfig config);
    /// Stops.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The addresses listened at, UDP and TCP alike, with the real ports, in the order of the config.
    const std::vector<Address>& addresses() const { return addresses_; }
    /// New queries go to another backend from here on, on all threads; what is in flight ends where it began. An error
    /// changes nothing.
    std::expected<void, std::string> switch_to(std::shared_ptr<const Backend> backend);
    /// Every thread serves.
    bool serving() const;
    /// All threads together.
    ServerCounters counters() const;
    /// Reads nothing more, answers what is in flight (for at most limits.drain_max_ms), closes. May be called twice.
    void stop();

  private:
    explicit Server(ServerConfig config);
    std::expected<void, std::string> check() const;
    static std::expected<void, std::string> check_upstreams(const std::vector<Address>& upstreams,
                                                            const std::vector<Address>& listeners);
    std::expected<void, std::string> bind(std::vector<std::vector<ListeningPair>>& threads);

    ServerConfig config_;  // read alone once threads run
    ConnectionQuota quota_;
    std::vector<Address> addresses_;
    std::vector<std::unique_ptr<Worker>> workers_;
    bool stopped_ = false;
};

}  // namespace uncut::harness
