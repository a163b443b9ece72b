// SPDX-License-Identifier: Apache-2.0
// Validates the names of one message, in the order of the wire, at a cost linear in its octets.
#pragma once

#include <algorithm>
#include <array>

#include "module/wire/name.hpp"

namespace uncut::wire {

// A pointer must look back behind the start of the name (or the part of it) being read, so loops cannot be built. What
// lies behind each offset that a pointer led to is remembered, so ladders of pointers are climbed once.
class NameReader {
  public:
    NameReader(const std::uint8_t* data, std::uint32_t end) noexcept : data_(data), end_(end) {}

    // Reads the name at `at`, whose own octets end before `end`; moves `at` behind it. UNCUT_WIRE_CUT: they do not.
    // A header stands before every name. Inline, because what most names are takes a few instructions.
    [[gnu::always_inline]] Status read(std::uint32_t& at, std::uint32_t end) noexcept {
        const std::uint32_t start = at;
        // RFC 1035 2.3.4: 255 octets or less, the root label's among them.
        const std::uint32_t stop = std::min(end, start + name_octets_max);
        std::uint32_t offset = start;
        std::uint32_t octet = 0;
        for (;; offset += octet + 1) {
            if (offset >= stop) return stop == end ? fail(UNCUT_WIRE_CUT, end_) : fail(UNCUT_WIRE_NAME, start);
            octet = data_[offset];
            if (octet - 1 >= label_octets_max) break;
        }
        if (octet == 0) {
            at = offset + 1;
            if (start == header_octets) first_octets_ = at - start;
            recent_ = {start, at - start, 0};
            return UNCUT_OK;
        }
        // RFC 1035 4.1.4: 11 is a pointer, 10 and 01 are reserved for future use.
        if (octet < 0xc0) return fail(UNCUT_WIRE_LABEL, offset);
        if (end - offset < 2) return fail(UNCUT_WIRE_CUT, offset);
        at = offset + 2;
        const std::uint32_t target = load16(data_ + offset) & 0x3fffu;
        if (offset == start) {
            // Most owners are a pointer to the question's name, or to the one that a CNAME has just given.
            if (target == header_octets && first_octets_ != 0) return UNCUT_OK;
            if (target == recent_.offset && recent_.hops != name_hops_max) return UNCUT_OK;
        } else if (target < start && target < ready_end_ && tails_[target].octets != 0) {
            return join(start, offset, {target, tails_[target].octets, tails_[target].hops});
        }
        return follow(start, offset, target);
    }

    std::uint32_t error_offset() const noexcept { return error_offset_; }

  private:
    // A name from some offset to its root: expanded octets, root label counted, and pointers on the way.
    struct Known {
        std::uint32_t offset = 0;
        std::uint32_t octets = 0;
        std::uint32_t hops = 0;
    };
    // The same, by offset, and how far behind it stands the root label or pointer that ends this part of the name.
    struct Tail {
        std::uint8_t octets;  // 0: not known
        std::uint8_t hops;
        std::uint8_t distance;
    };
    static constexpr std::uint32_t pointer_reach = 0x4000;  // a pointer has 14 bits

    Status fail(Status status, std::uint32_t offset) noexcept {
        error_offset_ = offset;
        return status;
    }

    // Labels from `start` to `pointer` are followed by a name that is known.
    Status join(std::uint32_t start, std::uint32_t pointer, const Known& rest) noexcept {
        const std::uint32_t octets = pointer - start + rest.octets;
        if (octets > name_octets_max) return fail(UNCUT_WIRE_NAME, pointer);
        if (rest.hops == name_hops_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
        if (start != pointer) recent_ = {start, octets, rest.hops + 1};
        return UNCUT_OK;
    }

    Status follow(std::uint32_t start, std::uint32_t pointer, std::uint32_t target) noexcept;
    Status measure(std::uint32_t pointer, Known& name) noexcept;
    void remember(const Known& name) noexcept;
    void make_ready(std::uint32_t target) noexcept;
    const Tail* tail_at(std::uint32_t offset) const noexcept;
    bool jump_allowed(std::uint32_t part_start, std::uint32_t pointer) const noexcept;

    const std::uint8_t* data_;
    std::uint32_t end_;
    std::uint32_t error_offset_ = 0;
    std::uint32_t first_octets_ = 0;         // of the name behind the header, once it was read without a pointer
    std::uint32_t ready_end_ = 0;            // tails_ means something below this offset
    Known recent_;                           // the last name read that has a label: the next owner often points to it
    std::array<Tail, pointer_reach> tails_;  // left uninitialised until a pointer leads there
};

}  // namespace uncut::wire
