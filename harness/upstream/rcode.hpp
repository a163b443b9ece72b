// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace uncut::harness::upstream {

inline constexpr std::uint16_t rcode_header_max = 15;  ///< what a header without an OPT can say: RFC 1035 4.1.1
inline constexpr std::uint16_t rcode_max = 4095;       ///< 12 bits with an OPT: RFC 6891 6.1.3

/// The number of an RCODE by its name, whatever the letter case; none if there is none of this name.
std::optional<std::uint16_t> rcode_from_text(std::string_view text);

/// "SERVFAIL"; RCODEn for one without a name.
std::string rcode_to_text(std::uint16_t rcode);

}  // namespace uncut::harness::upstream
