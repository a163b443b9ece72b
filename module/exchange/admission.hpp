// SPDX-License-Identifier: Apache-2.0
// Admission: what becomes of a client's query before any upstream hears of it.
#pragma once

#include "module/wire/message.hpp"

namespace uncut::exchange {

struct Admission {
    enum class Kind : std::uint8_t {
        drop,         // no answer is owed, for `cause`
        answer,       // here, with `rcode`
        bypass,       // a zone transfer: not a thing of one answer
        transparent,  // every octet stays as it is
        forward
    };
    Kind kind = Kind::drop;
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    std::uint16_t rcode = 0;
};

// `parsed` is what parse said of the query. Pure, any thread.
Admission admit(const wire::Message& query, Status parsed) noexcept;

}  // namespace uncut::exchange
