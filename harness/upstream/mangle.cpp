// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/mangle.hpp"

#include <algorithm>
#include <array>

#include "harness/upstream/wire.hpp"

namespace uncut::harness::upstream {
namespace {

using Octets = std::vector<std::uint8_t>;

// Four labels of 63 octets and the root: 257 octets, where RFC 1035 2.3.4 allows 255.
constexpr std::size_t long_label_octets = 63;
constexpr std::size_t long_labels = 4;
constexpr std::size_t long_name_octets = long_labels * (1 + long_label_octets) + 1;
constexpr std::size_t made_record_octets = 12;  // an owner of one pointer, and no data
// Of those kept for local use (RFC 6891 9).
constexpr unsigned option_code = 65001;
constexpr std::size_t option_header_octets = 4;
constexpr std::size_t fixed_octets = 10;  // of a record behind its owner: type, class, TTL, RDLENGTH

// www A 198.51.100.66 with an owner that points to the question.
constexpr std::array<std::uint8_t, 16> uncounted_record{0xC0, 0x0C, 0, LDNS_RR_TYPE_A, 0, 1, 0, 0, 0, 30, 0, 4, 198,
                                                        51,   100,  66};

std::size_t question_end(const Octets& response) {
    std::size_t at = header_octets;
    for (unsigned left = get_u16(response, 4); left > 0; --left) at = name_end(response, at) + 4;
    return at;
}

void add_to_count(Octets& response, std::size_t at, unsigned more) {
    put_u16(response, at, get_u16(response, at) + more);
}

void spoil_opt(Octets& response, const Defects& defects) {
    const std::size_t at = response.size() - opt_octets;
    if (defects.opt_size) put_u16(response, at + 3, *defects.opt_size);
    if (defects.opt_version) response[at + 6] = *defects.opt_version;
    const std::size_t room = message_octets_max - std::min(message_octets_max, response.size());
    const std::size_t octets = std::min<std::size_t>(defects.option_octets, room);
    put_u16(response, at + 9, static_cast<unsigned>(octets));
    for (std::size_t left = octets; left > 0;) {
        // The last one takes what would be too short for another.
        const std::size_t data = left < 2 * option_header_octets ? left - option_header_octets : 0;
        append_u16(response, option_code);
        append_u16(response, static_cast<unsigned>(data));
        response.resize(response.size() + data, 0);
        left -= option_header_octets + data;
    }
    if (!defects.two_opts) return;
    const Octets again(response.begin() + static_cast<std::ptrdiff_t>(at), response.end());
    response.insert(response.end(), again.begin(), again.end());
    add_to_count(response, 10, 1);
}

/// The first record, if need be an empty one made for the purpose.
std::size_t first_record(Octets& response, bool opt) {
    const std::size_t at = question_end(response);
    const unsigned records = get_u16(response, 6) + get_u16(response, 8) + get_u16(response, 10) - (opt ? 1U : 0U);
    if (records > 0) return at;
    const std::size_t type = at - 4;
    const std::array<std::uint8_t, made_record_octets> made{0xC0, 0x0C, response[type], response[type + 1], 0, 1};
    response.insert(response.begin() + static_cast<std::ptrdiff_t>(at), made.begin(), made.end());
    put_u16(response, 6, 1);
    return at;
}

void replace_owner(Octets& response, std::size_t at, Defects::Owner owner) {
    Octets name;
    if (owner == Defects::Owner::too_long) {
        for (std::size_t i = 0; i < long_labels; ++i) {
            name.push_back(long_label_octets);
            name.insert(name.end(), long_label_octets, 'x');
        }
        name.push_back(0);
    } else {
        // Forward: to the first octet of the record's own TTL, which reads as the root.
        const std::size_t target = owner == Defects::Owner::loop ? at : at + 6;
        append_u16(name, 0xC000U | static_cast<unsigned>(target));
    }
    const auto begin = response.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = response.begin() + static_cast<std::ptrdiff_t>(name_end(response, at));
    // Pointers past this place are no longer right; no reader gets as far.
    response.insert(response.erase(begin, end), name.begin(), name.end());
}

}  // namespace

std::size_t Defects::added_octets(bool opt) const {
    std::size_t added = trailing_octets;
    if (owner == Owner::too_long) added += long_name_octets - 2;
    if (!opt) return added;
    return added + option_octets + (two_opts ? opt_octets + option_octets : 0);
}

void spoil(Octets& response, const Defects& defects, bool opt) {
    const unsigned answers = get_u16(response, 6);
    if (opt) spoil_opt(response, defects);
    const bool spoils_record = defects.owner != Defects::Owner::right || defects.bad_rdlength;
    if (spoils_record && get_u16(response, 4) == 1) {
        const std::size_t at = first_record(response, opt);
        if (defects.bad_rdlength) put_u16(response, name_end(response, at) + fixed_octets - 2, 0xFFFF);
        if (defects.owner != Defects::Owner::right) replace_owner(response, at, defects.owner);
    }
    if (defects.lying_counts)
        put_u16(response, 6, defects.answer_count.value_or(static_cast<std::uint16_t>(answers + 1)));
    for (std::uint32_t i = 0; i < defects.trailing_octets && response.size() < message_octets_max; ++i) {
        response.push_back(uncounted_record[i % uncounted_record.size()]);
    }
    response.resize(std::min(response.size(), message_octets_max));
}

void forge_addresses(Octets& response) {
    constexpr std::array<std::uint8_t, 4> a{198, 51, 100, 66};
    constexpr std::array<std::uint8_t, 16> aaaa{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x66};
    const unsigned records = get_u16(response, 6) + get_u16(response, 8) + get_u16(response, 10);
    std::size_t at = question_end(response);
    for (unsigned i = 0; i < records; ++i) {
        const std::size_t fixed = name_end(response, at);
        const auto data = response.begin() + static_cast<std::ptrdiff_t>(fixed + fixed_octets);
        const unsigned type = get_u16(response, fixed);
        const unsigned octets = get_u16(response, fixed + 8);
        if (type == LDNS_RR_TYPE_A && octets == a.size()) std::ranges::copy(a, data);
        if (type == LDNS_RR_TYPE_AAAA && octets == aaaa.size()) std::ranges::copy(aaaa, data);
        at = record_end(response, at);
    }
}

void change_question(Octets& response) {
    if (response.size() <= header_octets + 2) return;
    if (response[header_octets] == 0) {
        response[header_octets + 2] ^= 0x01;
    } else {
        response[header_octets + 1] = response[header_octets + 1] == 'q' ? 'z' : 'q';
    }
}

WireAnswer grown(const WireAnswer& answer, std::size_t octets) {
    // A pointer to the question, the fixed part, and one string without characters.
    constexpr std::size_t least = 2 + fixed_octets + 1;
    const auto past =
        std::ranges::upper_bound(answer.cuts, octets - std::min(octets, least), {}, &WireAnswer::Cut::octets);
    if (past == answer.cuts.begin()) return answer;
    WireAnswer out = answer;
    out.cuts.resize(static_cast<std::size_t>(past - answer.cuts.begin()));
    WireAnswer::Cut cut = out.cuts.back();
    out.octets.resize(cut.octets);
    const std::size_t data = octets - cut.octets - 2 - fixed_octets;
    for (const unsigned field : {0xC00CU, unsigned{LDNS_RR_TYPE_TXT}, 1U, 0U, 30U, static_cast<unsigned>(data)}) {
        append_u16(out.octets, field);
    }
    for (std::size_t left = data; left > 0;) {
        const std::size_t length = std::min<std::size_t>(left - 1, 255);  // RFC 1035 3.3
        out.octets.push_back(static_cast<std::uint8_t>(length));
        out.octets.insert(out.octets.end(), length, 'x');
        left -= 1 + length;
    }
    // In the section that is open at this place; it is as required as what is there.
    const std::size_t section = cut.counts[2] > 0 ? 2 : (cut.counts[1] > 0 ? 1 : 0);
    ++cut.counts[section];
    cut.octets = out.octets.size();
    const bool all_required = answer.required_cut + 1 >= answer.cuts.size();
    out.cuts.push_back(cut);
    if (section < 2 || all_required) out.required_cut = out.cuts.size() - 1;
    out.required_cut = std::min(out.required_cut, out.cuts.size() - 1);
    out.chain_cut = std::min(out.chain_cut, out.cuts.size() - 1);
    return out;
}

}  // namespace uncut::harness::upstream
