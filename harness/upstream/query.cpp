// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/query.hpp"

#include <ldns/ldns.h>

#include <algorithm>

namespace uncut::harness::upstream {
namespace {

constexpr std::uint16_t rcode_badvers = 16;  // RFC 6891 9

/// Skips a name; nothing if it runs out or has a label of an unknown type. Pointers are followed nowhere: they end it.
std::optional<std::size_t> skip_name(std::span<const std::uint8_t> message, std::size_t at) {
    while (at < message.size()) {
        const std::uint8_t length = message[at];
        if (length == 0) return at + 1;
        if ((length & 0xC0U) == 0xC0U) return at + 2 <= message.size() ? std::optional(at + 2) : std::nullopt;
        if (length > 63) return std::nullopt;
        at += length + std::size_t{1};
    }
    return std::nullopt;
}

/// Reads the question at octet 12. Its name can look back at nothing, so a pointer in it is an error.
std::optional<std::size_t> read_question(std::span<const std::uint8_t> message, Query& query) {
    std::size_t at = header_octets;
    while (at < message.size() && message[at] != 0) {
        if (message[at] > 63) return std::nullopt;
        at += message[at] + std::size_t{1};
    }
    ++at;
    if (at + 4 > message.size() || at - header_octets > name_octets_max) return std::nullopt;
    const auto* first = reinterpret_cast<const char*>(message.data() + header_octets);
    query.name = lower({first, at - header_octets});
    query.type = get_u16(message, at);
    query.dns_class = get_u16(message, at + 2);
    query.question = message.subspan(header_octets, at + 4 - header_octets);
    query.has_question = true;
    return at + 4;
}

/// Reads all records behind the question, for the OPT; false where the octets do not hold what the counts say.
bool read_records(std::span<const std::uint8_t> message, std::size_t at, Query& query) {
    const std::size_t before_additional = std::size_t{get_u16(message, 6)} + get_u16(message, 8);
    const std::size_t records = before_additional + get_u16(message, 10);
    for (std::size_t i = 0; i < records; ++i) {
        const bool root = at < message.size() && message[at] == 0;
        const auto fixed = skip_name(message, at);
        if (!fixed || *fixed + 10 > message.size()) return false;
        const std::size_t end = *fixed + 10 + get_u16(message, *fixed + 8);
        if (end > message.size()) return false;
        if (get_u16(message, *fixed) == LDNS_RR_TYPE_OPT) {
            // RFC 6891 6.1.1: one OPT, owned by the root, in the additional section.
            if (query.has_opt || !root || i < before_additional) return false;
            query.has_opt = true;
            query.udp_payload_size = std::max<std::uint16_t>(512, get_u16(message, *fixed + 2));
            if (message[*fixed + 5] != 0) query.rcode = rcode_badvers;
            query.dnssec_ok = (message[*fixed + 6] & 0x80U) != 0;
        }
        at = end;
    }
    return at == message.size();
}

}  // namespace

std::optional<Query> read_query(std::span<const std::uint8_t> message) {
    if (message.size() < header_octets || (message[2] & 0x80U) != 0) return std::nullopt;
    Query query;
    query.id = get_u16(message, 0);
    query.flags = get_u16(message, 2);
    query.opcode = static_cast<std::uint8_t>(message[2] >> 3U & 0x0FU);
    if (query.opcode != LDNS_PACKET_QUERY) {
        query.rcode = LDNS_RCODE_NOTIMPL;
        return query;
    }
    // RFC 9619 4: exactly one question, or FORMERR.
    if (get_u16(message, 4) != 1) {
        query.rcode = LDNS_RCODE_FORMERR;
        return query;
    }
    const auto records = read_question(message, query);
    if (!records || !read_records(message, *records, query)) {
        query.rcode = LDNS_RCODE_FORMERR;
    } else if (query.dns_class != LDNS_RR_CLASS_IN) {
        query.rcode = query.rcode.value_or(LDNS_RCODE_REFUSED);
    } else if (query.type == LDNS_RR_TYPE_AXFR || query.type == LDNS_RR_TYPE_IXFR) {
        query.rcode = query.rcode.value_or(LDNS_RCODE_NOTIMPL);
    }
    return query;
}

}  // namespace uncut::harness::upstream
