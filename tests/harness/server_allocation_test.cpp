// SPDX-License-Identifier: Apache-2.0
// Counts the allocations of the server's thread: it replaces operator new for this whole test program. A sanitizer has
// an operator new of its own that must stay.
#if !UNCUT_TEST_SANITIZED
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/harness/server_peer.hpp"
#include "tests/harness/server_running.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;

namespace {

std::atomic<bool> counting = false;
std::atomic<std::size_t> allocations = 0;
thread_local bool is_test_thread = false;  // the test's own vectors do not count

void* allocate(std::size_t octets) {
    if (counting && !is_test_thread) ++allocations;
    void* memory = std::malloc(octets == 0 ? 1 : octets);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

// A batch of queries at once, over UDP and over TCP, and all of their answers.
void ask_batch(const uncut::test::UdpClient& client, Peer& peer) {
    constexpr std::uint16_t batch = 50;
    for (std::uint16_t id = 0; id < batch; ++id) {
        client.send(query(id));
        REQUIRE(peer.send(framed(query(id))));
    }
    for (std::uint16_t id = 0; id < batch; ++id) {
        REQUIRE(client.receive(uncut::test::Milliseconds{10'000}));
        REQUIRE(peer.receive());
    }
}

}  // namespace

void* operator new(std::size_t octets) {
    return allocate(octets);
}
void* operator new[](std::size_t octets) {
    return allocate(octets);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

TEST_CASE("server: no allocation per query after warm-up", "[server]") {
    is_test_thread = true;
    RunningServer running;
    const uncut::test::UdpClient client(running.endpoint());
    Peer peer(running.endpoint());
    // Warm is what has seen the bursts that this machine's scheduler makes of batches: some in a row without a need.
    int quiet = 0;
    for (int i = 0; i < 400 && quiet < 40; ++i) {
        allocations = 0;
        counting = true;
        ask_batch(client, peer);
        counting = false;
        quiet = allocations == 0 ? quiet + 1 : 0;
    }
    REQUIRE(quiet == 40);
    allocations = 0;
    counting = true;
    for (int i = 0; i < 20; ++i) ask_batch(client, peer);
    counting = false;
    CHECK(allocations == 0);
    // The count would notice one: a new connection takes memory.
    counting = true;
    Peer another(running.endpoint());
    REQUIRE(another.send(framed(query(1))));
    REQUIRE(another.receive());
    counting = false;
    CHECK(allocations > 0);
    is_test_thread = false;
}
#endif
