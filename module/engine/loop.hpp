// SPDX-License-Identifier: Apache-2.0
// The loop: takes submissions in, performs what their exchanges ask for, and tells them what came of it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>

#include "module/engine/engine.hpp"
#include "module/engine/letter_case.hpp"
#include "module/engine/outbox.hpp"
#include "module/engine/relay.hpp"
#include "module/engine/slots.hpp"
#include "module/engine/tcp_pool.hpp"
#include "module/engine/udp_pool.hpp"

namespace uncut::engine {

// One UDP query that may still be answered. An exchange may have several: a timeout does not end one, because the
// answer may still come.
struct Attempt {
    std::uint64_t key;  // socket, upstream and ID: where its answer will be found
    std::uint32_t slot;
    std::uint32_t next;  // of the same slot
    std::uint32_t socket;
    std::uint8_t upstream;
    std::uint8_t name_octets;  // of the name as sent, where letter case is checked; 0: it is not
};

class Loop final : public Engine, private TcpOwner, private RelayOwner {
  public:
    // Throws std::bad_alloc or std::system_error.
    Loop(exchange::Instance& instance, const Config& config);
    ~Loop() override = default;

    bool inside_completion() const noexcept override { return inside_; }
    int descriptor() const noexcept override { return epoll_.get(); }
    Status submit(Octets message, std::uint32_t transport, std::uint64_t token,
                  std::uint64_t& ticket) noexcept override;
    Status cancel(std::uint64_t ticket) noexcept override;
    Status process() noexcept override;
    std::size_t in_flight() const noexcept override { return slots_.used(); }
    void stop() noexcept override;

  private:
    // The most datagrams that one system call sends or receives.
    static constexpr std::uint32_t send_batch_max = 64;
    static constexpr std::uint32_t receive_batch_max = 16;
    // UDP queries of one exchange that may still be answered: as many as the default policy tries. Of more, the oldest
    // is given up.
    static constexpr std::uint32_t attempts_each = 3;

    // UDP queries that leave together, through one socket. Full: its socket may carry no more.
    struct Batch {
        std::uint32_t socket = none;
        std::uint32_t count = 0;
        std::array<mmsghdr, send_batch_max> headers{};
        std::array<iovec, send_batch_max> octets{};
        std::array<std::uint64_t, send_batch_max> tickets{};
        std::array<std::uint32_t, send_batch_max> attempts{};
    };
    struct Failure {
        std::uint64_t ticket;
        std::uint32_t attempt;
        std::uint32_t cause;
    };

    // loop.cpp: the calls of the host, and the round.
    Status begin(std::uint32_t slot, Octets message, std::uint32_t transport) noexcept;
    void lend_kept(std::uint32_t slot) noexcept;
    void release(std::uint32_t slot) noexcept;
    void dispatch(std::uint64_t tag, std::uint32_t events) noexcept;
    void flush() noexcept;
    void send_out(const Outbox::Entry& entry) noexcept;
    void expire() noexcept;
    void arm() noexcept;
    std::uint64_t clock_us() const noexcept;

    // loop_trace.cpp: what a host that asked for it is told.
    void trace(TraceEvent& event) noexcept;
    void trace(std::uint32_t slot, TraceEvent event) noexcept;
    void trace_start(std::uint32_t slot, Octets query, std::uint64_t revision) noexcept;
    void trace_ask(std::uint32_t slot, std::uint32_t upstream, std::uint32_t transport, Octets query,
                   std::uint32_t socket, bool shared) noexcept;
    void trace_message(std::uint32_t slot, const exchange::Event& event, const exchange::Action& action,
                       std::uint32_t socket) noexcept;
    void trace_failed(std::uint32_t slot, std::uint32_t upstream, std::uint32_t transport,
                      std::uint32_t cause) noexcept;
    void trace_ignored(std::uint32_t slot, std::uint32_t cause, std::uint32_t socket, Octets message) noexcept;
    bool is_traced() const noexcept { return config_.trace != nullptr; }

