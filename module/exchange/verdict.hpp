// SPDX-License-Identifier: Apache-2.0
// The verdict: is this response whole?
#pragma once

#include "module/wire/message.hpp"

namespace uncut::exchange {

struct Expectation {
    std::uint32_t suspect = 0;            // uncut_suspect bits
    std::uint32_t advertised_octets = 0;  // what the query allowed over UDP; 0: no bound known, or over TCP
    bool kernel_cut = false;
};

// Judges a response that is ours; `parsed` is what parse said of it. Without the suspicion `cut`, a response whose
// octets run out is malformed. Returns an uncut_verdict, never not_ours.
std::uint32_t judge(const wire::Message& response, Status parsed, const Expectation& expectation) noexcept;

}  // namespace uncut::exchange
