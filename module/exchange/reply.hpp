// SPDX-License-Identifier: Apache-2.0
// Reply: what an upstream's message, a failure or a timeout leads to. For this room alone.
#pragma once

#include "module/exchange/state.hpp"

namespace uncut::exchange {

void on_datagram(Step& step, const Event& event) noexcept;
void on_stream_message(Step& step, const Event& event) noexcept;
void on_transparent_message(Step& step, const Event& event) noexcept;
void on_failed(Step& step, const Event& event) noexcept;
void on_timeout(Step& step) noexcept;

}  // namespace uncut::exchange
