// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <span>

namespace uncut::harness {

/// What the module reads of a message, and how far. Any octets, none too.
uncut_status inspect_message(std::span<const std::uint8_t> octets, const uncut_module& module,
                             uncut_message_info& info);

/// Adds id, opcode, rcode, flags and counts: null (flags: empty) where there is no header.
void add_header(const uncut_message_info& info, boost::json::object& object);

/// {"name","type","class"} of the first question; null where none was read.
boost::json::value question_to_json(std::span<const std::uint8_t> octets, const uncut_message_info& info,
                                    const uncut_module& module);

/// {"version","udp_payload_size","do"}; null where no OPT was read.
boost::json::value edns_to_json(const uncut_message_info& info);

}  // namespace uncut::harness
