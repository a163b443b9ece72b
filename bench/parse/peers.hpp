// SPDX-License-Identifier: Apache-2.0
// What others do to read a whole message.
#pragma once

#include <cstddef>
#include <cstdint>

namespace uncut::bench {

// ldns_wire2pkt, and the ldns_pkt_free that every caller owes. False: refused.
bool read_with_ldns(const std::uint8_t* data, std::size_t octets);

// glibc's ns_initparse, and ns_parserr over all records. False: refused.
bool read_with_glibc(const std::uint8_t* data, std::size_t octets);

}  // namespace uncut::bench
