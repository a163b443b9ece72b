// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::harness {

using Octets = std::vector<std::uint8_t>;

/// The most a command reads of one file: many framed messages, and no /dev/zero.
inline constexpr std::size_t input_octets_max = std::size_t{256} << 20U;

/// What errors call a file: "standard input" for "-".
std::string input_name(const std::string& file);

/// Reads a file whole; "-" is standard input. The error names the file and the reason.
std::expected<Octets, std::string> read_input(const std::string& file);

/// Writes all octets to standard output. The error says why not.
std::expected<void, std::string> write_output(std::span<const std::uint8_t> octets);

/// Hexadecimal digits, two an octet; white space anywhere, and what follows a '#' or ';' up to the end of its line, is
/// skipped. The error says line, column and what was found there.
std::expected<Octets, std::string> decode_hex(std::string_view text);

/// One message of a file with TCP framing (RFC 1035 4.2.2).
struct Frame {
    std::span<const std::uint8_t> octets;
    bool is_short = false;  ///< the file ends before the length says
};

/// Splits a file into its frames; the last may be short. The spans point into `octets`.
std::vector<Frame> split_frames(std::span<const std::uint8_t> octets);

}  // namespace uncut::harness
