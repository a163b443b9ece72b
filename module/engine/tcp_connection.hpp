// SPDX-License-Identifier: Apache-2.0
// One TCP connection to an upstream: whole messages in, whole messages out, nothing that blocks.
#pragma once

#include "module/engine/fd.hpp"
#include "module/engine/upstreams.hpp"
#include "module/wire/frame.hpp"

namespace uncut::engine {

// The cause (uncut_cause) of an errno that ended a connection or kept one from being made.
std::uint32_t connect_cause(int error) noexcept;
std::uint32_t stream_cause(int error) noexcept;

class Connection {
  public:
    enum class State : std::uint8_t { closed, connecting, open };

    // What it reads and writes into, frame_octets_max each at least; lent until close().
    struct Buffers {
        std::span<std::uint8_t> read;
        std::span<std::uint8_t> write;
    };

    // Starts to connect. UNCUT_CAUSE_NONE, or why it cannot.
    std::uint32_t open(const Address& address, const Buffers& buffers, int epoll, std::uint64_t tag) noexcept;
    void close() noexcept;
    State state() const noexcept { return state_; }

    // To be called when epoll reports something while connecting: UNCUT_CAUSE_NONE when it is open or still connecting.
    std::uint32_t finish_connect() noexcept;

    // Puts length and message into the write buffer, so that they leave together (RFC 7766 8). False: no room now.
    bool append(Octets message, std::uint16_t id) noexcept;
    bool has_room(std::size_t message_octets) const noexcept;
    // Sends what it can; waits for room to send the rest. UNCUT_CAUSE_NONE, or why the connection is over.
    std::uint32_t flush() noexcept;
    bool has_unsent() const noexcept { return written_ != sent_; }

    // Reads once. `drained`: there is nothing more for now. UNCUT_CAUSE_NONE, or why the connection is over, after
    // the messages that are there.
    std::uint32_t fill(bool& drained) noexcept;
    // The next whole message, valid until fill(). Our own memory: whoever takes it may patch its ID.
    bool next(std::span<std::uint8_t>& message) noexcept;
    bool inside_frame() const noexcept { return reader_.inside_frame(); }

  private:
    void watch(std::uint32_t events) noexcept;

    Fd fd_;
    State state_ = State::closed;
    int epoll_ = -1;
    std::uint64_t tag_ = 0;
    std::uint32_t watched_ = 0;
    wire::FrameReader reader_{{}};
    std::span<std::uint8_t> write_;
    std::size_t sent_ = 0;
    std::size_t written_ = 0;
};

}  // namespace uncut::engine
