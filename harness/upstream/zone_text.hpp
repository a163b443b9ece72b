// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "harness/upstream/ldns_handles.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness::upstream {

struct ZoneTextError {
    std::size_t line = 0;  ///< from 1; 0: the text as a whole
    std::string reason;    ///< what ldns said
};

/// Reads master-file text (RFC 1035 5; $ORIGIN and $TTL yes, $INCLUDE no).
std::expected<std::vector<RrPtr>, ZoneTextError> read_zone_text(std::string_view text);

/// Reads the data of one record of class IN as a zone writes it; names without a final dot are absolute all the same.
/// The error says what ldns said.
std::expected<RrPtr, std::string> read_record(std::string_view name, std::uint16_t type, std::uint32_t ttl_s,
                                              std::string_view data);

/// The data of a record as a zone writes it.
std::string data_text(const ldns_rr& record);

/// The owner of a record, in lower case.
WireName owner_of(const ldns_rr& record);

}  // namespace uncut::harness::upstream
