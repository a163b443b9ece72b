// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ctl_message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "harness/cli/ctl_text.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Rows = std::vector<std::vector<std::string>>;

bool is_true(const json::value& value) {
    return value.is_bool() && value.get_bool();
}

// An array of words with blanks between; "-" for none.
std::string words_text(const json::value& words) {
    std::vector<std::string> list;
    for (const json::value& word : elements(words)) list.push_back(ctl_text(word));
    return list.empty() ? "-" : fmt::format("{}", fmt::join(list, " "));
}

std::string edns_text(const json::value& edns) {
    if (!edns.is_object()) return "no EDNS";
    std::string text = fmt::format("EDNS {}, {} octets{}", ctl_text(edns, "version"),
                                   ctl_text(edns, "udp_payload_size"), is_true(member(edns, "do")) ? ", DO" : "");
    for (const json::value& option : elements(member(edns, "options"))) {
        text += fmt::format(", option {} {}", ctl_text(option, "code"), ctl_text(option, "hex"));
    }
    return text;
}

std::string section_text(const json::value& message, const char* section) {
    Rows rows;
    for (const json::value& record : elements(member(message, section))) {
        rows.push_back({"    " + ctl_text(record, "name"), ctl_text(record, "ttl_s"), ctl_text(record, "class"),
                        ctl_text(record, "type"), ctl_text(record, "data")});
    }
    return rows.empty() ? "" : fmt::format("  {}\n{}", section, ctl_table(rows));
}

/// One query sent to an upstream, and what came of it.
struct Attempt {
    std::string transport;
    std::string text;
};

// The word that an event adds to its attempt; nothing for those that add none.
std::optional<std::string> outcome_word(const json::value& event) {
    const std::string kind = ctl_text(event, "kind");
    if (kind == "answer") {
        const std::string verdict = ctl_text(event, "verdict");
        return verdict == "whole" ? "ok" : verdict == "truncated" ? "tc" : verdict;
    }
    if (kind == "ignored") return fmt::format("({})", ctl_text(event, "cause"));
    if (kind == "failed") return ctl_text(event, "cause");
    if (kind == "timeout") return "timeout";
    return std::nullopt;
}

std::string chain_text(const json::value& events) {
    std::vector<Attempt> attempts;
    for (const json::value& event : elements(events)) {
        const std::string kind = ctl_text(event, "kind");
        const std::string transport = ctl_text(event, "transport");
        if (kind == "ask") attempts.push_back({transport, transport + (is_true(member(event, "shared")) ? "+" : "")});
        if (kind == "drop") attempts.push_back({"", "drop"});
        const auto word = outcome_word(event);
        if (!word) continue;
        // The newest of its transport: queries of both may be under way at once.
        auto attempt = attempts.rbegin();
        while (attempt != attempts.rend() && attempt->transport != transport) ++attempt;
        if (attempt == attempts.rend()) {
            attempts.push_back({transport, transport});  // its beginning was left out of a long list
            attempt = attempts.rbegin();
        }
        attempt->text += ">" + *word;
    }
    std::string text;
    for (const Attempt& attempt : attempts) text += (text.empty() ? "" : " ") + attempt.text;
    return text.empty() ? "-" : text;
}

// "530", "512 tc", "45 SERVFAIL"; "-" where there was no response.
std::string response_text(const json::value& response) {
    if (!response.is_object()) return "-";
    std::string text = ctl_text(response, "octets");
    for (const json::value& flag : elements(member(response, "flags"))) {
        if (ctl_text(flag) == "tc") text += " tc";
    }
    const std::string rcode = ctl_text(response, "rcode");
    return rcode == "NOERROR" || rcode == "-" ? text : text + " " + rcode;
}

// "2026-11-25T03:28:13.123456Z": the time of day; lines that follow each other seldom need the date.
std::string time_of_day(const std::string& time) {
    const std::size_t begin = time.find('T');
    if (begin == std::string::npos || !time.ends_with('Z')) return time;
    return time.substr(begin + 1, time.size() - begin - 2);
}

