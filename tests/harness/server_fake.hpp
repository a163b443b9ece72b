// SPDX-License-Identifier: Apache-2.0
// A module whose engine asks nobody: it echoes, holds, refuses or streams as the test wants, so that the server's own
// promises can be tested without upstreams and without luck. Only for tests.
#pragma once

#include <uncut.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <vector>

namespace uncut::harness::test {

/// Stands behind uncut_instance; one for a server, whatever its threads. Outlives the server.
class FakeForwarding {
  public:
    std::atomic<bool> hold = false;                ///< queries wait for release()
    std::atomic<std::size_t> answer_octets = 0;    ///< answers are padded to this with zeros
    std::atomic<std::uint32_t> in_flight_max = 0;  ///< 0: what the host configures; else submit refuses above this
    std::atomic<int> stream_messages = 3;          ///< of an AXFR

    /// Completes the query with this ID, whatever thread has it.
    void release(std::uint16_t id);
    void release_all();

    std::size_t submitted() const { return submitted_; }
    std::size_t cancelled() const { return cancelled_; }
    /// Engines that have been given at least one query.
    std::size_t engines_used() const { return engines_used_; }

    uncut_instance* handle() { return reinterpret_cast<uncut_instance*>(this); }

  private:
    friend struct FakeEngine;
    bool released(std::uint16_t id);
    void wake();

    std::mutex lock_;
    std::set<std::uint16_t> released_;
    std::vector<int> wakeups_;  // of the engines there are
    std::atomic<std::size_t> submitted_ = 0;
    std::atomic<std::size_t> cancelled_ = 0;
    std::atomic<std::size_t> engines_used_ = 0;
};

/// The table: levels 1 (inspect and fit, as far as the server uses them) and 3. The rest is NULL.
const uncut_module& fake_forwarding_module();

}  // namespace uncut::harness::test
