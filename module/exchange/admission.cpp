// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/admission.hpp"

namespace uncut::exchange {

namespace {

Admission drop(std::uint32_t cause) noexcept {
    return {Admission::Kind::drop, cause, 0};
}

Admission answer(std::uint16_t rcode) noexcept {
    return {Admission::Kind::answer, UNCUT_CAUSE_NONE, rcode};
}

bool is_zone_transfer(const wire::Message& query) noexcept {
    return query.qtype == wire::type::axfr || query.qtype == wire::type::ixfr;
}

}  // namespace

Admission admit(const wire::Message& query, Status parsed) noexcept {
    if (!query.has(UNCUT_FACT_HEADER)) return drop(UNCUT_CAUSE_SHORT);
    // Answering a response would let two servers answer each other for ever.
    if ((query.flags & wire::flag::qr) != 0) return drop(UNCUT_CAUSE_RESPONSE);
    // A DSO session belongs to one connection and cannot be forwarded as a query: RFC 8490.
    if (query.opcode == wire::opcode::dso) return answer(wire::rcode::notimp);
    // UPDATE, NOTIFY and what is yet to come have rules of their own, and sections that mean other things.
    if (query.opcode != wire::opcode::query) return {Admission::Kind::transparent, UNCUT_CAUSE_NONE, 0};
    if (parsed != UNCUT_OK) {
        // A second OPT is among these: FORMERR, RFC 6891 6.1.1.
        return query.has(UNCUT_FACT_QUESTION) ? answer(wire::rcode::formerr) : drop(UNCUT_CAUSE_NO_QUESTION);
    }
    // RFC 9619 4.
    if (query.counts[wire::question] != 1) return answer(wire::rcode::formerr);
    if (is_zone_transfer(query)) return {Admission::Kind::bypass, UNCUT_CAUSE_NONE, 0};
    // A signature covers every octet, the ID too: RFC 8945.
    if (query.has(UNCUT_FACT_SIGNED)) return {Admission::Kind::transparent, UNCUT_CAUSE_NONE, 0};
    // RFC 6891 6.1.3.
    if (query.has(UNCUT_FACT_OPT) && query.edns_version != 0) return answer(wire::rcode::badvers);
    return {Admission::Kind::forward, UNCUT_CAUSE_NONE, 0};
}

}  // namespace uncut::exchange
