// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/upstream/answer.hpp"
#include "harness/upstream/query.hpp"

namespace uncut::harness::upstream {

/// What the upstream says it can receive: the field's default (RFC 9715 and the DNS flag day of 2020).
constexpr std::uint16_t advertised_octets = 1232;

/// What becomes of a response that is longer than it may be.
enum class Shape : std::uint8_t {
    partial,         ///< whole RRsets are dropped from the end, TC set if one of them was required (RFC 2181 9)
    empty,           ///< question and OPT alone, TC set
    tc_lost,         ///< as above, TC clear all the same
    dangling_cname,  ///< the CNAMEs the answer begins with, TC clear
    oversize,        ///< sent whole, TC clear
    cut,             ///< written whole: whoever sends it ends its octets at the limit
};

struct ResponseOptions {
    Shape shape = Shape::partial;
    std::size_t limit_octets = 512;
    bool opt = true;  ///< an OPT in the response to a query that has one
};

/// Writes the response to `query` into `out` (its room is reused), shaped if it is over the limit.
void write_response(const Query& query, const WireAnswer& answer, const ResponseOptions& options,
                    std::vector<std::uint8_t>& out);

/// Writes a response without records: header, question where one was read, OPT where the query has one and `opt`.
void write_error(const Query& query, std::uint16_t rcode, bool opt, std::vector<std::uint8_t>& out);

}  // namespace uncut::harness::upstream
