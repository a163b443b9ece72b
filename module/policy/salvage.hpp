// SPDX-License-Identifier: Apache-2.0
// What is left of a response whose octets ran out.
#pragma once

#include "module/wire/message.hpp"

namespace uncut::policy {

// `cut` is a response that parse ended with UNCUT_WIRE_CUT behind its question. Writes header, question and the RRsets
// that are complete, TC set, to `out`, which may be its own octets; returns how many octets that are. The last RRset
// before the cut counts as complete only where its section does. An OPT in front of the cut is kept where it stands.
std::size_t salvage(const wire::Message& cut, std::span<std::uint8_t> out) noexcept;

}  // namespace uncut::policy
