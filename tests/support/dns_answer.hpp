// SPDX-License-Identifier: Apache-2.0
// A response as ldns reads it, so that what Uncut wrote is not judged by Uncut's own parser.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/support/net.hpp"

namespace uncut::test {

struct Answer {
    std::size_t octets = 0;
    std::uint16_t id = 0;
    int opcode = 0;
    int rcode = 0;  ///< 12 bits
    bool qr = false;
    bool tc = false;
    bool rd = false;
    bool ra = false;
    std::string question;               ///< "name type", as sent, letter case kept
    std::multiset<std::string> answer;  ///< records as text, names in lower case
    std::multiset<std::string> authority;
    std::multiset<std::string> additional;  ///< without the OPT
    bool edns = false;
    bool dnssec_ok = false;
    std::uint16_t udp_payload_size = 0;
    std::vector<std::uint16_t> extended_errors;  ///< RFC 8914

    /// How many records of the answer section have this type, e.g. "A".
    std::size_t count(std::string_view type) const;
};

/// Throws std::runtime_error if ldns cannot read it.
Answer read_answer(const Octets& message);

}  // namespace uncut::test
