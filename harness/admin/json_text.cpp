// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace uncut::harness {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t excerpt_octets_max = 60;  // an error is one line; the value is in the reader's own file

/// Builds the value as json::parser does, and knows where in the document it is, to find a key that occurs twice.
class Handler {
  public:
    // The text is bounded by whoever read it, so these need no bounds of their own.
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    Handler() { stack_.reset(); }
    json::value release() { return stack_.release(); }
    const std::string& duplicate() const { return duplicate_; }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return enter(true); }
    bool on_object_end(std::size_t count, error_code&) {
        stack_.push_object(count);
        return leave();
    }
    bool on_array_begin(error_code&) { return enter(false); }
    bool on_array_end(std::size_t count, error_code&) {
        stack_.push_array(count);
        return leave();
    }
    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        stack_.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code& error) {
        key_.append(part.data(), part.size());
        stack_.push_key(part);
        Frame& frame = frames_.back();
        frame.key = std::exchange(key_, {});
        if (frame.keys.insert(frame.key).second) return true;
        duplicate_ = pointer();
        error = json::error::syntax;  // stops the parser; the caller looks at duplicate() first
        return false;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, error_code&) {
        stack_.push_string(part);
        return item();
    }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error_code&) {
        stack_.push_int64(number);
        return item();
    }
    bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
        stack_.push_uint64(number);
        return item();
    }
    bool on_double(double number, json::string_view, error_code&) {
        stack_.push_double(number);
        return item();
    }
    bool on_bool(bool truth, error_code&) {
        stack_.push_bool(truth);
        return item();
    }
    bool on_null(error_code&) {
        stack_.push_null();
        return item();
    }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

  private:
    struct Frame {
        bool object;
        std::size_t index = 0;  // of an array: which element comes
        std::string key = {};   // of an object: whose value comes
        std::set<std::string> keys = {};
    };

    bool enter(bool object) {
        frames_.push_back(Frame{object});
        return true;
    }
    bool leave() {
        frames_.pop_back();
        return item();
    }
    // A value is complete: in an array the next one comes.
    bool item() {
        if (!frames_.empty() && !frames_.back().object) ++frames_.back().index;
        return true;
    }
    std::string pointer() const {
        std::string path;
        for (const Frame& frame : frames_) {
            path = frame.object ? json_pointer(path, frame.key) : json_pointer(path, frame.index);
        }
        return path;
    }

    json::value_stack stack_;
    std::vector<Frame> frames_;
    std::string key_;
    std::string duplicate_;
};

JsonSyntaxError syntax_error(std::string_view text, std::size_t offset, std::string reason) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const std::size_t last_newline = before.rfind('\n');
    JsonSyntaxError error;
    error.line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    error.column = before.size() - (last_newline == std::string_view::npos ? 0 : last_newline + 1) + 1;
    error.reason = std::move(reason);
    return error;
}

std::unexpected<JsonError> wrong(std::string_view pointer, std::string expected, const json::value& value) {
    return std::unexpected(
        JsonError{JsonError::Kind::wrong_value, std::string(pointer), std::move(expected), json_excerpt(value)});
}

}  // namespace

std::string JsonError::text() const {
    const std::string_view where = pointer.empty() ? std::string_view("the document") : std::string_view(pointer);
    if (got.empty()) return fmt::format("{}: expected {}", where, expected);
    return fmt::format("{}: expected {}, got {}", where, expected, got);
}

std::string JsonSyntaxError::text() const {
    return fmt::format("line {}, column {}: {}", line, column, reason);
}

std::string json_pointer(std::string_view base, std::string_view key) {
    std::string pointer(base);
    pointer += '/';
    for (const char letter : key) {
        if (letter == '~') {
            pointer += "~0";
        } else if (letter == '/') {
            pointer += "~1";
        } else {
            pointer += letter;
        }
    }
    return pointer;
}

std::string json_pointer(std::string_view base, std::size_t index) {
    return fmt::format("{}/{}", base, index);
}

std::string json_excerpt(const json::value& value) {
    std::string text = json::serialize(value);
    if (text.size() <= excerpt_octets_max) return text;
    std::size_t end = excerpt_octets_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside a UTF-8 sequence
    return text.substr(0, end) + "...";
}

std::expected<json::value, JsonSyntaxError> parse_json(std::string_view text) {
    json::basic_parser<Handler> parser{json::parse_options{}};
    error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (const std::string& pointer = parser.handler().duplicate(); !pointer.empty()) {
        JsonSyntaxError twice = syntax_error(text, read, fmt::format("the key {} occurs twice", pointer));
        twice.pointer = pointer;
        return std::unexpected(std::move(twice));
    }
    if (error == json::error::incomplete)
        return std::unexpected(syntax_error(text, text.size(), "the text ends early"));
    if (error) return std::unexpected(syntax_error(text, read, error.message()));
    if (read < text.size()) return std::unexpected(syntax_error(text, read, "something follows the end of the JSON"));
    return parser.handler().release();
}

std::expected<std::uint32_t, JsonError> read_integer(const json::value& value, std::uint32_t minimum,
                                                     std::uint32_t maximum, std::string_view pointer) {
    std::optional<double> number;  // 53 bits hold every 32-bit integer, and tell apart what lies outside
    if (value.is_int64()) number = static_cast<double>(value.get_int64());
    if (value.is_uint64()) number = static_cast<double>(value.get_uint64());
    if (value.is_double() && std::trunc(value.get_double()) == value.get_double()) number = value.get_double();
    if (!number || !(*number >= minimum && *number <= maximum)) {
        return wrong(pointer, fmt::format("an integer from {} to {}", minimum, maximum), value);
    }
    return static_cast<std::uint32_t>(*number);
}

std::expected<bool, JsonError> read_boolean(const json::value& value, std::string_view pointer) {
    if (!value.is_bool()) return wrong(pointer, "true or false", value);
    return value.get_bool();
}

}  // namespace uncut::harness
