// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/net/fd.hpp"
#include "harness/net/loop.hpp"
#include "harness/server/counters.hpp"
#include "harness/server/in_flight.hpp"

namespace uncut::harness {

class TcpService;

/// One client's connection: frames in any segmentation come in, answers go out as they complete, in any order
/// (RFC 7766 6.2.1.1, 7). Nothing is destroyed or sent from inside a callback: what happens marks the connection as
/// unsettled, and settle(), called by the service before the loop sleeps, does the rest.
class TcpConnection final : public Loop::Handler {
  public:
    /// Whether an answer is the last of its query, or one message of a zone transfer.
    enum class Answer : std::uint8_t { part, last };

    TcpConnection(TcpService& service, Fd socket, const Address& client);
    ~TcpConnection() override;

    void on_events(std::uint32_t events) override;
    /// Queues one message; its length goes in front, both leave in one write.
    void answer(std::span<const std::uint8_t> message, Answer kind);
    /// Reads no more; closes when all that is in flight is answered and written.
    void finish();
    /// Writes, goes on reading, or closes, as things stand. False: it is over, destroy it.
    bool settle();
    /// Over at once: nothing more is read or sent; what is in flight or unsent is dropped for `cause`.
    void kill(DropCause cause);

    const Address& client() const { return client_; }

    // For the forwarder: the list of the connection's queries that wait for their answers.
    std::uint32_t first_query() const { return first_query_; }
    void set_first_query(std::uint32_t index) { first_query_ = index; }
    void count_waiting(int change) { waiting_ += static_cast<std::uint32_t>(change); }

  private:
    friend class TcpService;
    // One message in the output that is not wholly written.
    struct Frame {
        std::size_t end;  // in output_
        Answer kind;
    };
    // One read takes at most a whole message; more waits for the next round, so that others have their turn.
    // An idle connection keeps no more than this of each buffer.
    static constexpr std::size_t idle_buffer_octets = 4'096;

    void read();
    std::size_t submit_frames(std::span<const std::uint8_t> octets);
    void resume();
    bool append(std::span<const std::uint8_t> message, Answer kind);
    void write();
    void count_written();
    void compact();
    void watch();
    bool may_submit() const;
    bool over() const;
    void idle();
    std::size_t unsent() const { return output_.size() - sent_; }

    TcpService& service_;
    Fd socket_;
    Address client_;
    Timer idle_timer_;
    std::vector<std::uint8_t> input_;   // octets that no whole message was made of, or that wait at the cap
    std::vector<std::uint8_t> output_;  // frames, written up to sent_
    std::vector<Frame> frames_;         // of output_, those from frames_written_ on not wholly written
    std::size_t sent_ = 0;
    std::size_t frames_written_ = 0;
    std::uint64_t written_since_idle_check_ = 0;
    std::uint32_t first_query_ = PendingQuery::none;
    std::uint32_t waiting_ = 0;
    std::uint32_t watched_ = 0;  // the events that the loop waits for
    bool read_ended_ = false;    // a FIN came, or finish()
    bool overflowed_ = false;
    bool dead_ = false;
    bool unsettled_ = false;  // in the service's list
};

}  // namespace uncut::harness
