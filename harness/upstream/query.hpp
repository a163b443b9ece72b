// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "harness/upstream/name.hpp"
#include "harness/upstream/wire.hpp"

namespace uncut::harness::upstream {

enum class Transport : std::uint8_t { udp, tcp };

/// What the scripted upstream reads of a query. Only the header is valid when `rcode` is set and `has_question` is not.
struct Query {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;
    std::uint8_t opcode = 0;
    bool has_question = false;
    WireName name;                           ///< in lower case
    std::span<const std::uint8_t> question;  ///< name, type and class as received; borrowed from the message
    std::uint16_t type = 0;
    std::uint16_t dns_class = 0;
    bool has_opt = false;
    bool dnssec_ok = false;
    std::uint16_t udp_payload_size = 512;  ///< octets; 512 without an OPT or with one that says less (RFC 6891 6.2.3)
    std::optional<std::uint16_t> rcode;    ///< the query is refused with this, whatever it asks

    bool recursion_desired() const { return (flags & 0x0100U) != 0; }
    bool checking_disabled() const { return (flags & 0x0010U) != 0; }
};

/// Reads a query. Nothing where no answer may be given: under 12 octets, or QR set.
std::optional<Query> read_query(std::span<const std::uint8_t> message);

}  // namespace uncut::harness::upstream
