// SPDX-License-Identifier: Apache-2.0
// Counts the allocations of the engine's thread: it replaces operator new for this whole test program. A sanitizer has
// an operator new of its own that must stay.
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "tests/unit/engine/toy_host.hpp"

#if !UNCUT_TEST_SANITIZED

namespace {

thread_local bool counting = false;
thread_local std::size_t allocations = 0;

void* allocate(std::size_t octets) {
    if (counting) ++allocations;
    if (void* made = std::malloc(octets == 0 ? 1 : octets)) return made;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t octets) {
    return allocate(octets);
}
void* operator new[](std::size_t octets) {
    return allocate(octets);
}
void operator delete(void* made) noexcept {
    std::free(made);
}
void operator delete[](void* made) noexcept {
    std::free(made);
}
void operator delete(void* made, std::size_t) noexcept {
    std::free(made);
}
void operator delete[](void* made, std::size_t) noexcept {
    std::free(made);
}

using namespace uncut;
using namespace uncut::lab;

TEST_CASE("the engine allocates nothing for a query", "[engine]") {
    const bool letter_case = GENERATE(false, true);
    ToyServer server(truncated, answer_22);
    ToyHost host({server.address()}, patient());
    host.config.letter_case = letter_case;
    host.keep = false;
    engine::Engine& engine = host.start();
    std::vector<Bytes> queries;
    for (int number = 0; number < 50; ++number) {
        queries.push_back(Make("n" + std::to_string(number) + ".example.").edns(1232));
        queries.push_back(queries.back());  // shares the retry
    }
    std::size_t wanted = 0;
    const auto done = [&] { return host.completions == wanted; };
    const std::function<bool()> condition = std::cref(done);
    const auto round = [&] {
        wanted += queries.size();
        for (const Bytes& query : queries) {
            std::uint64_t ticket = 0;
            engine.submit(query, udp, 0, ticket);
        }
        return host.until(condition);
    };
    REQUIRE(round());  // warm-up
    allocations = 0;
    counting = true;
    // What is counted is counted: one allocation of ours first.
    ::operator delete(::operator new(1));
    bool all = true;
    for (int rounds = 0; rounds < 20; ++rounds) all = round() && all;
    counting = false;
    REQUIRE(all);
    CHECK(allocations == 1);
    CHECK(host.count(Counter::retry_ok) == 21 * queries.size());
}

#endif
