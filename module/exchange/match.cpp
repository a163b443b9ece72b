// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/match.hpp"

#include "module/wire/name.hpp"

namespace uncut::exchange {

namespace {

// Some servers leave the question out when they refuse; an answer or a denial without one could be anybody's.
bool may_lack_question(const wire::Message& response) noexcept {
    return response.rcode != wire::rcode::noerror && response.rcode != wire::rcode::nxdomain;
}

}  // namespace

std::uint32_t match(const wire::Message& response, Status parsed, const Expected& expected) noexcept {
    if (!response.has(UNCUT_FACT_HEADER)) return UNCUT_CAUSE_MALFORMED;
    if ((response.flags & wire::flag::qr) == 0) return UNCUT_CAUSE_QR;
    if (response.id != expected.id) return UNCUT_CAUSE_ID;
    if (response.opcode != expected.opcode) return UNCUT_CAUSE_OPCODE;
    if (expected.question.empty()) return UNCUT_CAUSE_NONE;
    if (response.counts[wire::question] == 0) {
        if (parsed != UNCUT_OK) return UNCUT_CAUSE_MALFORMED;
        return may_lack_question(response) ? UNCUT_CAUSE_NONE : UNCUT_CAUSE_QUESTION;
    }
    if (!response.has(UNCUT_FACT_QUESTION)) return UNCUT_CAUSE_MALFORMED;
    if (response.counts[wire::question] != 1 || !wire::same_question(response.question(), expected.question)) {
        return UNCUT_CAUSE_QUESTION;
    }
    return UNCUT_CAUSE_NONE;
}

Counter ignored_counter(std::uint32_t cause) noexcept {
    switch (cause) {
        case UNCUT_CAUSE_SOURCE:
            return Counter::ignored_source;
        case UNCUT_CAUSE_ID:
            return Counter::ignored_id;
        case UNCUT_CAUSE_QR:
            return Counter::ignored_qr;
        case UNCUT_CAUSE_OPCODE:
            return Counter::ignored_opcode;
        case UNCUT_CAUSE_QUESTION:
            return Counter::ignored_question;
        case UNCUT_CAUSE_MALFORMED:
            return Counter::ignored_malformed;
        case UNCUT_CAUSE_LETTER_CASE:
            return Counter::ignored_letter_case;
        default:
            return Counter::ignored_late;
    }
}

}  // namespace uncut::exchange
