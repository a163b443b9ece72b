// SPDX-License-Identifier: Apache-2.0
// Retry: a UDP answer that was not whole is asked for again over TCP, and what comes of that. For this room alone.
#pragma once

#include "module/exchange/state.hpp"

namespace uncut::exchange {

// A UDP answer of ours with this verdict, which is neither whole nor malformed.
void on_truncated(Step& step, const wire::Message& response, Status parsed, std::uint32_t verdict,
                  std::uint32_t upstream) noexcept;

// The TCP attempt in hand failed for this cause.
void on_tcp_failed(Step& step, std::uint32_t cause) noexcept;

// TCP gave this answer, which is about to be delivered; `verdict` is what judge said of it. No retry: does nothing.
void settle_retry(Step& step, const wire::Message& response, std::uint32_t verdict) noexcept;

// The retry, if there is one, is of no use any more.
void abandon_retry(Exchange& x) noexcept;

}  // namespace uncut::exchange