std::vector<std::string> event_row(const json::value& event, const std::string& server) {
    const std::string kind = ctl_text(event, "kind");
    const std::string upstream = ctl_text(event, "upstream");
    std::string way = fmt::format("{} <- {}", server, upstream);
    if (kind == "ask") way = fmt::format("{} -> {}", server, upstream);
    if (kind == "query") way = fmt::format("client -> {}", server);
    if (kind == "deliver") way = fmt::format("client <- {}", server);
    if (kind == "drop") way = server;
    std::string size;
    if (!member(event, "octets").is_null()) size = ctl_text(event, "octets") + " octets";
    if (is_true(member(event, "tc"))) size += ", TC";
    std::string judged;
    for (const char* name : {"verdict", "cause"}) {
        const std::string word = ctl_text(event, name);
        if (word != "-" && word != "none") judged += (judged.empty() ? "" : ", ") + word;
    }
    if (is_true(member(event, "shared"))) judged += judged.empty() ? "shared" : ", shared";
    const std::string transport = ctl_text(event, "transport");
    return {
        fmt::format("{:>9} us", ctl_text(event, "at_us")), kind, transport == "-" ? "" : transport, way, size, judged};
}

std::string timeline_text(const json::value& exchange) {
    Rows rows;
    for (const json::value& event : elements(member(exchange, "events"))) {
        rows.push_back(event_row(event, ctl_text(exchange, "server")));
    }
    std::string text = ctl_table(rows);
    const std::string omitted = ctl_text(exchange, "events_omitted");
    if (omitted != "0" && omitted != "-") text += fmt::format("             and {} more events\n", omitted);
    return text;
}

std::string outcome_text(const json::value& exchange) {
    std::string text = fmt::format("{} after {} us", ctl_text(exchange, "outcome"), ctl_text(exchange, "duration_us"));
    const std::string by = ctl_text(exchange, "upstream_transport");
    const std::string cause = ctl_text(exchange, "cause");
    if (by != "-") text += fmt::format(", the answer by {}", by);
    if (cause != "-" && cause != "none") text += fmt::format(", cause {}", cause);
    return fmt::format("{}, verdict {}", text, ctl_text(exchange, "verdict"));
}

}  // namespace

std::string ctl_message_text(const json::value& message) {
    if (!message.is_object()) return "  none\n";
    std::string text = fmt::format("  {} octets, id {}, {}, {}, flags {}, {}\n", ctl_text(message, "octets"),
                                   ctl_text(message, "id"), ctl_text(message, "opcode"), ctl_text(message, "rcode"),
                                   words_text(member(message, "flags")), edns_text(member(message, "edns")));
    const json::value& question = member(message, "question");
    if (question.is_object()) {
        text += fmt::format("  question\n    {} {} {}\n", ctl_text(question, "name"), ctl_text(question, "class"),
                            ctl_text(question, "type"));
    }
    for (const char* section : {"answer", "authority", "additional"}) text += section_text(message, section);
    const json::value& error = member(message, "error");
    if (error.is_object()) {
        text += fmt::format("  {} at octet {}\n", ctl_text(error, "status"), ctl_text(error, "octet"));
    }
    return text;
}

std::string ctl_exchange_line(const json::value& exchange) {
    const std::string client = fmt::format("{}/{}", ctl_text(exchange, "client"), ctl_text(exchange, "transport"));
    return fmt::format("{} {:>6} {:<6} {:<21} {:<28} {:<5} {:<9} {:<22} {:>8} {:>8} us\n",
                       time_of_day(ctl_text(exchange, "time")), ctl_text(exchange, "number"),
                       ctl_text(exchange, "server"), client, ctl_text(exchange, "name"), ctl_text(exchange, "type"),
                       ctl_text(exchange, "verdict"), chain_text(member(exchange, "events")),
                       response_text(member(exchange, "response")), ctl_text(exchange, "duration_us"));
}

std::string ctl_exchange_text(const json::value& exchange) {
    return fmt::format(
        "exchange {} of {}: {} {} {}\n{}, client {} over {}, policy revision {}\n\n{}\n{}\n\nquery\n{}\nresponse\n{}",
        ctl_text(exchange, "number"), ctl_text(exchange, "server"), ctl_text(exchange, "name"),
        ctl_text(exchange, "class"), ctl_text(exchange, "type"), ctl_text(exchange, "time"),
        ctl_text(exchange, "client"), ctl_text(exchange, "transport"), ctl_text(exchange, "revision"),
        timeline_text(exchange), outcome_text(exchange), ctl_message_text(member(exchange, "query")),
        ctl_message_text(member(exchange, "response")));
}

}  // namespace uncut::harness
