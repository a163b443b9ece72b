// SPDX-License-Identifier: Apache-2.0
// Is this answer ours? Looked at before TC and before anything behind the question (RFC 5452 9.1).
#pragma once

#include "module/exchange/counters.hpp"
#include "module/wire/message.hpp"

namespace uncut::exchange {

struct Expected {
    std::uint16_t id = 0;
    std::uint32_t opcode = 0;
    Octets question;  // name, type, class; empty: match by ID and opcode alone
};

// UNCUT_CAUSE_NONE, or why not: UNCUT_CAUSE_QR, _ID, _OPCODE, _QUESTION, _MALFORMED. A response without a question
// matches by ID only, and only with an RCODE other than NOERROR and NXDOMAIN. `parsed` is what parse said; the
// header and question are looked at even where the rest is malformed.
std::uint32_t match(const wire::Message& response, Status parsed, const Expected& expected) noexcept;

// What counts a message that is ignored for this cause.
Counter ignored_counter(std::uint32_t cause) noexcept;

}  // namespace uncut::exchange
