// SPDX-License-Identifier: Apache-2.0
// The zones that real upstreams serve in the stories.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/dns_client.hpp"

namespace uncut::test {

inline constexpr std::string_view plain_origin = "example.test";
inline constexpr std::string_view huge_origin = "huge.test";
inline constexpr std::string_view signed_origin = "signed.test";

/// What is asked for in the stories. The sizes are those of the answer without an OPT, from a server that leaves out
/// what nobody required.
struct StoryName {
    std::string_view label;
    std::uint16_t type;
    std::size_t records;  ///< of the type asked
    std::size_t octets;   ///< 0: servers compress it differently
    std::string name(std::string_view origin = plain_origin) const;
};

inline constexpr StoryName one_address{"a1", type_a, 1, 49};
inline constexpr StoryName few_addresses{"a22", type_a, 22, 386};
inline constexpr StoryName sixty_addresses{"a60", type_a, 60, 994};
inline constexpr StoryName many_addresses{"a200", type_a, 200, 3235};
inline constexpr StoryName chain{"chain", type_a, 22, 0};  // over 512, under 1,232
inline constexpr StoryName large_text{"txt", type_txt, 12, 3190};
inline constexpr StoryName huge_text{"huge", type_txt, 64, 65535};

inline constexpr std::array story_names{one_address, few_addresses, sixty_addresses, many_addresses, chain, large_text};

/// The zone example.test, in presentation form: all names but huge_text.
std::string plain_zone();

/// The zone huge.test with huge_text, apart from the others because Knot transfers no RRset of that size.
std::string huge_zone();

/// The zone signed.test, signed with ldns, with a DNSKEY set of over 2,048 octets. The names with addresses are those
/// of the plain zone. Made once. Throws std::runtime_error if the tools fail.
const std::string& signed_zone();

}  // namespace uncut::test
