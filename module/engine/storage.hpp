// SPDX-License-Identifier: Apache-2.0
// Storage for octets of many sizes: a few classes of blocks, each a slab of its own, so that no size can take the
// place of another.
#pragma once

#include <span>
#include <vector>

#include "module/engine/pool.hpp"

namespace uncut::engine {

struct Block {
    std::uint8_t* data = nullptr;
    std::uint32_t octets = 0;
    std::uint32_t handle = none;
};

class Storage {
  public:
    struct Class {
        std::uint32_t octets;  // of one block: a multiple of UNCUT_STORAGE_ALIGNMENT
        std::uint32_t count;
        bool forget = false;  // give the pages back when a block comes back: for large ones that are rare
    };

    explicit Storage(std::span<const Class> classes);  // ascending; throws std::bad_alloc

    // The smallest free block that holds `octets`. False: there is none.
    bool take(std::size_t octets, Block& block) noexcept;
    // That, or the largest there is. False: none at all.
    bool take_up_to(std::size_t octets, Block& block) noexcept;
    void give(std::uint32_t handle) noexcept;  // `none` is allowed

  private:
    struct Slab {
        Class kind;
        Mapping memory;
        FreeList free;
    };
    static constexpr std::uint32_t index_bits = 24;  // a handle is class << index_bits | index
    bool take_from(std::size_t number, Block& block) noexcept;

    std::vector<Slab> slabs_;
};

}  // namespace uncut::engine