    // loop_exchange.cpp: events in, actions out.
    void await(std::uint32_t slot, const exchange::Action& action) noexcept;
    void tell(std::uint32_t slot, const exchange::Event& event, exchange::Action& action) noexcept;
    void tell_failed(std::uint32_t slot, std::uint32_t upstream, std::uint32_t transport, std::uint32_t cause) noexcept;
    void perform(std::uint32_t slot, const exchange::Action& action, const std::uint8_t* message) noexcept;
    void finish(std::uint32_t slot, const Completion& completion) noexcept;
    void complete(std::uint64_t token, const Completion& completion) noexcept;
    void on_time(std::uint32_t slot) noexcept;
    std::uint32_t queue_udp(std::uint32_t slot, const exchange::Action& action, const std::uint8_t* message) noexcept;
    std::uint32_t ask_tcp(std::uint32_t slot, std::uint32_t upstream, Octets query) noexcept;
    void leave_retry(std::uint32_t slot) noexcept;
    std::uint32_t pop_waiter(std::uint32_t retry) noexcept;
    void on_answer(std::uint32_t retry, std::span<std::uint8_t> message) noexcept override;
    void on_failed(std::uint32_t retry, std::uint32_t cause) noexcept override;

    // loop_udp.cpp: datagrams.
    std::uint32_t send_udp(std::uint32_t slot, std::uint32_t upstream, std::span<std::uint8_t> message) noexcept;
    std::uint32_t add_to_batch(std::uint32_t slot, std::uint32_t upstream, std::span<std::uint8_t> message,
                               Batch& batch) noexcept;
    void send_batch(Batch& batch) noexcept;
    void send_batches() noexcept;
    void fail_attempt(const Failure& failure) noexcept;
    void end_attempt(std::uint32_t attempt) noexcept;
    void end_attempts(std::uint32_t slot) noexcept;
    void receive(std::uint32_t socket) noexcept;
    void read_errors(std::uint32_t socket) noexcept;
    void on_datagram(std::uint32_t socket, const Address& source, std::span<std::uint8_t> datagram, bool cut) noexcept;
    void ignore(std::uint32_t slot, std::uint32_t cause, std::uint32_t socket, Octets datagram) noexcept;
    std::uint64_t& late(std::uint64_t key) noexcept;
    std::uint8_t* sent_name(std::uint32_t attempt) const noexcept {
        return names_.data() + std::size_t{attempt} * (question_name_max + 1);
    }
    static std::uint64_t attempt_key(std::uint32_t socket, std::uint32_t upstream, std::uint16_t id) noexcept {
        return (std::uint64_t{socket} + 1) << 32 | upstream << 16 | id;
    }

    // loop_relay.cpp: zone transfers.
    void begin_relay(std::uint32_t slot, std::span<std::uint8_t> query) noexcept;
    void relay_over_udp(std::uint32_t slot, std::span<std::uint8_t> query) noexcept;
    void finish_relay(std::uint32_t slot, std::uint32_t cause) noexcept;
    void answer_here(std::uint32_t slot, std::uint16_t rcode, bool truncated) noexcept;
    void on_relay_datagram(std::uint32_t slot, std::uint32_t attempt, std::span<std::uint8_t> datagram) noexcept;
    void on_relayed(std::uint32_t slot, Octets message, bool last) noexcept override;
    void on_relay_failed(std::uint32_t slot, std::uint32_t cause) noexcept override;

    exchange::Instance& instance_;
    const Config config_;
    Random random_;
    Fd epoll_;
    Fd timer_;
    std::uint64_t now_us_ = 0;
    std::uint64_t armed_us_ = Timers::never;
    std::uint64_t serial_ = 0;  // of the last entry of an outbox
    bool inside_ = false;
    bool stopped_ = false;

    Upstreams upstreams_;
    Slots slots_;
    Storage states_;
    Storage kept_;
    Storage queries_;
    Timers timers_;  // slots, then connections
    std::array<Outbox, 2> outboxes_;
    Outbox* outbox_ = &outboxes_[0];  // where to put; the other is being sent, or empty

    Pool<Attempt> attempts_;
    IndexMap attempt_ids_;
    Mapping names_;
    Mapping late_;
    UdpPool udp_;
    std::array<Batch, 2> batches_;  // IPv4, IPv6
    Mapping received_;
    Mapping out_;  // what an exchange writes

    Retries retries_;
    TcpPool tcp_;
    Relays relays_;
    std::array<std::uint64_t, relays_max> relay_ends_us_{};
};

}  // namespace uncut::engine
