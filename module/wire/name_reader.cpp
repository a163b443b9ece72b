// SPDX-License-Identifier: Apache-2.0
#include "module/wire/name_reader.hpp"

namespace uncut::wire {

// Whether the pointer at `pointer`, met in a part of a name that begins at `part_start`, looks back behind that start
// and not into the header, which is no name.
bool NameReader::jump_allowed(std::uint32_t part_start, std::uint32_t pointer) const noexcept {
    const std::uint32_t target = load16(data_ + pointer) & 0x3fffu;
    return target >= header_octets && target < part_start;
}

const NameReader::Tail* NameReader::tail_at(std::uint32_t offset) const noexcept {
    return offset < ready_end_ && tails_[offset].octets != 0 ? &tails_[offset] : nullptr;
}

// A name that begins at or before `target` ends at most 255 octets behind it.
void NameReader::make_ready(std::uint32_t target) noexcept {
    const std::uint32_t needed = std::min({target + name_octets_max + 1, end_, pointer_reach});
    if (needed <= ready_end_) return;
    std::memset(tails_.data() + ready_end_, 0, (needed - ready_end_) * sizeof(Tail));
    ready_end_ = needed;
}

// The rest of read: a name from `start` goes on at `target`.
Status NameReader::follow(std::uint32_t start, std::uint32_t pointer, std::uint32_t target) noexcept {
    if (!jump_allowed(start, pointer)) return fail(UNCUT_WIRE_POINTER, pointer);
    if (target == recent_.offset) return join(start, pointer, recent_);
    Known rest{target, 0, 0};
    if (const Tail* tail = tail_at(target)) {
        rest.octets = tail->octets;
        rest.hops = tail->hops;
    } else {
        make_ready(target);
        if (const Status status = measure(pointer, rest)) return status;
        remember(rest);
    }
    return join(start, pointer, rest);
}

// Walks the name at `name.offset`, which `pointer` leads to, as far as it is not known.
Status NameReader::measure(std::uint32_t pointer, Known& name) noexcept {
    std::uint32_t part_start = name.offset;
    std::uint32_t octets = 1;
    std::uint32_t hops = 0;
    for (std::uint32_t offset = part_start; offset < end_;) {
        const std::uint32_t octet = data_[offset];
        if (const Tail* tail = tail_at(offset)) {
            // What is known behind a label was learned from another start: its pointer must look back behind this one.
            const std::uint32_t last = offset + tail->distance;
            if (data_[last] >= 0xc0 && !jump_allowed(part_start, last)) return fail(UNCUT_WIRE_POINTER, pointer);
            name.octets = octets - 1 + tail->octets;
            name.hops = hops + tail->hops;
            if (name.octets > name_octets_max) return fail(UNCUT_WIRE_NAME, pointer);
            if (name.hops > name_hops_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
            return UNCUT_OK;
        }
        if (octet == 0) {
            name.octets = octets;
            name.hops = hops;
            return UNCUT_OK;
        }
        if (octet <= label_octets_max) {
            octets += octet + 1;
            if (octets > name_octets_max) return fail(UNCUT_WIRE_NAME, pointer);
            offset += octet + 1;
            continue;
        }
        if (octet < 0xc0) return fail(UNCUT_WIRE_LABEL, offset);
        if (end_ - offset < 2 || !jump_allowed(part_start, offset)) return fail(UNCUT_WIRE_POINTER, offset);
        if (++hops > name_hops_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
        offset = part_start = load16(data_ + offset) & 0x3fffu;
    }
    // Labels that look back and yet run over the end are no octets that a cut took away.
    return fail(UNCUT_WIRE_POINTER, pointer);
}

// Notes every label of a measured name, part by part, so that none is walked again.
void NameReader::remember(const Known& name) noexcept {
    std::uint32_t octets = name.octets;
    std::uint32_t hops = name.hops;
    std::uint32_t part_start = name.offset;
    for (;;) {
        std::uint32_t last = part_start;  // where this part ends, or is known
        while (tail_at(last) == nullptr && data_[last] != 0 && data_[last] <= label_octets_max)
            last += data_[last] + 1u;
        const Tail* known = tail_at(last);
        const std::uint32_t part_end = known ? last + known->distance : last;
        for (std::uint32_t offset = part_start; offset < last; offset += data_[offset] + 1u) {
            if (offset < ready_end_)
                tails_[offset] = {static_cast<std::uint8_t>(octets), static_cast<std::uint8_t>(hops),
                                  static_cast<std::uint8_t>(part_end - offset)};
            octets -= data_[offset] + 1u;
        }
        if (known != nullptr) return;
        if (last < ready_end_) tails_[last] = {static_cast<std::uint8_t>(octets), static_cast<std::uint8_t>(hops), 0};
        if (data_[last] == 0) return;
        --hops;
        part_start = load16(data_ + last) & 0x3fffu;
    }
}

}  // namespace uncut::wire
