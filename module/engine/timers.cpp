// SPDX-License-Identifier: Apache-2.0
#include "module/engine/timers.hpp"

namespace uncut::engine {

Timers::Timers(std::uint32_t count)
    : heap_(std::make_unique_for_overwrite<Node[]>(count)), places_(std::make_unique<std::uint32_t[]>(count)) {}

void Timers::rise(std::uint32_t at, Node node) noexcept {
    while (at > 0) {
        const std::uint32_t parent = (at - 1) / children;
        if (heap_[parent].at_us <= node.at_us) break;
        put(at, heap_[parent]);
        at = parent;
    }
    put(at, node);
}

void Timers::sink(std::uint32_t at, Node node) noexcept {
    for (;;) {
        const std::uint32_t first = at * children + 1;
        if (first >= count_) break;
        std::uint32_t least = first;
        for (std::uint32_t child = first + 1; child < first + children && child < count_; ++child) {
            if (heap_[child].at_us < heap_[least].at_us) least = child;
        }
        if (node.at_us <= heap_[least].at_us) break;
        put(at, heap_[least]);
        at = least;
    }
    put(at, node);
}

void Timers::set(std::uint32_t identity, std::uint64_t at_us) noexcept {
    const Node node{at_us, identity};
    if (places_[identity] == 0) {
        rise(count_++, node);
        return;
    }
    const std::uint32_t at = places_[identity] - 1;
    const std::uint64_t before_us = heap_[at].at_us;
    if (at_us < before_us) rise(at, node);
    if (at_us > before_us) sink(at, node);
}

void Timers::remove(std::uint32_t at) noexcept {
    places_[heap_[at].identity] = 0;
    const Node last = heap_[--count_];
    if (at == count_) return;
    const std::uint64_t before_us = heap_[at].at_us;
    if (last.at_us < before_us) {
        rise(at, last);
    } else {
        sink(at, last);
    }
}

void Timers::clear(std::uint32_t identity) noexcept {
    if (places_[identity] != 0) remove(places_[identity] - 1);
}

bool Timers::pop_due(std::uint64_t now_us, std::uint32_t& identity) noexcept {
    if (count_ == 0 || heap_[0].at_us > now_us) return false;
    identity = heap_[0].identity;
    remove(0);
    return true;
}

}  // namespace uncut::engine
