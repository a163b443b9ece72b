// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/upstream/plan.hpp"
#include "harness/upstream/query_log.hpp"
#include "harness/upstream/service.hpp"

namespace uncut::harness::upstream {

struct UpstreamConfig {
    Address listen = Address::loopback(0);  ///< port 0: any that is free over UDP and TCP
    std::string zone_text;                  ///< records in master-file form; with zone_files, both are loaded
    std::vector<std::filesystem::path> zone_files;
    std::size_t udp_limit_octets = 1232;  ///< a UDP response is at most this and what the client accepts; 0: the latter
    std::vector<Fault> faults;
    bool tcp = true;                        ///< false: the port refuses TCP for good
    std::size_t recent_queries_max = 1024;  ///< how many queries are kept for queries()
};

/// What of the upstream is to be another; what is left out stays as it is.
struct Change {
    std::shared_ptr<const Zones> zones{};
    std::optional<std::vector<NumberedFault>> faults{};  ///< all that there are to be
    std::optional<std::size_t> udp_octets_max{};         ///< 0: no limit but the client's
};

/// A DNS server that answers from zone text and does wrong on request, over UDP and TCP at one port, on a thread of its
/// own. Every member function may be called from any thread; a change is in force when the call returns.
class Upstream {
  public:
    /// The error says what cannot be bound, or which file and line of the zone is wrong.
    static std::expected<std::unique_ptr<Upstream>, std::string> start(UpstreamConfig config);
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    /// Where it listens, with the real port.
    Address address() const { return address_; }
    /// Closes everything and ends the thread; what was seen can still be read.
    void stop();

    /// Makes the change as a whole, or says why not and makes none.
    std::expected<void, std::string> change(Change change);
    /// The faults as they stand.
    std::vector<FaultState> faults();
    /// Forgets what it saw and what it was about to send, and closes TCP connections.
    void forget();

    Statistics statistics();
    /// The last queries, oldest first.
    std::vector<SeenQuery> queries();

  private:
    class Worker;
    explicit Upstream(std::unique_ptr<Worker> worker);
    /// Runs `work` on the worker's thread and waits for it; after stop, here.
    void on_worker(const std::function<void()>& work);

    Address address_;
    std::unique_ptr<Worker> worker_;
    std::mutex calls_;  // calls are taken one by one, so that none is posted to a loop that has ended
    std::thread thread_;
};

}  // namespace uncut::harness::upstream
