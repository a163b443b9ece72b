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

    // Whether at `at` there is a pointer to the first name, which is the question's, or to the one read last, which a
    // CNAME has just given: most owners are. Then `end` is behind it, and there is nothing to check.
    [[gnu::always_inline]] bool is_known_pointer(std::uint32_t at, std::uint32_t& end) const noexcept {
        if (end_ - at < 2) return false;
        const std::uint32_t octets = load16(data_ + at);
        const bool known = octets == first_pointer_ || octets == recent_pointer_;
        if (known) end = at + 2;
        return known;
    }

    // Reads the name at `at`, whose own octets end before `end`; moves `at` behind it. UNCUT_WIRE_CUT: they do not.
    // A header stands before every name. Inline, because what most names are takes a few instructions.
    [[gnu::always_inline]] Status read(std::uint32_t& at, std::uint32_t end) noexcept {
        const std::uint32_t start = at;
        std::uint32_t offset = start;
        std::uint32_t octet = 0;
        for (;; offset += octet + 1) {
            // RFC 1035 2.3.4: 255 octets or less, the root label's among them.
            if (offset >= end) return fail(offset - start < name_octets_max ? UNCUT_WIRE_CUT : UNCUT_WIRE_NAME, end_);
            octet = data_[offset];
            if (octet - 1 >= label_octets_max) break;
        }
        if (octet == 0) {
            at = offset + 1;
            if (at - start > name_octets_max) return fail(UNCUT_WIRE_NAME, start);
            if (start == header_octets) first_name_is(at - start);
            read_is({start, at - start, 0});
            return UNCUT_OK;
        }
        // RFC 1035 4.1.4: 11 is a pointer, 10 and 01 are reserved for future use.
        if (octet < 0xc0) return fail(UNCUT_WIRE_LABEL, offset);
        if (end - offset < 2) return fail(UNCUT_WIRE_CUT, offset);
        at = offset + 2;
        const std::uint32_t target = load16(data_ + offset) & 0x3fffu;
        if (target < start && target < ready_end_ && tails_[target].octets != 0)
            return join(start, offset, {target, tails_[target].octets, tails_[target].hops});
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
    static constexpr std::uint32_t no_pointer = 0x10000;    // what no two octets are

    void first_name_is(std::uint32_t octets) noexcept {
        first_octets_ = octets;
        first_pointer_ = 0xc000 | header_octets;
    }

    // A name with labels was read; one that can be pointed to by one hop more is worth remembering as such.
    void read_is(const Known& name) noexcept {
        recent_ = name;
        recent_pointer_ = name.offset < pointer_reach && name.hops < name_hops_max ? 0xc000 | name.offset : no_pointer;
    }

    Status fail(Status status, std::uint32_t offset) noexcept {
        error_offset_ = offset;
        return status;
    }

    // Labels from `start` to `pointer` are followed by a name that is known.
    Status join(std::uint32_t start, std::uint32_t pointer, const Known& rest) noexcept {
        const std::uint32_t octets = pointer - start + rest.octets;
        if (octets > name_octets_max) return fail(UNCUT_WIRE_NAME, pointer);
        if (rest.hops == name_hops_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
        if (start != pointer) read_is({start, octets, rest.hops + 1});
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
    std::uint32_t first_octets_ = 0;             // of the name behind the header, once it was read without a pointer
    std::uint32_t first_pointer_ = no_pointer;   // the two octets that point to it
    std::uint32_t recent_pointer_ = no_pointer;  // the two octets that point to recent_
    std::uint32_t ready_end_ = 0;                // tails_ means something below this offset
    Known recent_;                           // the last name read that has a label: the next owner often points to it
    std::array<Tail, pointer_reach> tails_;  // left uninitialised until a pointer leads there
};

}  // namespace uncut::wire
