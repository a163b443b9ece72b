// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace uncut::harness {

/// Where a record stands in its message. Its lengths are within the message; nothing else is known of it.
struct RecordPlace {
    std::size_t offset = 0;  // of the owner
    std::size_t rdata = 0;
    std::size_t end = 0;
    std::uint16_t type = 0;
};

/// The data of a record in presentation form, ASCII, at a cost bounded by its own octets; in the generic form of
/// RFC 3597 section 5 where ldns does not take it. None: a name in it does not parse.
std::optional<std::string> rdata_text(std::span<const std::uint8_t> message, const RecordPlace& record,
                                      const uncut_module& module);

/// Lower-case hexadecimal digits, two an octet.
std::string hex_text(std::span<const std::uint8_t> octets);

}  // namespace uncut::harness
