// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/upstream/fault.hpp"
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
    std::uint64_t seed = 1;                 ///< of the faults' probabilities
    std::size_t recent_queries_max = 1024;  ///< how many queries are kept for queries()
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

    /// Replaces all zones by those of the text.
    std::expected<void, std::string> set_answers(std::string_view zone_text);
    std::expected<void, std::string> set_faults(std::vector<Fault> faults);
    /// The faults in force; `times` is what is left.
    std::vector<Fault> faults();
    /// 0: no limit but the client's.
    void set_udp_limit(std::size_t octets);
    /// Back to what it was started with; forgets what it saw, closes TCP connections. The error: the TCP port, once
    /// refused, could not be had back.
    std::expected<void, std::string> reset();

    Statistics statistics();
    /// The last queries, oldest first.
    std::vector<SeenQuery> queries();
    /// Forgets statistics and queries, nothing else.
    void clear_statistics();

  private:
    class Worker;
    Upstream(UpstreamConfig config, std::unique_ptr<Worker> worker);
    /// Runs `work` on the worker's thread and waits for it; after stop, here.
    void on_worker(const std::function<void()>& work);

    UpstreamConfig config_;
    Address address_;
    std::unique_ptr<Worker> worker_;
    std::mutex calls_;  // calls are taken one by one, so that none is posted to a loop that has ended
    std::thread thread_;
};

}  // namespace uncut::harness::upstream
