// SPDX-License-Identifier: Apache-2.0
// Which types carry names or a fixed length in their data. All others are opaque octets (RFC 3597 3).
#pragma once

#include <array>

#include "module/wire/header.hpp"

namespace uncut::wire {

// RDATA as: some octets, some names, a rest.
struct RdataRule {
    std::uint8_t before = 0;   // octets before the first name
    std::uint8_t strings = 0;  // character-strings between them and the first name
    std::uint8_t names = 0;
    std::uint8_t rest_min = 0;      // octets behind the last name
    bool open_ended = false;        // or more of them
    std::uint8_t exact_octets = 0;  // no names: RDLENGTH in class IN
    bool may_compress = false;      // names may be compressed when the record is written
    bool is_one_name = false;       // nothing but one name: what most chains and delegations are made of

    constexpr bool is_opaque() const noexcept { return names == 0 && exact_octets == 0; }
};

namespace detail {

constexpr RdataRule rule_of(std::uint16_t record_type) noexcept {
    switch (record_type) {
        case type::a:
            return {.exact_octets = 4};
        case type::aaaa:
            return {.exact_octets = 16};
        // RFC 1035 3.3: the well-known types, whose names may be compressed (RFC 3597 4).
        case type::ns:
        case type::md:
        case type::mf:
        case type::cname:
        case type::mb:
        case type::mg:
        case type::mr:
        case type::ptr:
            return {.names = 1, .may_compress = true, .is_one_name = true};
        case type::soa:
            return {.names = 2, .rest_min = 20, .may_compress = true};
        case type::minfo:
            return {.names = 2, .may_compress = true};
        case type::mx:
            return {.before = 2, .names = 1, .may_compress = true};
        // RFC 3597 4: not to be compressed, but met so, and to be read so.
        case type::rp:
            return {.names = 2};
        case type::afsdb:
        case type::rt:
            return {.before = 2, .names = 1};
        case type::px:
            return {.before = 2, .names = 2};
        case type::sig:
            return {.before = 18, .names = 1, .open_ended = true};
        case type::nxt:
            return {.names = 1, .open_ended = true};
        case type::naptr:
            return {.before = 4, .strings = 3, .names = 1};
        case type::srv:
            return {.before = 6, .names = 1};
        case type::kx:
            return {.before = 2, .names = 1};
        case type::dname:
            return {.names = 1};
        case type::rrsig:
            return {.before = 18, .names = 1, .open_ended = true};
        case type::nsec:
            return {.names = 1, .open_ended = true};
        default:
            return {};
    }
}

inline constexpr std::uint16_t types_with_rules = 64;  // all that have one are below

inline constexpr auto rules = [] {
    std::array<RdataRule, types_with_rules> table{};
    for (std::uint16_t type = 0; type != types_with_rules; ++type) table[type] = rule_of(type);
    return table;
}();
inline constexpr RdataRule opaque{};

}  // namespace detail

constexpr const RdataRule& rdata_rule(std::uint16_t record_type) noexcept {
    return record_type < detail::types_with_rules ? detail::rules[record_type] : detail::opaque;
}

// Moves `at` over what stands before the first name; false when it does not fit before `end`.
inline bool skip_before_names(const RdataRule& rule, const std::uint8_t* data, std::uint32_t end,
                              std::uint32_t& at) noexcept {
    if (end - at < rule.before) return false;
    at += rule.before;
    for (std::uint32_t string = 0; string != rule.strings; ++string) {
        if (at == end || end - at - 1 < data[at]) return false;
        at += 1u + data[at];
    }
    return true;
}

}  // namespace uncut::wire
