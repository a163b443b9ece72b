// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace uncut::harness {

inline constexpr std::string_view root_zone = "default";

/// One spelling for a zone: lower case (ASCII), no final dot; "", "." and "default" are the root.
std::string zone_key(std::string_view zone);

/// Whether a zone is a domain name in presentation form, as the ABI takes it: no empty label, labels of at most 63
/// octets, 255 in all, escapes \X and \DDD. The spellings of the root are.
bool is_zone_name(std::string_view zone);

}  // namespace uncut::harness
