// SPDX-License-Identifier: Apache-2.0
// ldns as the second opinion on what is a message, and the differences that are understood, each with its reason.
#pragma once

#include <memory>

// Behind the standard library: it defines words that libstdc++ uses.
#include <ldns/ldns.h>

#include "module/wire/message.hpp"
#include "module/wire/rdata.hpp"
#include "tests/unit/builder.hpp"

namespace uncut::test {

inline constexpr std::uint16_t type_unknown = 65'280;  // of the range for private use: RFC 6895 3.1

using Packet = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;

// Null: ldns refuses it.
inline Packet ldns_reads(const Bytes& message) {
    ldns_pkt* packet = nullptr;
    if (ldns_wire2pkt(&packet, message.data(), message.size()) != LDNS_STATUS_OK) packet = nullptr;
    return {packet, ldns_pkt_free};
}

template <typename Visit>
void for_each_intact(const Bytes& message, const wire::Message& view, Status status, Visit visit) {
    const std::uint32_t end = status == UNCUT_OK ? view.octets : view.intact_end;
    for (std::uint32_t offset = view.section_offsets[wire::answer]; offset != 0 && offset < end;) {
        const wire::Record record = wire::record_at(message.data(), offset);
        visit(record);
        offset = record.end;
    }
}

// Whether parse looks into the data of such a record.
inline bool is_checked(const wire::Message& view, const wire::Record& record) {
    return view.opcode == wire::opcode::query &&
           (record.rclass == wire::class_in || wire::rdata_rule(record.type).exact_octets == 0);
}

// Ours accepts, ldns does not: why, or null when that is not understood. The one reason: ldns reads the data of types
// that are opaque to us (RFC 3597 3: data of a type that one need not understand is passed on), and that of any opcode
// and class as in class IN. So with those types made unknown ldns must accept.
inline const char* why_accepted(Bytes message, const wire::Message& view) {
    for_each_intact(message, view, UNCUT_OK, [&](const wire::Record& record) {
        if (record.type == wire::type::opt) return;
        if (wire::rdata_rule(record.type).is_opaque() || !is_checked(view, record))
            wire::store16(message.data() + record.fixed, type_unknown);
    });
    return ldns_reads(message) ? "ldns reads data that is opaque to us: RFC 3597 3" : nullptr;
}

// Ours refuses, ldns does not: why, or null when that is not understood.
inline const char* why_refused(const Bytes& message, const wire::Message& view, Status status) {
    switch (status) {
        case UNCUT_WIRE_POINTER:
            return "ldns follows pointers forward; RFC 1035 4.1.4: a prior occurrence";
        case UNCUT_WIRE_RDATA:
            return "ldns reads on where RDLENGTH says less than the type takes";
        case UNCUT_WIRE_TRAILING:
            return "ldns stops at the counts; octets behind come alive when an OPT is added";
        case UNCUT_WIRE_OPT:
            return "ldns takes several OPTs, any owner and options that overrun; RFC 6891 6.1.1, 6.1.2";
        case UNCUT_LIMIT_BUDGET:
            return "ldns climbs longer ladders of pointers than any name needs: a limit of ours, no fault";
        default:
            break;
    }
    // Where ldns reads on past RDLENGTH it sees other records than those that RDLENGTH says.
    // That holds for data of other classes and opcodes, read as of class IN, and for types that are opaque to us and
    // known to ldns; of those TXT is read as RDLENGTH says.
    bool reads_on = false;
    for_each_intact(message, view, status, [&](const wire::Record& record) {
        const bool only_theirs = wire::rdata_rule(record.type).is_opaque() && record.type != wire::type::txt &&
                                 ldns_rr_descript(record.type) != ldns_rr_descript(type_unknown);
        reads_on |= !is_checked(view, record) || only_theirs;
    });
    return reads_on ? "ldns reads data that is opaque to us, or of another class or opcode, past RDLENGTH" : nullptr;
}

}  // namespace uncut::test
