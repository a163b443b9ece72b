// SPDX-License-Identifier: Apache-2.0
// Clamp lowers the UDP payload size that a query advertises; it never raises it.
#pragma once

#include "module/wire/message.hpp"

namespace uncut::policy {

struct Clamped {
    std::uint32_t action = UNCUT_CLAMP_NONE;  // uncut_clamp_action
    std::uint32_t bufsize_before = 0;         // 0: no OPT
    std::uint32_t bufsize_after = 0;
    std::size_t octets = 0;  // written, or with UNCUT_MISUSE_SHORT_BUFFER needed
};

// `query` was parsed. Writes it clamped to `out`, which may be the query's own octets. With edns add, a query that has
// no OPT gets one with DO clear; a signed query is never touched (a signature covers every octet: RFC 8945 5.3).
Status clamp(const wire::Message& query, std::uint32_t bufsize, std::uint32_t edns, std::span<std::uint8_t> out,
             Clamped& clamped) noexcept;

}  // namespace uncut::policy
