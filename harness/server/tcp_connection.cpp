// SPDX-License-Identifier: Apache-2.0
#include "harness/server/tcp_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "harness/server/forwarder.hpp"
#include "harness/server/tcp_service.hpp"

namespace uncut::harness {
namespace {

constexpr std::size_t length_octets = 2;

// The octets of the frame that begins here, as far as its length has arrived; 0 before that.
std::size_t frame_octets(std::span<const std::uint8_t> octets) {
    if (octets.size() < length_octets) return 0;
    return length_octets + (static_cast<std::size_t>(octets[0]) << 8 | octets[1]);
}

bool whole_frame(std::span<const std::uint8_t> octets) {
    const std::size_t wanted = frame_octets(octets);
    return wanted != 0 && octets.size() >= wanted;
}

// Gives back what a large message has made of a buffer that is empty now.
template <typename Buffer>
void shrink(Buffer& buffer, std::size_t octets_max) {
    buffer.clear();
    if (buffer.capacity() > octets_max) Buffer().swap(buffer);
}

}  // namespace

TcpConnection::TcpConnection(TcpService& service, Fd socket, const Address& client)
    : service_(service), socket_(std::move(socket)), client_(client), idle_timer_(service.loop(), [this] { idle(); }) {
    idle_timer_.arm(std::uint64_t{1'000} * service_.limits().tcp_idle_ms);
}

TcpConnection::~TcpConnection() = default;

void TcpConnection::on_events(std::uint32_t events) {
    // An error is a reset. A hang-up is the end of both directions: nobody is left to read an answer.
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return kill(DropCause::client_gone);
    if ((events & EPOLLIN) != 0) read();
    service_.unsettle(*this);
}

void TcpConnection::read() {
    const std::span<std::uint8_t> scratch = service_.scratch();
    const ssize_t count = recv(socket_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) kill(DropCause::client_gone);
        return;
    }
    if (count == 0) {
        // RFC 7766 6.2.4: a client that has sent its FIN may still wait for its answers.
        read_ended_ = true;
        return;
    }
    const auto fresh = scratch.first(static_cast<std::size_t>(count));
    if (input_.empty()) {  // the common case: whole messages, submitted from where they were read
        const std::size_t used = submit_frames(fresh);
        input_.assign(fresh.begin() + static_cast<std::ptrdiff_t>(used), fresh.end());
    } else {
        input_.insert(input_.end(), fresh.begin(), fresh.end());
        resume();
    }
}

// Submits the messages that wait in the input.
void TcpConnection::resume() {
    const std::size_t used = submit_frames(input_);
    if (used == input_.size()) {
        shrink(input_, idle_buffer_octets);
    } else {
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(used));
    }
}

std::size_t TcpConnection::submit_frames(std::span<const std::uint8_t> octets) {
    std::size_t used = 0;
    while (may_submit() && whole_frame(octets.subspan(used))) {
        const std::size_t frame = frame_octets(octets.subspan(used));
        // RFC 7766 6.2.3: whole messages reset the idle timer, octets alone do not.
        idle_timer_.arm(std::uint64_t{1'000} * service_.limits().tcp_idle_ms);
        service_.forwarder().take_tcp(*this, octets.subspan(used + length_octets, frame - length_octets));
        used += frame;
    }
    return used;
}

// At a cap nothing is dropped: what was read waits, and the rest waits in the kernel, which slows the client down.
bool TcpConnection::may_submit() const {
    return !dead_ && !overflowed_ && !service_.draining() && waiting_ < service_.limits().tcp_queries_waiting_max &&
           unsent() < service_.limits().tcp_unsent_pause_octets;
}

void TcpConnection::answer(std::span<const std::uint8_t> message, Answer kind) {
    const std::size_t octets = length_octets + message.size();
    const bool fits = unsent() + octets <= service_.limits().tcp_unsent_max_octets && service_.may_keep(octets);
    if (dead_ || overflowed_ || !fits || !append(message, kind)) {
        overflowed_ = true;
        if (kind == Answer::last) service_.counters().count(DropCause::client_not_reading);
    }
    service_.unsettle(*this);
}

// False when memory is out: the output is then as it was. No exception may pass through the module's frames above us.
bool TcpConnection::append(std::span<const std::uint8_t> message, Answer kind) {
    const std::size_t before = output_.size();
    if (output_.empty()) service_.spares().lend(output_);
    try {
        output_.push_back(static_cast<std::uint8_t>(message.size() >> 8));
        output_.push_back(static_cast<std::uint8_t>(message.size() & 0xff));
        output_.insert(output_.end(), message.begin(), message.end());
        frames_.push_back({output_.size(), kind});
    } catch (const std::bad_alloc&) {
        output_.resize(before);
        return false;
    }
    service_.keep(output_.size() - before, kind == Answer::last ? 1 : 0);
    return true;
}

void TcpConnection::finish() {
    read_ended_ = true;
    shrink(input_, 0);
    service_.unsettle(*this);
}

bool TcpConnection::settle() {
    unsettled_ = false;
    if (overflowed_) kill(DropCause::client_not_reading);
    if (!dead_) write();
    if (!dead_) resume();
    if (!dead_ && over()) kill(DropCause::client_gone);
    if (!dead_) watch();
    return !dead_;
}

bool TcpConnection::over() const {
    if (waiting_ != 0 || unsent() != 0) return false;
    return service_.draining() || (read_ended_ && !whole_frame(input_));
}

void TcpConnection::write() {
    while (unsent() != 0) {
        const ssize_t count = send(socket_.get(), output_.data() + sent_, unsent(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) kill(DropCause::client_gone);
            break;
        }
        sent_ += static_cast<std::size_t>(count);
        written_since_idle_check_ += static_cast<std::uint64_t>(count);
        service_.forget(static_cast<std::size_t>(count), 0);
        count_written();
    }
    if (!dead_) compact();
}

void TcpConnection::count_written() {
    for (; frames_written_ < frames_.size() && frames_[frames_written_].end <= sent_; ++frames_written_) {
        if (frames_[frames_written_].kind == Answer::last) {
            service_.forget(0, 1);
            ++service_.counters().answered_tcp;
        } else {
            ++service_.counters().stream_messages;
        }
    }
}

// Takes what is written out of the output: all of it at no cost, a part of it only when that is the larger part.
void TcpConnection::compact() {
    if (unsent() == 0) {
        if (sent_ == 0) return;
        idle_timer_.arm(std::uint64_t{1'000} * service_.limits().tcp_idle_ms);
        if (output_.capacity() > idle_buffer_octets) service_.spares().take_back(output_);
        output_.clear();
        shrink(frames_, idle_buffer_octets / sizeof(Frame));
        sent_ = 0;
        frames_written_ = 0;
    } else if (sent_ > unsent()) {
        output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
        frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(frames_written_));
        for (Frame& frame : frames_) frame.end -= sent_;
        sent_ = 0;
        frames_written_ = 0;
    }
}

// Waits for what can be used now: a client that must wait is left in the kernel's buffer, not polled for.
void TcpConnection::watch() {
    std::uint32_t events = 0;
    if (!read_ended_ && may_submit()) events |= EPOLLIN;
    if (unsent() != 0) events |= EPOLLOUT;
    if (events == watched_) return;
    watched_ = events;
    service_.loop().modify(socket_.get(), events, *this);
}

// No whole message came for the whole time. Answers that are still to come keep the connection; so does a client
// that reads on, if slowly: a message of the largest size in each period.
void TcpConnection::idle() {
    const bool reads_on = unsent() != 0 && written_since_idle_check_ >= service_.limits().tcp_unsent_pause_octets;
    written_since_idle_check_ = 0;
    if ((waiting_ != 0 && unsent() == 0) || reads_on) {
        return idle_timer_.arm(std::uint64_t{1'000} * service_.limits().tcp_idle_ms);
    }
    ++service_.counters().connections_idle_closed;
    kill(unsent() != 0 ? DropCause::client_not_reading : DropCause::client_gone);
}

void TcpConnection::kill(DropCause cause) {
    if (dead_) return;
    dead_ = true;
    service_.forwarder().abandon(*this, cause);
    std::uint64_t answers = 0;
    for (std::size_t i = frames_written_; i < frames_.size(); ++i) answers += frames_[i].kind == Answer::last ? 1 : 0;
    service_.counters().count(cause, answers);
    service_.forget(unsent(), answers);
    idle_timer_.disarm();
    service_.loop().remove(socket_.get(), *this);
    socket_.reset();
    service_.unsettle(*this);
}

}  // namespace uncut::harness
