// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace uncut::harness {

enum class LogFormat { text, json };
enum class LogLevel { trace, debug, info, warn, error, off };

/// One thing that a line says beside its message. Refers to a text, which must live as long as the call.
struct LogField {
    using Value = std::variant<std::string_view, std::uint64_t, bool>;

    LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
    LogField(std::string_view field, const char* text) : LogField(field, std::string_view(text)) {}
    LogField(std::string_view field, const std::string& text) : LogField(field, std::string_view(text)) {}
    LogField(std::string_view field, std::unsigned_integral auto number)
        : name(field), value(static_cast<std::uint64_t>(number)) {}
    LogField(std::string_view field, bool truth) : name(field), value(truth) {}

    std::string_view name;
    Value value;
};

/// "text", "json"; "trace", "debug", "info", "warn", "error", "off". The error says what was expected.
std::expected<LogFormat, std::string> log_format_from_text(std::string_view text);
std::expected<LogLevel, std::string> log_level_from_text(std::string_view text);

/// From here on lines of this level and above go to standard error: the program's own log, one for the process.
/// Before it is called, and in programs that never call it: text, warn. Called before other threads log.
void start_log(LogFormat format, LogLevel level);

/// Writes one line, if the level is wanted. Never throws: what cannot be written is lost. Any thread.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept;

/// What a line says behind its time, without its end. As text: "info  a message name=value other=\"two words\"". As
/// JSON: the members level, message and, if there are any, fields of an object whose first member is time.
std::string log_line(LogFormat format, LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields);

}  // namespace uncut::harness
