// SPDX-License-Identifier: Apache-2.0
// Zone transfers over TCP: each relayed message by message, on a connection of its own.
#pragma once

#include <array>

#include "module/engine/storage.hpp"
#include "module/engine/tcp_connection.hpp"
#include "module/engine/transfer.hpp"

namespace uncut::engine {

// Transfers at a time. They are long and hold a connection each; a secondary asks for one at a time.
inline constexpr std::uint32_t relays_max = 16;
// The transfer ends when no whole message has come for so long, or after so long in all.
inline constexpr std::uint64_t relay_idle_us = 10'000'000;
inline constexpr std::uint64_t relay_total_us = 900'000'000;

// The callee may close any relay.
class RelayOwner {
  public:
    virtual void on_relayed(std::uint32_t slot, Octets message, bool last) noexcept = 0;  // last: it is closed
    virtual void on_relay_failed(std::uint32_t slot, std::uint32_t cause) noexcept = 0;   // it is closed

  protected:
    ~RelayOwner() = default;
};

// [one thread]
class Relays {
  public:
    Relays(RelayOwner& owner, int epoll, std::uint64_t tag);  // throws std::bad_alloc

    // Asks on a new connection. UNCUT_CAUSE_NONE with `relay` set, or why not.
    std::uint32_t open(std::uint32_t slot, const Address& address, Octets query, std::uint32_t& relay) noexcept;
    void close(std::uint32_t relay) noexcept;
    bool is_connecting(std::uint32_t relay) const noexcept {
        return relays_[relay].connection.state() == Connection::State::connecting;
    }
    void on_events(std::uint32_t relay, std::uint32_t generation) noexcept;

  private:
    struct Relay {
        Connection connection;
        Transfer transfer;
        Block read;
        Block write;
        std::uint32_t generation = 0;
        std::uint32_t slot = none;  // none: free
    };
    void fail(std::uint32_t relay, std::uint32_t cause) noexcept;
    bool take_message(std::uint32_t relay, Octets message) noexcept;

    RelayOwner& owner_;
    int epoll_;
    std::uint64_t tag_;
    std::array<Relay, relays_max> relays_;
    Storage buffers_;
};

}  // namespace uncut::engine
