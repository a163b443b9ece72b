// SPDX-License-Identifier: Apache-2.0
#include "module/engine/storage.hpp"

namespace uncut::engine {

Storage::Storage(std::span<const Class> classes) {
    slabs_.reserve(classes.size());
    for (const Class& kind : classes) {
        slabs_.push_back({kind, Mapping(std::size_t{kind.octets} * kind.count), FreeList(kind.count)});
    }
}

bool Storage::take_from(std::size_t number, Block& block) noexcept {
    Slab& slab = slabs_[number];
    const std::uint32_t index = slab.free.take();
    if (index == none) return false;
    block.data = slab.memory.data() + std::size_t{index} * slab.kind.octets;
    block.octets = slab.kind.octets;
    block.handle = static_cast<std::uint32_t>(number) << index_bits | index;
    return true;
}

bool Storage::take(std::size_t octets, Block& block) noexcept {
    for (std::size_t number = 0; number < slabs_.size(); ++number) {
        if (slabs_[number].kind.octets >= octets && take_from(number, block)) return true;
    }
    return false;
}

bool Storage::take_up_to(std::size_t octets, Block& block) noexcept {
    if (take(octets, block)) return true;
    for (std::size_t number = slabs_.size(); number-- > 0;) {
        if (take_from(number, block)) return true;
    }
    return false;
}

void Storage::give(std::uint32_t handle) noexcept {
    if (handle == none) return;
    Slab& slab = slabs_[handle >> index_bits];
    const std::uint32_t index = handle & ((1u << index_bits) - 1);
    if (slab.kind.forget) slab.memory.forget(std::size_t{index} * slab.kind.octets, slab.kind.octets);
    slab.free.give(index);
}

}  // namespace uncut::engine
