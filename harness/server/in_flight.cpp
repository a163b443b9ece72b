// SPDX-License-Identifier: Apache-2.0
#include "harness/server/in_flight.hpp"

namespace uncut::harness {

InFlight::InFlight(std::uint32_t capacity) : capacity_(capacity) {
    slots_.reserve(capacity);
}

std::uint32_t InFlight::take() {
    std::uint32_t index = free_;
    std::uint32_t generation = 0;
    if (index != PendingQuery::none) {
        free_ = slots_[index].next;
        generation = slots_[index].generation;
    } else if (slots_.size() < capacity_) {
        index = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        return PendingQuery::none;
    }
    slots_[index] = PendingQuery{};
    slots_[index].generation = generation + 1;
    ++size_;
    return index;
}

void InFlight::release(std::uint32_t index) {
    ++slots_[index].generation;
    slots_[index].next = free_;
    free_ = index;
    --size_;
}

std::uint64_t InFlight::token(std::uint32_t index) const {
    return static_cast<std::uint64_t>(slots_[index].generation) << 32 | index;
}

std::uint32_t InFlight::index_of(std::uint64_t token) const {
    const auto index = static_cast<std::uint32_t>(token);
    const auto generation = static_cast<std::uint32_t>(token >> 32);
    const bool known = index < slots_.size() && generation % 2 == 1 && slots_[index].generation == generation;
    return known ? index : PendingQuery::none;
}

}  // namespace uncut::harness
