// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/tcp_outbox.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace uncut::harness::upstream {
namespace {

// One octet a system call: others on the loop have their turn after so many.
constexpr int single_octets_a_turn = 2048;

}  // namespace

void TcpOutbox::add(std::vector<std::uint8_t> octets, bool one_octet) {
    if (octets.empty()) return;
    octets_ += octets.size();
    if (!runs_.empty() && runs_.back().one_octet == one_octet) {
        auto& last = runs_.back().octets;
        last.insert(last.end(), octets.begin(), octets.end());
        return;
    }
    runs_.push_back({std::move(octets), one_octet});
}

TcpOutbox::Sent TcpOutbox::send_to(int fd) {
    int singles_left = single_octets_a_turn;
    while (!runs_.empty()) {
        const Run& run = runs_.front();
        if (run.one_octet && singles_left-- == 0) return Sent::some;
        const std::size_t octets = run.one_octet ? 1 : run.octets.size() - first_sent_;
        // MSG_EOR keeps the kernel from putting more into the segment while it waits in the queue.
        const int flags = MSG_NOSIGNAL | (run.one_octet ? MSG_EOR : 0);
        const ssize_t count = send(fd, run.octets.data() + first_sent_, octets, flags);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno == EAGAIN ? Sent::some : Sent::failed;
        first_sent_ += static_cast<std::size_t>(count);
        octets_ -= static_cast<std::size_t>(count);
        if (first_sent_ < run.octets.size()) continue;
        runs_.pop_front();
        first_sent_ = 0;
    }
    return Sent::all;
}

}  // namespace uncut::harness::upstream
