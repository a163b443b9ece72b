// SPDX-License-Identifier: Apache-2.0
#include "harness/log/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> level_names{"trace", "debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 2> format_names{"text", "json"};

// RFC 3339 5.6, in UTC. The formatter's own level names and its text without escapes are not used.
constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%fZ %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})";

std::unique_ptr<spdlog::logger> make_logger(LogFormat format, LogLevel level) {
    auto logger = std::make_unique<spdlog::logger>("uncut", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        format == LogFormat::json ? json_pattern : text_pattern, spdlog::pattern_time_type::utc, "\n"));
    logger->set_level(
        static_cast<spdlog::level::level_enum>(level == LogLevel::off ? SPDLOG_LEVEL_OFF : static_cast<int>(level)));
    return logger;
}

/// The process's log.
struct Log {
    LogFormat format = LogFormat::text;
    std::unique_ptr<spdlog::logger> logger = make_logger(LogFormat::text, LogLevel::warn);
};

Log& process_log() {
    static Log log;
    return log;
}

template <std::size_t N>
std::string alternatives(const std::array<std::string_view, N>& names) {
    std::string text;
    for (std::size_t i = 0; i < N; ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : i + 1 == N ? " or " : ", ", names[i]);
    }
    return text;
}

template <typename Value, std::size_t N>
std::expected<Value, std::string> find(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    if (found != names.end()) return static_cast<Value>(found - names.begin());
    return std::unexpected(fmt::format("{}: expected {}", text, alternatives(names)));
}

json::string json_text(std::string_view text) {
    return json::string(utf8_text(text));
}

json::value json_value(const LogField::Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return json_text(*text);
    if (const auto* truth = std::get_if<bool>(&value)) return *truth;
    return std::get<std::uint64_t>(value);
}

// A text that holds anything which could be taken for the line's own is quoted as in JSON.
std::string field_text(const LogField::Value& value) {
    const auto* text = std::get_if<std::string_view>(&value);
    if (text == nullptr) return json::serialize(json_value(value));
    const std::string shown = printable(*text);
    const bool plain = shown == *text && !shown.empty() && shown.find_first_of(" \"=\\") == std::string::npos;
    return plain ? shown : json::serialize(json::string(shown));
}

}  // namespace

std::expected<LogFormat, std::string> log_format_from_text(std::string_view text) {
    return find<LogFormat>(format_names, text);
}

std::expected<LogLevel, std::string> log_level_from_text(std::string_view text) {
    return find<LogLevel>(level_names, text);
}

std::string log_line(LogFormat format, LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) {
    const std::string_view name = level_names[static_cast<std::size_t>(level)];
    if (format == LogFormat::text) {
        std::string line = fmt::format("{:<5} {}", name, printable(message));
        for (const LogField& field : fields) line += fmt::format(" {}={}", field.name, field_text(field.value));
        return line;
    }
    json::object object{{"level", json_text(name)}, {"message", json_text(message)}};
    if (fields.size() > 0) {
        json::object members;
        for (const LogField& field : fields) members[field.name] = json_value(field.value);
        object["fields"] = std::move(members);
    }
    const std::string text = json::serialize(object);
    return text.substr(1, text.size() - 2);
}

void start_log(LogFormat format, LogLevel level) {
    process_log().format = format;
    process_log().logger = make_logger(format, level);
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) noexcept {
    try {
        Log& log = process_log();
        const auto wanted = static_cast<spdlog::level::level_enum>(level);
        if (level == LogLevel::off || !log.logger->should_log(wanted)) return;
        log.logger->log(wanted, log_line(log.format, level, message, fields));
    } catch (...) {
        // Only memory can run out here, and then there is nobody left to tell.
    }
}

}  // namespace uncut::harness
