// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ctl_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::size_t indent_blanks = 2;

// Characters, not octets: those that go on a character before them (RFC 3629 section 3) take no place.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char octet) { return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U; }));
}

// Boost.JSON writes 0.5 as 5E-1.
std::string plain_text(const json::value& value) {
    return value.is_double() ? fmt::format("{}", value.get_double()) : json::serialize(value);
}

bool is_flat(const json::value& value) {
    const auto plain = [](const json::value& element) { return !element.is_structured(); };
    if (value.is_array()) return std::ranges::all_of(value.get_array(), plain);
    return !value.is_object() || value.get_object().empty();
}

// Behind the first element or member of a list each stands on a line of its own; arrays of plain values stay on one.
void write_document(const json::value& value, std::size_t depth, std::string& out) {
    if (is_flat(value)) {
        out += plain_text(value);
        return;
    }
    const bool object = value.is_object();
    const std::string inside(indent_blanks * (depth + 1), ' ');
    bool first = true;
    const auto begin_line = [&] {
        out += first ? "\n" : ",\n";
        out += inside;
        first = false;
    };
    out += object ? '{' : '[';
    if (object) {
        for (const auto& [name, element] : value.get_object()) {
            begin_line();
            out += json::serialize(json::string(name)) + ": ";
            write_document(element, depth + 1, out);
        }
    } else {
        for (const json::value& element : value.get_array()) {
            begin_line();
            write_document(element, depth + 1, out);
        }
    }
    out += '\n';
    out.append(indent_blanks * depth, ' ');
    out += object ? '}' : ']';
}

}  // namespace

const json::value& member(const json::value& object, std::string_view name) {
    static const json::value nothing;
    const json::value* found = object.is_object() ? object.get_object().if_contains(name) : nullptr;
    return found == nullptr ? nothing : *found;
}

const json::array& elements(const json::value& value) {
    static const json::array none;
    return value.is_array() ? value.get_array() : none;
}

std::string ctl_text(const json::value& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) {
        const json::string& text = value.get_string();
        return printable({text.data(), text.size()});
    }
    if (!value.is_array()) return printable(plain_text(value));
    std::string text;
    for (const json::value& element : value.get_array()) {
        if (!text.empty()) text += ',';
        text += ctl_text(element);
    }
    return text;
}

std::string ctl_text(const json::value& object, std::string_view name) {
    return ctl_text(member(object, name));
}

std::string ctl_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        std::size_t blanks = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!row[i].empty()) line.append(std::exchange(blanks, 0), ' ').append(row[i]);
            blanks += widths[i] - width_of(row[i]) + 2;
        }
        out.append(line).append("\n");
    }
    return out;
}

std::string ctl_document(const json::value& value) {
    std::string out;
    write_document(value, 0, out);
    return out + "\n";
}

}  // namespace uncut::harness
