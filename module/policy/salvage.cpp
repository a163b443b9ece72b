// SPDX-License-Identifier: Apache-2.0
#include "module/policy/salvage.hpp"

#include <algorithm>

namespace uncut::policy {

std::size_t salvage(const wire::Message& cut, std::span<std::uint8_t> out) noexcept {
    const std::uint32_t question_end = wire::header_octets + cut.question_octets;
    std::uint32_t end = question_end;
    std::uint16_t counts[4] = {1, 0, 0, 0};
    // Of a response with several questions only the first is ours; its records are not looked for.
    const int last_section = cut.counts[wire::question] == 1 ? wire::additional : wire::question;
    for (int section = wire::answer; section <= last_section; ++section) {
        std::uint32_t left = cut.counts[section];
        std::uint32_t offset = end;
        while (left != 0 && offset < cut.intact_end) {
            const wire::Record first = wire::record_at(cut.data, offset);
            std::uint32_t last = first.end;  // of the run of complete records that are one RRset
            std::uint32_t taken = 1;
            while (taken != left && last < cut.intact_end) {
                const wire::Record next = wire::record_at(cut.data, last);
                if (!wire::same_rrset(cut.data, first, next)) break;
                last = next.end;
                ++taken;
            }
            // What was cut away may have belonged to it.
            if (last == cut.intact_end && taken != left) break;
            counts[section] = static_cast<std::uint16_t>(counts[section] + taken);
            left -= taken;
            end = offset = last;
        }
        if (left != 0) break;
    }
    if (out.size() < end) return 0;
    if (out.data() != cut.data) std::memcpy(out.data(), cut.data, end);
    wire::set_flags(out.data(), cut.flags | wire::flag::tc);
    for (int section = wire::question; section <= wire::additional; ++section)
        wire::set_count(out.data(), section, counts[section]);
    return end;
}

}  // namespace uncut::policy
