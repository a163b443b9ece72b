// SPDX-License-Identifier: Apache-2.0
#include "module/wire/name_reader.hpp"

namespace uncut::wire {

// Labels that reach over the end of the octets, or over the longest name there is: whichever comes first.
Status NameReader::overrun(const std::uint8_t* start, const std::uint8_t* end) noexcept {
    for (const std::uint8_t* label = start; label != end;) {
        const std::ptrdiff_t octets = *label + 1;
        // RFC 1035 2.3.4: 255 octets or less.
        if (label - start + octets >= static_cast<std::ptrdiff_t>(name_octets_max)) return fail(UNCUT_WIRE_NAME, label);
        if (end - label <= octets) break;
        label += octets;
    }
    return fail(UNCUT_WIRE_CUT, end_);
}

// What stands behind the labels of the name is no pointer, or half of one.
Status NameReader::no_pointer(const std::uint8_t* start, const std::uint8_t* at, const std::uint8_t* end) noexcept {
    if (at - start >= static_cast<std::ptrdiff_t>(name_octets_max)) return overrun(start, end);
    // RFC 1035 4.1.4: 11 is a pointer, 10 and 01 are reserved for future use.
    return fail(*at < 0xc0 ? UNCUT_WIRE_LABEL : UNCUT_WIRE_CUT, at);
}

// Walks the name that `pointer` leads to, which is not known; the name being read begins at `start`.
Status NameReader::explore(const std::uint8_t* start, const std::uint8_t* pointer) noexcept {
    const std::uint8_t* const target = data_ + (load16(pointer) & target_mask);
    if (target >= start || target < data_ + header_octets) return fail(UNCUT_WIRE_POINTER, pointer);
    const std::uint32_t steps_max = steps_min + static_cast<std::uint32_t>(end_ - data_) / octets_per_step;
    const std::uint8_t* part = target;
    std::uint32_t octets = 0;
    std::uint32_t hops = 1;
    for (const std::uint8_t* at = target; at < start;) {
        if (++steps_ > steps_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
        const std::uint32_t octet = *at;
        if (octet - 1 < label_octets_max) {
            octets += octet + 1;
            if (octets >= name_octets_max) return fail(UNCUT_WIRE_NAME, pointer);
            if (start - at <= static_cast<std::ptrdiff_t>(octet + 1)) break;
            at += octet + 1;
            continue;
        }
        std::uint32_t rest = pack(1, 0);
        if (octet != 0) {
            if (octet < 0xc0) return fail(UNCUT_WIRE_LABEL, at);
            if (start - at < 2) return fail(UNCUT_WIRE_POINTER, at);
            const std::uint8_t* const next = data_ + (load16(at) & target_mask);
            if (next >= part || next < data_ + header_octets) return fail(UNCUT_WIRE_POINTER, at);
            rest = recall(static_cast<std::size_t>(next - data_));
            if (++hops > name_hops_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
            if (rest == 0) {
                at = part = next;
                continue;
            }
        }
        octets += octets_of(rest);
        hops += hops_of(rest);
        if (octets > name_octets_max) return fail(UNCUT_WIRE_NAME, pointer);
        if (hops > name_hops_max) return fail(UNCUT_LIMIT_BUDGET, pointer);
        explored_ = pack(octets, hops - 1);  // as seen from the target
        remember_part(target, start, explored_);
        return UNCUT_OK;
    }
    // RFC 1035 4.1.4: a prior occurrence of a name, so all of it stands before this one. Labels that begin there and
    // run over it would change, or end, with what a fit leaves out.
    return fail(UNCUT_WIRE_POINTER, pointer);
}

// Notes the labels before `end` of the part of a name that begins at `part`, for the next pointer into it.
void NameReader::remember_part(const std::uint8_t* part, const std::uint8_t* end, std::uint32_t known) noexcept {
    for (;;) {
        remember(part, known);
        const std::uint32_t octet = *part;
        if (octet - 1 >= label_octets_max || end - part <= static_cast<std::ptrdiff_t>(octet + 1)) return;
        known -= pack(octet + 1, 0);
        part += octet + 1;
    }
}

}  // namespace uncut::wire
