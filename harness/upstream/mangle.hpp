// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/upstream/answer.hpp"

namespace uncut::harness::upstream {

/// What a response's octets have wrong in them, though it was right.
struct Defects {
    enum class Owner : std::uint8_t { right, loop, forward, too_long };

    Owner owner = Owner::right;  ///< of the first record
    bool bad_rdlength = false;   ///< of the first record
    bool lying_counts = false;
    std::optional<std::uint16_t> answer_count;  ///< what they say; none: one more than there are
    std::uint32_t trailing_octets = 0;
    bool two_opts = false;
    std::optional<std::uint8_t> opt_version;
    std::optional<std::uint16_t> opt_size;
    std::uint32_t option_octets = 0;

    /// By how much a response with these defects is longer at most.
    std::size_t added_octets(bool opt) const;
};

/// Puts the defects into a well-formed response; `opt` says that its last record is an OPT without options. One without
/// records gets one for those defects that need one. The result is no longer than 65,535 octets.
void spoil(std::vector<std::uint8_t>& response, const Defects& defects, bool opt);

/// Replaces the addresses of a well-formed response by those that nobody has: 198.51.100.66 and 2001:db8::66.
void forge_addresses(std::vector<std::uint8_t>& response);

/// Makes it the answer to another question: another first letter, or another type where there is none.
void change_question(std::vector<std::uint8_t>& response);

/// The answer with a TXT record behind it, so that it has exactly so many octets without its OPT.
WireAnswer grown(const WireAnswer& answer, std::size_t octets);

}  // namespace uncut::harness::upstream
