// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "harness/upstream/answer.hpp"
#include "harness/upstream/plan.hpp"
#include "harness/upstream/query_log.hpp"

namespace uncut::harness::upstream {

/// What the upstream has seen and done since it started or was reset.
struct Statistics {
    std::uint64_t udp_queries = 0;
    std::uint64_t tcp_queries = 0;
    std::uint64_t tcp_connections = 0;  ///< accepted
    std::uint64_t truncated = 0;        ///< responses with TC
    std::uint64_t ignored = 0;          ///< messages that may not be answered: too short, or a response
    std::uint64_t withheld = 0;         ///< queries left without an answer by a fault
    std::uint64_t send_errors = 0;      ///< datagrams that the system refused
};

/// One message to be sent for a query.
struct ReplyMessage {
    std::vector<std::uint8_t> octets;
    std::uint32_t delay_ms = 0;
    bool other_port = false;  ///< UDP: from a port that was not asked
};

/// What is to be sent for one query. Kept and reused, so that its vectors keep their room.
struct Reply {
    std::vector<ReplyMessage> messages;  ///< the first `count` are valid
    std::size_t count = 0;
    TcpManners tcp;

    ReplyMessage& add(std::uint32_t delay_ms = 0);
    void clear();
};

/// One query in, its reply out: everything but the sockets. One thread at a time.
class Service {
  public:
    Service(std::shared_ptr<const Zones> zones, FaultSet faults, std::size_t udp_limit_octets,
            std::size_t recent_queries_max)
        : cache_(std::move(zones)),
          faults_(std::move(faults)),
          udp_limit_octets_(udp_limit_octets),
          log_(recent_queries_max) {}

    void handle(std::span<const std::uint8_t> message, Transport transport, const Address& client, Reply& reply);

    void set_zones(std::shared_ptr<const Zones> zones) { cache_ = AnswerCache(std::move(zones)); }
    void set_faults(FaultSet faults);
    void set_udp_limit(std::size_t octets) { udp_limit_octets_ = octets; }
    void clear_statistics();

    FaultSet& faults() { return faults_; }
    const FaultSet& faults() const { return faults_; }
    const QueryLog& log() const { return log_; }
    Statistics& statistics() { return statistics_; }

  private:
    std::size_t limit_octets(const Query& query) const;
    void respond(const Query& query, const WireAnswer* answer, Transport transport, const Plan& plan, Reply& reply);
    void write(const Query& query, const WireAnswer* answer, Transport transport, const Plan& plan);
    void add_forgeries(const Plan& plan, Reply& reply) const;

    AnswerCache cache_;
    FaultSet faults_;
    std::size_t udp_limit_octets_;  // 0: none but the client's
    QueryLog log_;
    Statistics statistics_;
    std::vector<std::uint8_t> response_;
};

}  // namespace uncut::harness::upstream
