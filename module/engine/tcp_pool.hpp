// SPDX-License-Identifier: Apache-2.0
// Connections to upstreams that are kept, pipelined and answered out of order (RFC 7766 6.2.1).
#pragma once

#include <vector>

#include "module/engine/index_map.hpp"
#include "module/engine/random.hpp"
#include "module/engine/retries.hpp"
#include "module/engine/tcp_connection.hpp"
#include "module/engine/timers.hpp"

namespace uncut::engine {

// What the pool tells of the queries that it carries. The callee may place and release others.
class TcpOwner {
  public:
    // The retry is over when this returns. The message may be patched.
    virtual void on_answer(std::uint32_t retry, std::span<std::uint8_t> message) noexcept = 0;
    virtual void on_failed(std::uint32_t retry, std::uint32_t cause) noexcept = 0;

  protected:
    ~TcpOwner() = default;
};

// [one thread]
class TcpPool {
  public:
    struct Parts {
        TcpOwner& owner;
        const Upstreams& upstreams;
        Retries& retries;
        Timers& timers;
        Random& random;
        exchange::Instance& instance;
        int epoll;
        std::uint64_t tag;          // | generation << 32 | connection is what epoll reports
        std::uint32_t first_timer;  // connections have the timers from here on
    };
    TcpPool(const Config& config, const Parts& parts, std::uint64_t seed);  // throws std::bad_alloc

    static std::uint32_t connections(const Config& config) noexcept {
        return static_cast<std::uint32_t>(config.upstreams.size()) * config.tcp_connections_max;
    }

    // Puts a retry on a connection; it leaves with the next settle(). UNCUT_CAUSE_NONE, or why it cannot be carried.
    std::uint32_t place(std::uint32_t retry, std::uint64_t now_us) noexcept;
    // Nobody waits for the retry any more.
    void release(std::uint32_t retry) noexcept;
    // Somebody's time was up. Who asks the same from now on begins anew: to join this one could be to wait for a
    // connection that is dead, and so could the next, without end.
    void stalled(std::uint32_t retry) noexcept;
    // Why a retry whose time is up was not answered: UNCUT_CAUSE_CONNECT_TIMEOUT or _STALLED.
    std::uint32_t cause_of_silence(std::uint32_t retry, std::uint64_t now_us) noexcept;

    void on_events(std::uint32_t connection, std::uint32_t generation, std::uint32_t events,
                   std::uint64_t now_us) noexcept;
    void on_timer(std::uint32_t connection) noexcept;
    // Sends what was placed and closes what is to be closed.
    void settle(std::uint64_t now_us) noexcept;

  private:
    struct Line {
        Connection connection;
        Block read;
        Block write;
        std::uint32_t generation = 0;
        std::uint32_t upstream = 0;
        std::uint32_t first = none;  // the retries on it
        std::uint32_t live = 0;      // those with waiters
        std::uint32_t abandoned = 0;
        std::uint64_t answers = 0;
        std::uint64_t opened_us = 0;
        std::uint64_t message_us = 0;  // the last whole message, or when it was connected
        bool used = false;
        bool draining = false;  // takes no more
        bool dirty = false;     // on the list of those that settle() looks at
    };
    std::uint32_t choose(const Retry& retry, bool fresh) noexcept;
    bool takes(const Line& line, const Retry& retry) const noexcept;
    std::uint32_t open(std::uint32_t line, std::uint32_t upstream, bool again, std::uint64_t now_us) noexcept;
    std::uint32_t place_at(std::uint32_t retry, bool fresh, std::uint64_t now_us) noexcept;
    bool pick_id(std::uint32_t line, const Retry& retry, std::uint16_t& id) noexcept;
    void attach(std::uint32_t line, std::uint32_t retry) noexcept;
    void detach(std::uint32_t retry) noexcept;
    void read(std::uint32_t line, std::uint64_t now_us) noexcept;
    bool take_message(std::uint32_t line, std::span<std::uint8_t> message, std::uint64_t now_us) noexcept;
    void lose(std::uint32_t line, std::uint32_t cause, std::uint64_t now_us) noexcept;
    std::uint32_t vacate(std::uint32_t line) noexcept;
    std::uint32_t move(std::uint32_t retry, std::uint32_t cause, std::uint64_t now_us) noexcept;
    void rest(std::uint32_t line) noexcept;
    void touch(std::uint32_t line) noexcept;
    static std::uint64_t key(std::uint32_t line, std::uint16_t id) noexcept {
        return std::uint64_t{line + 1} << 16 | id;
    }

    Parts parts_;
    std::uint32_t per_upstream_;
    std::uint32_t pipeline_max_;
    std::uint32_t abandoned_max_;  // on one connection: half of what it carries, and its share of what all may leave
    std::uint64_t idle_us_;
    std::vector<Line> lines_;
    std::vector<std::uint32_t> dirty_;
    Storage buffers_;
    IndexMap ids_;  // (line, ID) to retry
};

}  // namespace uncut::engine
