// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <span>

namespace uncut::harness {

// What is shown of one message. A list of exchanges shows many, and hostile ones are made of the smallest records with
// the longest names: 6,000 records that a single pointer each turns into a thousand characters.
inline constexpr std::size_t message_records_max = 1'000;
inline constexpr std::size_t message_text_octets_max = 128U << 10;  // of names and data: all data once in hexadecimal
inline constexpr std::size_t message_options_max = 100;

/// A message decoded, any octets at all: the header and what is wrong by the module, each record's data by ldns. The
/// records end before the one that is in error. "omitted" counts records and EDNS options that had no room.
/// Linear in the octets. Thread rule: any thread.
boost::json::object message_to_json(std::span<const std::uint8_t> octets, const uncut_module& module, bool with_hex);

}  // namespace uncut::harness
