// SPDX-License-Identifier: Apache-2.0
// Where a zone transfer ends: by its SOA records, message after message.
#pragma once

#include "module/wire/message.hpp"

namespace uncut::engine {

enum class Progress : std::uint8_t {
    more,
    last,     // the transfer ends with this message
    foreign,  // not of this transfer: too short, another ID, or no response
};

// Reads the messages of one transfer in order. It only watches: what it does not understand (a record that does not
// parse) passes, and the transfer then ends when the upstream closes or falls silent.
class Transfer {
  public:
    void begin(Octets query) noexcept;  // a whole one, which parse accepted
    Progress read(Octets message) noexcept;

  private:
    bool read_record(const wire::Message& message, const wire::Record& record) noexcept;
    bool is_up_to_date() const noexcept;

    std::uint16_t id_ = 0;
    bool lost_ = false;         // something did not parse: the end is not to be seen any more
    bool incremental_ = false;  // RFC 1995 4: differences, each between two SOA records
    std::uint32_t records_ = 0;
    std::uint32_t serial_ = 0;   // of the first SOA
    std::uint32_t serials_ = 0;  // SOA records seen with that serial
    bool has_known_ = false;     // an IXFR, of a client that has a version of the zone
    std::uint32_t known_ = 0;    // its serial
};

// The question's type of a query that may be malformed; 0: none to be read.
std::uint16_t query_type(Octets query) noexcept;

// Writes the query's header and question back as a response with this RCODE, or with TC set. Returns its octets, 12 at
// least; `out` has room for those of the query.
std::size_t write_error(Octets query, std::uint16_t rcode, bool truncated, std::span<std::uint8_t> out) noexcept;

}  // namespace uncut::engine
