// SPDX-License-Identifier: Apache-2.0
// The rules of struct sizes (abi/RULES.md, 2), as one check for any struct of any call.
#pragma once

#include <algorithm>

#include "tests/abi/loaded.hpp"
#include "tests/support/catch.hpp"

namespace uncut::abi_test {

// A copy of `value` that says it has `size` octets and has them, with `tail` in each octet behind the struct. Access to
// more than that, rounded up to T's alignment, ends the process.
template <class T>
class Resized {
  public:
    Resized(const T& value, std::uint32_t size, std::uint8_t tail)
        : memory_((std::max<std::size_t>(size, sizeof size) + alignof(T) - 1) / alignof(T) * alignof(T), tail) {
        const auto* from = reinterpret_cast<const std::uint8_t*>(&value);
        std::copy_n(from, std::min(memory_.size(), std::size_t{crosses(&value)}), memory_.data());
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&size), sizeof size, memory_.data());
        before_.assign(memory_.octets().begin(), memory_.octets().end());
    }
    T* get() { return reinterpret_cast<T*>(memory_.data()); }
    bool unchanged() const { return same(before_, memory_.octets()); }
    bool tail_unchanged() const {
        const std::size_t known = crosses(static_cast<const T*>(nullptr));
        return same(std::span(before_).subspan(known), memory_.octets().subspan(known));
    }

  private:
    Guarded memory_;
    Octets before_;
};

enum class Direction { in, out };

// What the struct had in its first release.
template <class T>
constexpr std::uint32_t first_release(const T* value) {
    return crosses(value);
}
constexpr std::uint32_t first_release(const uncut_engine_config*) {
    return UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case);
}

// One struct of one call. Shorter than its first release: refused. Longer with a zero tail: taken. Longer with a tail
// that is not zero: refused where the struct is input; where it is output the tail is neither read nor written. What is
// refused changes nothing. `call` returns `good` for `value` as it is.
template <class T, class Call>
void check_struct_rules(const T& value, Direction direction, Call&& call, uncut_status good = UNCUT_OK) {
    const std::uint32_t whole = crosses(&value);
    const std::uint32_t first = first_release(&value);
    CHECK(call(static_cast<T*>(nullptr)) == UNCUT_MISUSE_NULL);
    for (const std::uint32_t size : {0u, 1u, 4u, 8u, first - 1}) {
        INFO("size " << size << " of " << whole);
        Resized<T> shorter(value, size, 0);
        CHECK(call(shorter.get()) == UNCUT_MISUSE_STRUCT_SIZE);
        CHECK(shorter.unchanged());
    }
    // As long as the first release, or between two: what it has of a later one is not looked at.
    for (const std::uint32_t size : {first, whole - 1}) {
        if (size < first) continue;
        INFO("size " << size << " of " << whole);
        CHECK(call(Resized<T>(value, size, 0).get()) == good);
    }
    for (const std::uint32_t more : {1u, 8u, 100u}) {
        INFO("tail of " << more);
        Resized<T> zero(value, whole + more, 0);
        CHECK(call(zero.get()) == good);
        CHECK(zero.tail_unchanged());
        Resized<T> unknown(value, whole + more, 0xa5);
        if (direction == Direction::in) {
            CHECK(call(unknown.get()) == UNCUT_MISUSE_TAIL);
            CHECK(unknown.unchanged());
        } else {
            CHECK(call(unknown.get()) == good);
            CHECK(unknown.tail_unchanged());
        }
    }
    // No release will have a struct this long: it is memory that nobody initialised, and its tail is not looked for.
    Resized<T> wild(value, 4096, 0);
    const std::uint32_t size = 0xcccccccc;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&size), sizeof size, reinterpret_cast<std::uint8_t*>(wild.get()));
    CHECK(call(wild.get()) == UNCUT_MISUSE_STRUCT_SIZE);
    CHECK(call(Resized<T>(value, whole, 0).get()) == good);
}

}  // namespace uncut::abi_test
