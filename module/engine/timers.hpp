// SPDX-License-Identifier: Apache-2.0
// Deadlines: a heap with four children a node that knows where each of its members is. No allocation after
// construction.
#pragma once

#include <cstdint>
#include <memory>

namespace uncut::engine {

// One deadline at most for each of `count` identities.
class Timers {
  public:
    explicit Timers(std::uint32_t count);  // throws std::bad_alloc

    void set(std::uint32_t identity, std::uint64_t at_us) noexcept;  // moves the one there was
    void clear(std::uint32_t identity) noexcept;                     // none there: nothing happens

    static constexpr std::uint64_t never = UINT64_MAX;
    std::uint64_t next_us() const noexcept { return count_ == 0 ? never : heap_[0].at_us; }
    // Takes out the earliest that is due at `now_us`. Of equal deadlines none has precedence.
    bool pop_due(std::uint64_t now_us, std::uint32_t& identity) noexcept;

  private:
    struct Node {
        std::uint64_t at_us;
        std::uint32_t identity;
    };
    static constexpr std::uint32_t children = 4;  // flatter than a binary heap: fewer cache lines on the way up

    void put(std::uint32_t at, Node node) noexcept {
        heap_[at] = node;
        places_[node.identity] = at + 1;
    }
    void rise(std::uint32_t at, Node node) noexcept;
    void sink(std::uint32_t at, Node node) noexcept;
    void remove(std::uint32_t at) noexcept;

    std::unique_ptr<Node[]> heap_;
    std::unique_ptr<std::uint32_t[]> places_;  // where in the heap, + 1; 0: nowhere
    std::uint32_t count_ = 0;
};

}  // namespace uncut::engine
