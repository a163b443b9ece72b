// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/zone_name.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace uncut::harness {
namespace {

constexpr std::size_t label_octets_max = 63;  // RFC 1035 2.3.4, as the next
constexpr std::size_t name_octets_max = 255;

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

// Takes one character, escapes included, off the front of a label (RFC 1035 5.1). False: no such escape.
bool take_character(std::string_view& text) {
    std::size_t taken = 1;
    if (text[0] == '\\') {
        if (text.size() < 2) return false;
        taken = is_digit(text[1]) ? 4 : 2;
        if (text.size() < taken) return false;
        if (taken == 4 && !(is_digit(text[2]) && is_digit(text[3]) && text.substr(1, 3) <= "255")) return false;
    }
    text.remove_prefix(taken);
    return true;
}

}  // namespace

std::string zone_key(std::string_view zone) {
    // Names are compared without regard to ASCII case (RFC 4343).
    std::string key(zone);
    for (char& letter : key) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    if (key.empty() || key == "." || key == root_zone) return std::string(root_zone);
    // With its dot it is the top-level domain of that name, not the root.
    if (key == fmt::format("{}.", root_zone) || !key.ends_with('.')) return key;
    // A backslash makes the final dot part of the last label (RFC 1035 5.1), unless it is itself escaped.
    const std::string_view before = std::string_view(key).substr(0, key.size() - 1);
    const std::size_t last = before.find_last_not_of('\\');
    const std::size_t backslashes = before.size() - (last == std::string_view::npos ? 0 : last + 1);
    if (backslashes % 2 == 0) key.pop_back();
    return key;
}

bool is_zone_name(std::string_view zone) {
    if (zone.find('\0') != std::string_view::npos) return false;  // the ABI's names end there
    if (zone.empty() || zone == ".") return true;
    std::size_t name_octets = 1;  // the root label
    while (!zone.empty()) {
        std::size_t label_octets = 0;
        while (!zone.empty() && zone[0] != '.') {
            if (!take_character(zone)) return false;
            ++label_octets;
        }
        if (label_octets == 0 || label_octets > label_octets_max) return false;
        name_octets += 1 + label_octets;
        if (!zone.empty()) zone.remove_prefix(1);  // the dot
    }
    return name_octets <= name_octets_max;
}

}  // namespace uncut::harness
