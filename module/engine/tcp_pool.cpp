// SPDX-License-Identifier: Apache-2.0
#include "module/engine/tcp_pool.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

namespace uncut::engine {
namespace {

// A frame and its length, in whole pages.
constexpr std::uint32_t buffer_octets = 69'632;
static_assert(buffer_octets >= wire::frame_octets_max);

// Another connection is opened when all have so many queries unanswered: few connections (RFC 7766 6.2.2), but an
// upstream that answers in order must not let everybody wait for everybody.
constexpr std::uint32_t spread_at = 32;

// A connection that has been tried for less than this is no evidence that the upstream cannot be connected: the query
// had little time left. To say so would hold all others off.
constexpr std::uint64_t connect_evidence_us = 100'000;

// Reads of one connection in a row, so that one busy upstream does not starve the rest.
constexpr int reads_max = 16;

// Draws of an ID that is free. With at most 4,096 of 65,536 taken, so many in vain do not happen.
constexpr int id_draws_max = 32;

constexpr std::uint32_t generation_mask = 0xffffff;  // what fits beside the index in what epoll hands back

std::array<Storage::Class, 1> classes(std::uint32_t lines) {
    return {{{buffer_octets, lines * 2, true}}};
}

}  // namespace

TcpPool::TcpPool(const Config& config, const Parts& parts, std::uint64_t seed)
    : parts_(parts),
      per_upstream_(config.tcp_connections_max),
      pipeline_max_(config.tcp_pipeline_max),
      abandoned_max_(std::min(config.tcp_pipeline_max / 2, config.in_flight_max / connections(config))),
      idle_us_(std::uint64_t{config.tcp_idle_ms} * 1000),
      lines_(connections(config)),
      buffers_(classes(connections(config))),
      ids_(config.in_flight_max * 2, seed) {
    dirty_.reserve(lines_.size());
}

bool TcpPool::takes(const Line& line, const Retry& retry) const noexcept {
    if (!line.used || line.draining || line.live + line.abandoned >= pipeline_max_) return false;
    if (!line.connection.has_room(retry.octets)) return false;
    if (!retry.keeps_id) return true;
    const auto index = static_cast<std::uint32_t>(&line - lines_.data());
    return ids_.find(key(index, wire::id(retry.query.data))) == none;
}

// The least loaded of the upstream's connections that can take it. `fresh`: of those that have answered nothing yet.
std::uint32_t TcpPool::choose(const Retry& retry, bool fresh) noexcept {
    std::uint32_t best = none;
    const std::uint32_t first = retry.upstream * per_upstream_;
    for (std::uint32_t index = first; index < first + per_upstream_; ++index) {
        const Line& line = lines_[index];
        if (!takes(line, retry) || (fresh && line.answers > 0)) continue;
        if (best == none || line.live + line.abandoned < lines_[best].live + lines_[best].abandoned) best = index;
    }
    return best;
}

std::uint32_t TcpPool::open(std::uint32_t index, std::uint32_t upstream, bool again, std::uint64_t now_us) noexcept {
    Line& line = lines_[index];
    if (!buffers_.take(buffer_octets, line.read)) return UNCUT_CAUSE_LIMIT;
    if (!buffers_.take(buffer_octets, line.write)) {
        buffers_.give(line.read.handle);
        return UNCUT_CAUSE_LIMIT;
    }
    line.generation = (line.generation + 1) & generation_mask;
    const std::uint64_t tag = parts_.tag | std::uint64_t{line.generation} << 32 | index;
    const Connection::Buffers buffers{{line.read.data, buffer_octets}, {line.write.data, buffer_octets}};
    const std::uint32_t cause = line.connection.open(parts_.upstreams.address(upstream), buffers, parts_.epoll, tag);
    if (cause != UNCUT_CAUSE_NONE) {
        buffers_.give(line.read.handle);
        buffers_.give(line.write.handle);
        return cause;
    }
    parts_.instance.counters.add(again ? exchange::Counter::tcp_reconnects : exchange::Counter::tcp_connections);
    if (line.connection.state() == Connection::State::open) parts_.instance.tcp_connected(upstream);
    line.upstream = upstream;
    line.first = none;
    line.live = line.abandoned = 0;
    line.answers = 0;
    line.opened_us = now_us;
    line.message_us = 0;
    line.used = true;
    line.draining = false;
    return UNCUT_CAUSE_NONE;
}

bool TcpPool::pick_id(std::uint32_t line, const Retry& retry, std::uint16_t& id) noexcept {
    id = wire::id(retry.query.data);  // drawn at random by the exchange: good unless it is taken here
    if (ids_.find(key(line, id)) == none) return true;
    for (int draws = 0; draws < id_draws_max && !retry.keeps_id; ++draws) {
        std::uint32_t draw = 0;
        if (!parts_.random.below(65'536, draw)) return false;
        id = static_cast<std::uint16_t>(draw);
        if (ids_.find(key(line, id)) == none) return true;
    }
    return false;
}

std::uint32_t TcpPool::place_at(std::uint32_t index, bool fresh, std::uint64_t now_us) noexcept {
    Retry& retry = parts_.retries[index];
    std::uint32_t line = choose(retry, fresh);
    if (line == none || lines_[line].live + lines_[line].abandoned >= spread_at) {
        const auto first = lines_.begin() + retry.upstream * per_upstream_;
        const auto spare = std::find_if(first, first + per_upstream_, [](const Line& each) { return !each.used; });
        if (spare != first + per_upstream_) {
            const auto opened = static_cast<std::uint32_t>(spare - lines_.begin());
            const std::uint32_t cause = open(opened, retry.upstream, fresh, now_us);
            if (cause == UNCUT_CAUSE_NONE) line = opened;
            if (line == none) return cause;
        }
    }
    std::uint16_t id = 0;
    if (line == none || !pick_id(line, retry, id)) return UNCUT_CAUSE_LIMIT;
    if (!lines_[line].connection.append(retry.message(), id)) return UNCUT_CAUSE_LIMIT;
    retry.wire_id = id;
    retry.placed_us = now_us;
    attach(line, index);
    touch(line);
    return UNCUT_CAUSE_NONE;
}

std::uint32_t TcpPool::place(std::uint32_t retry, std::uint64_t now_us) noexcept {
    return place_at(retry, false, now_us);
}

void TcpPool::attach(std::uint32_t index, std::uint32_t added) noexcept {
    Line& line = lines_[index];
    Retry& retry = parts_.retries[added];
    retry.connection = index;
    retry.previous_there = none;
    retry.next_there = line.first;
    if (line.first != none) parts_.retries[line.first].previous_there = added;
    line.first = added;
    ids_.insert(key(index, retry.wire_id), added);
    ++line.live;
    parts_.timers.clear(parts_.first_timer + index);
}

void TcpPool::detach(std::uint32_t removed) noexcept {
    Retry& retry = parts_.retries[removed];
    const std::uint32_t index = retry.connection;
    Line& line = lines_[index];
    ids_.erase(key(index, retry.wire_id));
    if (retry.previous_there == none) {
        line.first = retry.next_there;
    } else {
        parts_.retries[retry.previous_there].next_there = retry.next_there;
    }
    if (retry.next_there != none) parts_.retries[retry.next_there].previous_there = retry.previous_there;
    retry.connection = none;
    --(retry.abandoned ? line.abandoned : line.live);
    rest(index);
}

// What becomes of a connection on which nobody waits.
void TcpPool::rest(std::uint32_t index) noexcept {
    Line& line = lines_[index];
    if (line.live != 0) return;
    if (line.draining || line.connection.state() != Connection::State::open) {
        touch(index);
        return;
    }
    // Whole messages alone keep it alive: RFC 7766 6.2.3.
    parts_.timers.set(parts_.first_timer + index, std::max(line.message_us, line.opened_us) + idle_us_);
}

void TcpPool::touch(std::uint32_t index) noexcept {
    if (lines_[index].dirty) return;
    lines_[index].dirty = true;
    dirty_.push_back(index);
}

void TcpPool::stalled(std::uint32_t index) noexcept {
    const Retry& retry = parts_.retries[index];
    Line& line = lines_[retry.connection];
    parts_.retries.close(index);
    // A connection that has been silent since it took the query would let each new one wait as long; one that
    // answered others is alive, and only this answer is slow.
    if (line.message_us <= retry.placed_us) line.draining = true;
}

void TcpPool::release(std::uint32_t index) noexcept {
    Retry& retry = parts_.retries[index];
    Line& line = lines_[retry.connection];
    parts_.retries.close(index);
    parts_.retries.forget_query(index);
    retry.abandoned = true;
    --line.live;
    ++line.abandoned;
    // IDs and places that may never come back: rather another connection.
    if (line.abandoned > abandoned_max_) line.draining = true;
    rest(retry.connection);
}

std::uint32_t TcpPool::cause_of_silence(std::uint32_t retry, std::uint64_t now_us) noexcept {
    const Line& line = lines_[parts_.retries[retry].connection];
    const bool connecting = line.connection.state() == Connection::State::connecting;
    return connecting && now_us - line.opened_us >= connect_evidence_us ? UNCUT_CAUSE_CONNECT_TIMEOUT
                                                                        : UNCUT_CAUSE_STALLED;
}

void TcpPool::on_events(std::uint32_t index, std::uint32_t generation, std::uint32_t events,
                        std::uint64_t now_us) noexcept {
    if (index >= lines_.size() || !lines_[index].used || lines_[index].generation != generation) return;
    Line& line = lines_[index];
    if (line.connection.state() == Connection::State::connecting) {
        const std::uint32_t cause = line.connection.finish_connect();
        if (cause != UNCUT_CAUSE_NONE) {
            lose(index, cause, now_us);
            return;
        }
        if (line.connection.state() == Connection::State::connecting) return;
        parts_.instance.tcp_connected(line.upstream);
        line.opened_us = now_us;
        rest(index);
        touch(index);
    }
    if ((events & EPOLLOUT) != 0) touch(index);
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read(index, now_us);
}

void TcpPool::read(std::uint32_t index, std::uint64_t now_us) noexcept {
    Line& line = lines_[index];
    for (int reads = 0; reads < reads_max; ++reads) {
        bool drained = false;
        const std::uint32_t cause = line.connection.fill(drained);
        std::span<std::uint8_t> message;
        while (cause == UNCUT_CAUSE_NONE && line.connection.next(message)) {
            if (!take_message(index, message, now_us)) return;
        }
        if (cause != UNCUT_CAUSE_NONE) {
            lose(index, cause, now_us);
            return;
        }
        if (drained) return;
    }
}

// False: the connection is gone.
bool TcpPool::take_message(std::uint32_t index, std::span<std::uint8_t> message, std::uint64_t now_us) noexcept {
    Line& line = lines_[index];
    const std::uint32_t found = message.size() < 2 ? none : ids_.find(key(index, wire::id(message.data())));
    if (found == none) {
        // An answer to nothing that was asked here: what else this stream says cannot be trusted.
        lose(index, UNCUT_CAUSE_FOREIGN, now_us);
        return false;
    }
    line.message_us = now_us;
    ++line.answers;
    detach(found);
    Retry& retry = parts_.retries[found];
    if (!retry.abandoned) {
        parts_.retries.close(found);
        retry.settled = true;
        parts_.owner.on_answer(found, message);
    }
    parts_.retries.destroy(found);
    return true;
}

// The connection is over. What it left unanswered moves once to a fresh one, if this one had answered before (an
// upstream may close an idle connection while a query is under way) and not begun an answer; all else has failed. Once
// a query, so that an upstream that always closes costs two connections at most (CVE-2023-26249).
void TcpPool::lose(std::uint32_t index, std::uint32_t cause, std::uint64_t now_us) noexcept {
    Line& line = lines_[index];
    const bool closed = cause == UNCUT_CAUSE_CLOSED || cause == UNCUT_CAUSE_RESET;
    const bool movable = closed && line.answers > 0 && !line.connection.inside_frame();
    const std::uint32_t left = vacate(index);
    // Nobody is told before all have moved: a completion may cancel any of them.
    std::uint32_t failed = none;
    for (std::uint32_t each = left; each != none;) {
        Retry& retry = parts_.retries[each];
        const std::uint32_t next = retry.next_there;
        if (retry.abandoned) {
            parts_.retries.destroy(each);
        } else if (const std::uint32_t why = movable ? move(each, cause, now_us) : cause; why != UNCUT_CAUSE_NONE) {
            parts_.retries.close(each);
            retry.settled = true;
            retry.cause = static_cast<std::uint8_t>(why);
            retry.next_there = failed;
            failed = each;
        }
        each = next;
    }
    while (failed != none) {
        const std::uint32_t each = failed;
        failed = parts_.retries[each].next_there;
        parts_.owner.on_failed(each, parts_.retries[each].cause);
        parts_.retries.destroy(each);
    }
}

// Closes a connection and gives its place free, for the one that may take over too. Returns the first of the retries
// that were on it, each of which leads to the next.
std::uint32_t TcpPool::vacate(std::uint32_t index) noexcept {
    Line& line = lines_[index];
    line.draining = true;
    line.connection.close();
    std::uint32_t left = none;
    while (line.first != none) {
        const std::uint32_t each = line.first;
        detach(each);
        parts_.retries[each].next_there = left;
        left = each;
    }
    parts_.timers.clear(parts_.first_timer + index);
    buffers_.give(line.read.handle);
    buffers_.give(line.write.handle);
    line.used = false;
    return left;
}

// UNCUT_CAUSE_NONE, or why the retry failed after all.
std::uint32_t TcpPool::move(std::uint32_t index, std::uint32_t cause, std::uint64_t now_us) noexcept {
    Retry& retry = parts_.retries[index];
    if (retry.moved) return cause;
    retry.moved = true;
    const std::uint32_t why = place_at(index, true, now_us);
    return why == UNCUT_CAUSE_LIMIT ? place_at(index, false, now_us) : why;
}

void TcpPool::on_timer(std::uint32_t index) noexcept {
    if (lines_[index].used && lines_[index].live == 0) {
        lines_[index].draining = true;
        touch(index);
    }
}

void TcpPool::settle(std::uint64_t now_us) noexcept {
    while (!dirty_.empty()) {
        const std::uint32_t index = dirty_.back();
        dirty_.pop_back();
        Line& line = lines_[index];
        line.dirty = false;
        if (!line.used) continue;
        const bool open = line.connection.state() == Connection::State::open;
        if (line.live == 0 && (line.draining || !open)) {
            lose(index, UNCUT_CAUSE_CLOSED, now_us);
            continue;
        }
        if (!open || !line.connection.has_unsent()) continue;
        const std::uint32_t cause = line.connection.flush();
        if (cause != UNCUT_CAUSE_NONE) lose(index, cause, now_us);
    }
}

}  // namespace uncut::engine
