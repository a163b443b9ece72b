// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "harness/net/loop.hpp"
#include "harness/upstream/delay_line.hpp"
#include "harness/upstream/service.hpp"
#include "harness/upstream/tcp_outbox.hpp"

namespace uncut::harness::upstream {

/// One client's TCP connection to the upstream. The loop's thread.
class TcpConnection : public Loop::Handler {
  public:
    /// What a connection needs of the listener that has it.
    struct Owner {
        Loop& loop;
        DelayLine& delays;
        Service& service;
        std::function<TcpConnection*(std::uint64_t)> find;  ///< nullptr once it has ended
        std::function<void(std::uint64_t)> end;             ///< destroys it
    };

    TcpConnection(const Owner& owner, std::uint64_t id, Fd socket, const Address& client);
    ~TcpConnection() override;

    bool begin();
    void on_events(std::uint32_t events) override;

  private:
    /// Octets of one answer or more that leave together.
    struct Batch {
        std::vector<std::uint8_t> octets;
        std::uint32_t delay_ms = 0;
        bool one_octet = false;
        std::uint32_t reorder_count = 0;
        bool coalesce = false;
        bool then_close = false;
    };

    // Each returns false when the connection, and this object with it, is gone.
    bool read_all();
    bool take_messages();
    bool take(std::span<const std::uint8_t> message);
    bool flush();
    bool reset();

    std::vector<Batch> batches() const;
    void limit(std::vector<Batch>& batches, std::size_t octets) const;
    void deliver(Batch batch);
    void send_held();
    void pair();
    void end() { owner_.end(std::uint64_t{id_}); }

    const Owner& owner_;
    std::uint64_t id_;
    Fd socket_;
    Address client_;
    Timer idle_;
    Timer hold_;
    Reply reply_;
    std::vector<std::uint8_t> in_;
    TcpOutbox out_;
    std::vector<Batch> held_;       // answers that wait to leave in the reverse order
    Batch single_;                  // the answer that goes twice if no other comes along; none: it is empty
    std::size_t turn_ = 0;          // answers since the last time that octets were looked for
    std::size_t delayed_ = 0;       // batches in the delay line
    bool read_closed_ = false;      // the client sent FIN: answer what is left, then close (RFC 7766 6.2.4)
    bool close_when_sent_ = false;  // the fault that closes
    bool silent_ = false;           // the fault that stalls or closes: no later query is answered
};

}  // namespace uncut::harness::upstream
