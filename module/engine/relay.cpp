// SPDX-License-Identifier: Apache-2.0
#include "module/engine/relay.hpp"

#include <algorithm>

namespace uncut::engine {
namespace {

constexpr std::uint32_t buffer_octets = 69'632;  // a frame and its length, in whole pages
static_assert(buffer_octets >= wire::frame_octets_max);

constexpr std::uint32_t generation_mask = 0xffffff;  // what fits beside the index in what epoll hands back
constexpr int reads_max = 16;                        // in a row, so that a transfer does not starve the queries

// Their pages are kept: a message is still being read by the host when the host cancels its transfer.
constexpr std::array<Storage::Class, 1> classes{{{buffer_octets, relays_max * 2}}};

}  // namespace

Relays::Relays(RelayOwner& owner, int epoll, std::uint64_t tag)
    : owner_(owner), epoll_(epoll), tag_(tag), buffers_(classes) {}

std::uint32_t Relays::open(std::uint32_t slot, const Address& address, Octets query, std::uint32_t& opened) noexcept {
    const auto free = std::find_if(relays_.begin(), relays_.end(), [](const Relay& each) { return each.slot == none; });
    if (free == relays_.end()) return UNCUT_CAUSE_LIMIT;
    Relay& relay = *free;
    opened = static_cast<std::uint32_t>(free - relays_.begin());
    // Two buffers for each relay there can be: they do not run out.
    if (!buffers_.take(buffer_octets, relay.read) || !buffers_.take(buffer_octets, relay.write)) {
        return UNCUT_CAUSE_LIMIT;
    }
    relay.generation = (relay.generation + 1) & generation_mask;
    const Connection::Buffers buffers{{relay.read.data, buffer_octets}, {relay.write.data, buffer_octets}};
    std::uint32_t cause =
        relay.connection.open(address, buffers, epoll_, tag_ | std::uint64_t{relay.generation} << 32 | opened);
    relay.slot = slot;
    relay.transfer.begin(query);
    if (cause == UNCUT_CAUSE_NONE && !relay.connection.append(query, wire::id(query.data()))) cause = UNCUT_CAUSE_SEND;
    if (cause == UNCUT_CAUSE_NONE && relay.connection.state() == Connection::State::open) {
        cause = relay.connection.flush();
    }
    if (cause != UNCUT_CAUSE_NONE) close(opened);
    return cause;
}

void Relays::close(std::uint32_t index) noexcept {
    Relay& relay = relays_[index];
    relay.connection.close();
    relay.slot = none;
    buffers_.give(relay.read.handle);
    buffers_.give(relay.write.handle);
}

void Relays::fail(std::uint32_t index, std::uint32_t cause) noexcept {
    const std::uint32_t slot = relays_[index].slot;
    close(index);
    owner_.on_relay_failed(slot, cause);
}

// False: it is over.
bool Relays::take_message(std::uint32_t index, Octets message) noexcept {
    Relay& relay = relays_[index];
    const std::uint32_t generation = relay.generation;
    const std::uint32_t slot = relay.slot;
    switch (relay.transfer.read(message)) {
        case Progress::foreign:
            fail(index, UNCUT_CAUSE_FOREIGN);
            return false;
        case Progress::more:
            owner_.on_relayed(slot, message, false);
            break;
        case Progress::last:
            close(index);
            owner_.on_relayed(slot, message, true);
            return false;
    }
    return relay.slot == slot && relay.generation == generation;
}

void Relays::on_events(std::uint32_t index, std::uint32_t generation) noexcept {
    if (index >= relays_max || relays_[index].slot == none || relays_[index].generation != generation) return;
    Relay& relay = relays_[index];
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    if (relay.connection.state() == Connection::State::connecting) {
        cause = relay.connection.finish_connect();
        if (cause == UNCUT_CAUSE_NONE && relay.connection.state() == Connection::State::connecting) return;
    }
    if (cause == UNCUT_CAUSE_NONE) cause = relay.connection.flush();
    bool drained = false;
    for (int reads = 0; cause == UNCUT_CAUSE_NONE && !drained && reads < reads_max; ++reads) {
        cause = relay.connection.fill(drained);
        std::span<std::uint8_t> message;
        while (cause == UNCUT_CAUSE_NONE && relay.connection.next(message)) {
            if (!take_message(index, message)) return;
        }
    }
    if (cause != UNCUT_CAUSE_NONE) fail(index, cause);
}

}  // namespace uncut::engine
