// SPDX-License-Identifier: Apache-2.0
// Validates the names of one message, in the order of the wire, at a cost linear in its octets.
#pragma once

#include <array>

#include "module/wire/name.hpp"

namespace uncut::wire {

// A pointer must look back behind the start of the name (or the part of it) being read, so loops cannot be built. How
// long each name is that was read is remembered by its offset, so ladders of pointers are climbed once. A pointer that
// leads where no name begins, into the middle of one or into opaque data, is followed label by label; what lies there
// is remembered too, and how many labels that may take in all is bounded by the message's octets.
class NameReader {
  public:
    NameReader(const std::uint8_t* data, std::uint32_t octets) noexcept : data_(data), end_(data + octets) {}

    // Reads the name at `at`, whose own octets end before `end`; moves `at` behind it. UNCUT_WIRE_CUT: they do not.
    // A header stands before every name.
    [[gnu::always_inline]] inline Status read(const std::uint8_t*& at, const std::uint8_t* end) noexcept {
        const std::uint8_t* const start = at;
        if (start == end) [[unlikely]]
            return overrun(start, end);
        std::uint32_t octet = *start;
        if (octet >= pointer_mark) {
            if (end - start < 2) [[unlikely]]
                return no_pointer(start, start, end);
            at = start + 2;
            // What is known stands behind the header and before this name.
            if (recall(load16(start) & target_mask) != 0) [[likely]]
                return UNCUT_OK;
            return explore(start, start);
        }
        if (octet == 0) [[unlikely]] {
            at = start + 1;
            return UNCUT_OK;
        }
        const std::uint8_t* next = start;
        while (octet - 1 < label_octets_max) {
            // Of labels of one octet a message can have the most. Where the length is not taken from the load but known
            // by the branch, the loads do not wait for each other.
            if (octet == 1) [[unlikely]] {
                do {
                    if (end - next <= 2) [[unlikely]]
                        return overrun(start, end);
                    next += 2;
                    octet = *next;
                } while (octet == 1);
                continue;
            }
            if (end - next <= static_cast<std::ptrdiff_t>(octet + 1)) [[unlikely]]
                return overrun(start, end);
            next += octet + 1;
            octet = *next;
        }
        const auto own_octets = static_cast<std::uint32_t>(next - start);
        if (octet == 0) {
            if (own_octets >= name_octets_max) [[unlikely]]
                return overrun(start, end);
            at = next + 1;
            remember(start, pack(own_octets + 1, 0));
            return UNCUT_OK;
        }
        if (octet < pointer_mark || end - next < 2) [[unlikely]]
            return no_pointer(start, next, end);
        at = next + 2;
        std::uint32_t known = recall(load16(next) & target_mask);
        if (known == 0) [[unlikely]] {
            if (const Status status = explore(start, next)) return status;
            known = explored_;
        }
        known += pack(own_octets, 1);
        if (known > known_max) [[unlikely]]
            return fail(UNCUT_WIRE_NAME, next);
        remember(start, known);
        return UNCUT_OK;
    }

    // For a name that was read and that many pointers may lead into: saves the first of them the way.
    void remember_labels(const std::uint8_t* name, const std::uint8_t* end) noexcept {
        if (const std::uint32_t known = recall(static_cast<std::size_t>(name - data_))) remember_part(name, end, known);
    }

    // Where reading failed, here or in what surrounds the names.
    Status fail(Status status, const std::uint8_t* at) noexcept {
        error_offset_ = static_cast<std::uint32_t>(at - data_);
        return status;
    }
    std::uint32_t error_offset() const noexcept { return error_offset_; }

  private:
    static constexpr std::uint32_t pointer_reach = 0x4000;  // a pointer has 14 bits
    static constexpr std::uint32_t pointer_mark = 0xc0;     // RFC 1035 4.1.4
    static constexpr std::uint32_t target_mask = pointer_reach - 1;
    static constexpr std::uint32_t ready_step = 32;  // known_ is cleared so many at a time

    // What compression that is not made by pointing at whole names may cost.
    static constexpr std::uint32_t steps_min = 256;  // one name of 127 labels and as many pointers
    static constexpr std::uint32_t octets_per_step = 8;

    // A name from some offset to its root: expanded octets, root label counted, over the pointers on the way. 0: not
    // known. A pointer behind labels adds to both, so there are as few of these as labels; others are bounded by
    // name_hops_max when they are explored.
    static constexpr std::uint32_t pack(std::uint32_t octets, std::uint32_t hops) noexcept {
        return octets << 8 | hops;
    }
    static constexpr std::uint32_t octets_of(std::uint32_t known) noexcept { return known >> 8; }
    static constexpr std::uint32_t hops_of(std::uint32_t known) noexcept { return known & 0xff; }
    static constexpr std::uint32_t known_max = name_octets_max << 8 | 0xff;

    std::uint32_t recall(std::size_t offset) const noexcept { return offset < ready_end_ ? known_[offset] : 0u; }

    [[gnu::always_inline]] inline void remember(const std::uint8_t* name, std::uint32_t known) noexcept {
        const auto offset = static_cast<std::size_t>(name - data_);
        if (offset >= ready_end_ && !make_ready(offset)) [[unlikely]]
            return;
        known_[offset] = static_cast<std::uint16_t>(known);
    }
    // False: no pointer reaches so far.
    bool make_ready(std::size_t offset) noexcept {
        if (offset >= pointer_reach) return false;
        do {
            for (std::size_t i = 0; i != ready_step; ++i) known_[ready_end_ + i] = 0;
            ready_end_ += ready_step;
        } while (ready_end_ <= offset);
        return true;
    }

    [[gnu::cold]] Status overrun(const std::uint8_t* start, const std::uint8_t* end) noexcept;
    [[gnu::cold]] Status no_pointer(const std::uint8_t* start, const std::uint8_t* at,
                                    const std::uint8_t* end) noexcept;
    [[gnu::noinline]] Status explore(const std::uint8_t* start, const std::uint8_t* pointer) noexcept;
    void remember_part(const std::uint8_t* part, const std::uint8_t* end, std::uint32_t known) noexcept;

    const std::uint8_t* data_;
    const std::uint8_t* end_;
    std::size_t ready_end_ = 0;                       // known_ means something below this offset
    std::uint32_t steps_ = 0;                         // of those that explore may take
    std::uint32_t error_offset_;                      // where it failed
    std::uint32_t explored_;                          // what explore found
    std::array<std::uint16_t, pointer_reach> known_;  // left uninitialised until a name begins there or behind
};

}  // namespace uncut::wire
