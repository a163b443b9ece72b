// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::harness {

/// "QUERY", or OPCODE9 for a number without a name.
std::string opcode_text(std::uint32_t opcode);
/// "NOERROR", or RCODE99 for a number without a name.
std::string rcode_text(std::uint32_t rcode);
/// The flags that are set, in the order of the wire: qr, aa, tc, rd, ra, ad, cd. `flags` are octets 2 and 3.
std::vector<std::string_view> flag_names(std::uint16_t flags);
/// "whole", "truncated", ...; "unknown" for a value of another version.
std::string_view verdict_text(std::uint32_t verdict);
/// "none", "short", "tc_again", ...; "unknown" for a value of another version. `cause` is an uncut_cause.
std::string_view cause_text(std::uint32_t cause);
/// "udp" or "tcp"; "unknown" for a value that is no uncut_transport.
std::string_view transport_text(std::uint32_t transport);

}  // namespace uncut::harness
