// SPDX-License-Identifier: Apache-2.0
#include "module/wire/name.hpp"

#include <algorithm>

#include "module/wire/name_reader.hpp"

namespace uncut::wire {

namespace {

constexpr bool is_pointer(std::uint8_t octet) noexcept {
    return octet >= 0xc0;
}

// The label at or behind `offset`, pointers followed. parse bounded their number.
std::uint32_t resolve(const std::uint8_t* data, std::uint32_t offset) noexcept {
    while (is_pointer(data[offset])) offset = load16(data + offset) & 0x3fffu;
    return offset;
}

bool same_label_octets(const std::uint8_t* one, const std::uint8_t* other, std::size_t octets) noexcept {
    for (std::size_t at = 0; at != octets; ++at)
        if (lower(one[at]) != lower(other[at])) return false;
    return true;
}

// The octet with this length of labels before it is the start of a label, as seen from the start of `name`.
bool is_label_start(Octets name, std::size_t offset) noexcept {
    std::size_t at = 0;
    while (at < offset) at += name[at] + 1u;
    return at == offset;
}

template <typename Transform>
void expand(const std::uint8_t* data, std::uint32_t offset, Name& name, Transform transform) noexcept {
    std::size_t length = 0;
    for (offset = resolve(data, offset); data[offset] != 0; offset = resolve(data, offset + data[offset] + 1u)) {
        name.octets[length++] = data[offset];
        for (std::uint32_t at = 1; at <= data[offset]; ++at) name.octets[length++] = transform(data[offset + at]);
    }
    name.octets[length++] = 0;
    name.length = static_cast<std::uint8_t>(length);
}

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

// Reads one character of a label, escapes resolved (RFC 1035 5.1): \DDD is an octet, \X is X itself.
bool take_character(std::string_view& text, std::uint8_t& octet) noexcept {
    if (text[0] != '\\') {
        octet = static_cast<std::uint8_t>(text[0]);
        text.remove_prefix(1);
        return true;
    }
    if (text.size() < 2) return false;
    if (!is_digit(text[1])) {
        octet = static_cast<std::uint8_t>(text[1]);
        text.remove_prefix(2);
        return true;
    }
    if (text.size() < 4 || !is_digit(text[2]) || !is_digit(text[3])) return false;
    const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
    if (value > 255) return false;
    octet = static_cast<std::uint8_t>(value);
    text.remove_prefix(4);
    return true;
}

// What a dot, a backslash and unprintable octets look like in text; others stand for themselves.
std::size_t text_of_octet(std::uint8_t octet, char (&text)[4]) noexcept {
    constexpr std::string_view special = ".\\\"();@$";
    if (octet <= 0x20 || octet >= 0x7f) {
        text[0] = '\\';
        text[1] = static_cast<char>('0' + octet / 100);
        text[2] = static_cast<char>('0' + octet / 10 % 10);
        text[3] = static_cast<char>('0' + octet % 10);
        return 4;
    }
    const char character = static_cast<char>(octet);
    if (special.find(character) == std::string_view::npos) {
        text[0] = character;
        return 1;
    }
    text[0] = '\\';
    text[1] = character;
    return 2;
}

// Feeds the presentation form to `put`, piece by piece.
template <typename Put>
void write_text(Octets name, Put put) noexcept {
    if (name[0] == 0) put(".", std::size_t{1});
    for (std::size_t label = 0; name[label] != 0; label += name[label] + 1u) {
        for (std::size_t at = 1; at <= name[label]; ++at) {
            char text[4];
            const std::size_t length = text_of_octet(name[label + at], text);
            put(text, length);
        }
        put(".", std::size_t{1});
    }
    put("", std::size_t{1});  // the NUL
}

}  // namespace

std::uint32_t skip_name(const std::uint8_t* data, std::uint32_t offset) noexcept {
    while (data[offset] != 0) {
        if (is_pointer(data[offset])) return offset + 2;
        offset += data[offset] + 1u;
    }
    return offset + 1;
}

bool names_equal(const std::uint8_t* data, std::uint32_t one, std::uint32_t other) noexcept {
    for (;;) {
        one = resolve(data, one);
        other = resolve(data, other);
        if (one == other) return true;
        const std::uint8_t length = data[one];
        if (length != data[other]) return false;
        if (length == 0) return true;
        if (!same_label_octets(data + one + 1, data + other + 1, length)) return false;
        one += length + 1u;
        other += length + 1u;
    }
}

void expand_name(const std::uint8_t* data, std::uint32_t offset, Name& name) noexcept {
    expand(data, offset, name, [](std::uint8_t octet) { return octet; });
}

void expand_name_lower(const std::uint8_t* data, std::uint32_t offset, Name& name) noexcept {
    expand(data, offset, name, [](std::uint8_t octet) { return lower(octet); });
}

bool at_or_below(Octets name, Octets zone) noexcept {
    if (zone.size() > name.size()) return false;
    const std::size_t start = name.size() - zone.size();
    return equal_fold(name.subspan(start), zone) && is_label_start(name, start);
}

bool equal_fold(Octets one, Octets other) noexcept {
    return one.size() == other.size() && same_label_octets(one.data(), other.data(), one.size());
}

bool same_question(Octets one, Octets other) noexcept {
    constexpr std::size_t fixed_octets = 4;
    if (one.size() != other.size() || one.size() < fixed_octets) return false;
    const std::size_t name_octets = one.size() - fixed_octets;
    return std::memcmp(one.data() + name_octets, other.data() + name_octets, fixed_octets) == 0 &&
           (std::memcmp(one.data(), other.data(), name_octets) == 0 ||
            same_label_octets(one.data(), other.data(), name_octets));
}

Status check_name(Octets message, std::uint32_t offset, std::uint32_t& end) noexcept {
    if (message.size() > message_octets_max) return UNCUT_LIMIT_OCTETS;
    if (message.size() < header_octets) return UNCUT_WIRE_HEADER;
    if (offset < header_octets) return UNCUT_WIRE_POINTER;
    const auto octets = static_cast<std::uint32_t>(message.size());
    if (offset >= octets) return UNCUT_WIRE_CUT;
    NameReader reader(message.data(), octets);
    const std::uint8_t* at = message.data() + offset;
    const Status status = reader.read(at, message.data() + octets);
    end = static_cast<std::uint32_t>(at - message.data());
    return status;
}

std::size_t name_to_text(Octets name, char* out, std::size_t capacity) noexcept {
    std::size_t needed = 0;
    write_text(name, [&](const char*, std::size_t length) { needed += length; });
    if (needed > capacity) return needed;
    write_text(name, [&](const char* text, std::size_t length) {
        std::memcpy(out, text, length);
        out += length;
    });
    return needed;
}

bool name_from_text(std::string_view text, Name& name) noexcept {
    name.length = 0;
    if (text == ".") text = {};
    std::size_t length = 0;
    while (!text.empty()) {
        const std::size_t label = length++;
        if (length > name_octets_max - 1) return false;
        while (!text.empty() && text[0] != '.') {
            std::uint8_t octet = 0;
            // One octet stays free for the root label.
            if (!take_character(text, octet) || length == name_octets_max - 1) return false;
            name.octets[length++] = lower(octet);
        }
        const std::size_t octets = length - label - 1;
        if (octets == 0 || octets > label_octets_max) return false;
        name.octets[label] = static_cast<std::uint8_t>(octets);
        if (!text.empty()) text.remove_prefix(1);  // the dot
    }
    name.octets[length++] = 0;
    name.length = static_cast<std::uint8_t>(length);
    return true;
}

}  // namespace uncut::wire
