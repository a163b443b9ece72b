// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>

#include "harness/log/log.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
namespace json = boost::json;

namespace {

json::value parsed(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    return json::parse("{" + log_line(LogFormat::json, level, message, fields) + "}");
}

}  // namespace

TEST_CASE("log: a line of text", "[log]") {
    const auto text = [](std::string_view message, std::initializer_list<LogField> fields) {
        return log_line(LogFormat::text, LogLevel::info, message, fields);
    };
    CHECK(text("started", {}) == "info  started");
    CHECK(text("started", {{"dns", "127.0.0.1:53"}, {"threads", 4U}, {"late", false}}) ==
          "info  started dns=127.0.0.1:53 threads=4 late=false");
    CHECK(log_line(LogFormat::text, LogLevel::error, "x", {}) == "error x");
}

TEST_CASE("log: what came from others cannot be taken for the log's own", "[log]") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", R"(target="")"},
        {"two words", R"(target="two words")"},
        {"a=b", R"(target="a=b")"},
        {"say \"x\"", R"(target="say \"x\"")"},
        {"/v1\n2026-11-25T00:00:00Z error forged", R"(target="/v1\\n2026-11-25T00:00:00Z error forged")"},
        {"\x1b[2J", R"(target="\\x1b[2J")"},
        {"\xff", "target=\"\xEF\xBF\xBD\""},
    };
    for (const auto& [value, field] : rows) {
        const std::string line = log_line(LogFormat::text, LogLevel::info, "request", {{"target", value}});
        CHECK(line == "info  request " + std::string(field));
        CHECK(line.find('\n') == std::string::npos);
    }
    CHECK(log_line(LogFormat::text, LogLevel::info, "a\nb", {}) == "info  a\\nb");
}

TEST_CASE("log: a line of JSON has its level, message and fields", "[log]") {
    CHECK(parsed(LogLevel::warn, "a \"message\"\n", {{"target", "\x1b\xff\n\"}"}, {"status", 404U}, {"late", true}}) ==
          json::parse(R"({"level":"warn","message":"a \"message\"\n",
                          "fields":{"target":"\u001b\ufffd\n\"}","status":404,"late":true}})"));
    CHECK(parsed(LogLevel::info, "x", {}) == json::parse(R"({"level":"info","message":"x"})"));
    CHECK(log_line(LogFormat::json, LogLevel::info, "a\nb", {{"c", "d\ne"}}).find('\n') == std::string::npos);
}

TEST_CASE("log: words of the command line", "[log]") {
    CHECK(log_format_from_text("json") == LogFormat::json);
    CHECK(log_format_from_text("text") == LogFormat::text);
    const std::pair<const char*, LogLevel> levels[] = {{"trace", LogLevel::trace}, {"debug", LogLevel::debug},
                                                       {"info", LogLevel::info},   {"warn", LogLevel::warn},
                                                       {"error", LogLevel::error}, {"off", LogLevel::off}};
    for (const auto& [word, level] : levels) CHECK(log_level_from_text(word) == level);
    CHECK(log_format_from_text("xml").error() == "xml: expected text or json");
    CHECK(log_level_from_text("INFO").error() == "INFO: expected trace, debug, info, warn, error or off");
}
