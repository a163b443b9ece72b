// SPDX-License-Identifier: Apache-2.0
#include "harness/log/printable.hpp"

#include <fmt/format.h>

namespace uncut::harness {
namespace {

// Octets of the UTF-8 character at the front; 0 if there is none.
std::size_t utf8_character(std::string_view text) {
    struct Form {  // RFC 3629 section 4: the first octet, the range of the second, how many in all
        unsigned first_min, first_max, second_min, second_max;
        std::size_t octets;
    };
    static constexpr Form forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    const auto octet = [text](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[at])); };
    for (const Form& form : forms) {
        if (octet(0) < form.first_min || octet(0) > form.first_max) continue;
        if (form.octets == 1) return 1;
        if (text.size() < form.octets || octet(1) < form.second_min || octet(1) > form.second_max) return 0;
        for (std::size_t at = 2; at < form.octets; ++at) {
            if (octet(at) < 0x80 || octet(at) > 0xBF) return 0;
        }
        return form.octets;
    }
    return 0;
}

// A control character's escape; "" for what is none. `character` is one in UTF-8.
std::string control_escape(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character == "\n") return "\\n";
    if (character == "\t") return "\\t";
    if (character == "\r") return "\\r";
    if (first < 0x20 || first == 0x7F) return fmt::format("\\x{:02x}", first);
    // C1, which terminals obey as they obey an escape sequence: U+0080 to U+009F are C2 80 to C2 9F.
    if (first != 0xC2 || static_cast<unsigned char>(character[1]) > 0x9F) return {};
    return fmt::format("\\u{:04x}", static_cast<unsigned char>(character[1]));
}

}  // namespace

std::string utf8_text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t octets = utf8_character(text);
        out += octets == 0 ? "\xEF\xBF\xBD" : text.substr(0, octets);
        text.remove_prefix(octets == 0 ? 1 : octets);
    }
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t octets = utf8_character(text);
        const std::string_view character = octets == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, octets);
        const std::string escape = control_escape(character);
        out += escape.empty() ? character : std::string_view(escape);
        text.remove_prefix(octets == 0 ? 1 : octets);
    }
    return out;
}

}  // namespace uncut::harness
