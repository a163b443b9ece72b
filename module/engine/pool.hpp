// SPDX-License-Identifier: Apache-2.0
// A fixed number of objects of one kind, named by their index.
#pragma once

#include <cstdint>
#include <new>
#include <type_traits>

#include "module/engine/mapping.hpp"

namespace uncut::engine {

inline constexpr std::uint32_t none = 0xffffffff;  // no index

// Which of a fixed number of indexes are free. The most recently freed goes out first, and one never used only when
// none has come back, so that few pages are ever touched and they stay warm.
class FreeList {
  public:
    explicit FreeList(std::uint32_t count) : links_(std::size_t{count} * sizeof(std::uint32_t)), count_(count) {}

    std::uint32_t take() noexcept {
        if (head_ != 0) {
            const std::uint32_t index = head_ - 1;
            head_ = link(index);
            ++taken_;
            return index;
        }
        if (fresh_ == count_) return none;
        ++taken_;
        return fresh_++;
    }
    void give(std::uint32_t index) noexcept {
        link(index) = head_;
        head_ = index + 1;
        --taken_;
    }
    std::uint32_t taken() const noexcept { return taken_; }
    std::uint32_t fresh() const noexcept { return fresh_; }  // those below have been used at least once
    std::uint32_t count() const noexcept { return count_; }

  private:
    // Beside the objects, not in them: to free one must not touch a page that was never needed.
    std::uint32_t& link(std::uint32_t index) noexcept { return reinterpret_cast<std::uint32_t*>(links_.data())[index]; }

    Mapping links_;  // index + 1 of the next free one, 0 ends
    std::uint32_t count_;
    std::uint32_t fresh_ = 0;
    std::uint32_t head_ = 0;
    std::uint32_t taken_ = 0;
};

// Objects that need no destructor; they are zero when used for the first time and as they were left after that.
template <typename Object>
class Pool {
    static_assert(std::is_trivially_destructible_v<Object> && std::is_trivially_copyable_v<Object>);

  public:
    explicit Pool(std::uint32_t count) : memory_(std::size_t{count} * sizeof(Object)), free_(count) {}

    std::uint32_t take() noexcept { return free_.take(); }
    void give(std::uint32_t index) noexcept { free_.give(index); }
    Object& operator[](std::uint32_t index) noexcept { return reinterpret_cast<Object*>(memory_.data())[index]; }
    std::uint32_t taken() const noexcept { return free_.taken(); }
    std::uint32_t fresh() const noexcept { return free_.fresh(); }
    std::uint32_t count() const noexcept { return free_.count(); }

  private:
    Mapping memory_;
    FreeList free_;
};

}  // namespace uncut::engine
