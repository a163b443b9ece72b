// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/input.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace uncut::harness {
namespace {

struct CloseUnlessStdin {
    void operator()(std::FILE* file) const {
        if (file != stdin) std::fclose(file);
    }
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string shown(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= 0x20 && octet < 0x7F ? fmt::format("'{}'", c) : fmt::format("octet 0x{:02x}", octet);
}

}  // namespace

std::string input_name(const std::string& file) {
    return file == "-" ? "standard input" : file;
}

std::expected<Octets, std::string> read_input(const std::string& file) {
    const std::string shown_name = input_name(file);
    const std::unique_ptr<std::FILE, CloseUnlessStdin> stream(file == "-" ? stdin : std::fopen(file.c_str(), "rb"));
    if (!stream) return std::unexpected(fmt::format("{}: {}", shown_name, std::strerror(errno)));
    Octets out;
    std::uint8_t room[16384];
    for (std::size_t count = 0; (count = std::fread(room, 1, sizeof room, stream.get())) > 0;) {
        if (out.size() + count > input_octets_max) {
            return std::unexpected(fmt::format("{}: more than {} octets", shown_name, input_octets_max));
        }
        out.insert(out.end(), room, room + count);
    }
    if (std::ferror(stream.get()) != 0) return std::unexpected(fmt::format("{}: {}", shown_name, std::strerror(errno)));
    return out;
}

std::expected<void, std::string> write_output(std::span<const std::uint8_t> octets) {
    if (std::fwrite(octets.data(), 1, octets.size(), stdout) != octets.size() || std::fflush(stdout) != 0) {
        return std::unexpected(fmt::format("standard output: {}", std::strerror(errno)));
    }
    return {};
}

std::expected<Octets, std::string> decode_hex(std::string_view text) {
    Octets out;
    int high = -1;
    std::size_t line = 1;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '#' || c == ';') {
            while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
        } else if (c == '\n') {
            ++line;
            line_start = i + 1;
        } else if (const int digit = hex_digit(c); digit >= 0) {
            if (high >= 0) out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
            high = high >= 0 ? -1 : digit;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return std::unexpected(
                fmt::format("line {}, column {}: {} is not a hexadecimal digit", line, i - line_start + 1, shown(c)));
        }
    }
    if (high >= 0) return std::unexpected(fmt::format("line {}: the last octet has one digit: expected two", line));
    return out;
}

std::vector<Frame> split_frames(std::span<const std::uint8_t> octets) {
    std::vector<Frame> out;
    while (!octets.empty()) {
        if (octets.size() < 2) {
            out.push_back({octets.subspan(octets.size()), true});
            break;
        }
        const std::size_t length = static_cast<std::size_t>(octets[0] << 8U | octets[1]);
        octets = octets.subspan(2);
        const bool is_short = octets.size() < length;
        out.push_back({octets.first(is_short ? octets.size() : length), is_short});
        octets = octets.subspan(out.back().octets.size());
    }
    return out;
}

}  // namespace uncut::harness
