// SPDX-License-Identifier: Apache-2.0
// How ctl reads words and writes what the API says; no socket.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "harness/cli/ctl_message.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_values.hpp"
#include "harness/cli/event_reader.hpp"
#include "harness/log/printable.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
namespace json = boost::json;

TEST_CASE("ctl: no control character of the network reaches the terminal", "[ctl]") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"www.example. A", "www.example. A"},
        {"a\nb\tc\r", "a\\nb\\tc\\r"},
        {"\x1b[2J\x07", "\\x1b[2J\\x07"},
        {std::string_view("nul\0", 4), "nul\\x00"},
        {"\x7f", "\\x7f"},
        {"\xC2\x9B"
         "2J",
         "\\u009b2J"},  // CSI in one character
        {"\xC2\xA0\xC3\xA9", "\xC2\xA0\xC3\xA9"},
        {"\x9B", "\xEF\xBF\xBD"},  // not UTF-8
        {"w\\032w.example.", "w\\032w.example."},
    };
    for (const auto& [text, shown] : rows) CHECK(printable(text) == shown);
    CHECK(ctl_text(json::value("\x1b]0;x\x07")) == "\\x1b]0;x\\x07");
    CHECK(ctl_text(json::parse(R"({"a": ["\u001b", 1, true, null]})"), "a") == "\\x1b,1,true,-");
    CHECK(ctl_text(json::parse("0.5")) == "0.5");
    CHECK(ctl_text(json::parse("{}"), "a") == "-");
    CHECK(ctl_text(json::value(3), "a") == "-");
}

TEST_CASE("ctl: rows stand in columns, without blanks at their ends", "[ctl]") {
    CHECK(ctl_table({}) == "");
    CHECK(ctl_table({{"a", "long", "x"}, {"longer", "", "y"}, {"\xC3\xA9", "b"}}) ==
          "a       long  x\n"
          "longer        y\n"
          "\xC3\xA9       b\n");
}

TEST_CASE("ctl: a document for a file, to be read and compared", "[ctl]") {
    const char* text =
        R"({"name":"x","policies":{"default":{"suspect":["cut","oversize"]}},"faults":[],"answers":[{}]})";
    const std::string document = ctl_document(json::parse(text));
    CHECK(document ==
          "{\n"
          "  \"name\": \"x\",\n"
          "  \"policies\": {\n"
          "    \"default\": {\n"
          "      \"suspect\": [\"cut\",\"oversize\"]\n"
          "    }\n"
          "  },\n"
          "  \"faults\": [],\n"
          "  \"answers\": [\n"
          "    {}\n"
          "  ]\n"
          "}\n");
    CHECK(json::serialize(json::parse(document)) == text);
}

TEST_CASE("ctl: a value is what it has the shape of", "[ctl]") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"true", "true"},       {"false", "false"},   {"null", "null"},
        {"512", "512"},         {"-1", "-1"},         {"0.5", "5E-1"},
        {"007", "\"007\""},     {"1e", "\"1e\""},     {"www.example", "\"www.example\""},
        {"", "\"\""},           {" 5", "\" 5\""},     {"192.0.2.1", "\"192.0.2.1\""},
        {"123.", "\"123.\""},   {"[1,2]", "[1,2]"},   {"\"5\"", "\"5\""},
        {"maybe", "\"maybe\""}, {"True", "\"True\""},
    };
    for (const auto& [text, value] : rows) CHECK(json::serialize(ctl_value(text)) == value);
}

TEST_CASE("ctl: a policy field says how its value is read", "[ctl]") {
    struct Row {
        const char* field;
        const char* text;
        const char* value;
    };
    const char* set = R"({"name":"suspect","kind":"set","words":["cut","oversize"]})";
    const char* choice = R"({"name":"fit","kind":"choice"})";
    const Row rows[] = {
        {set, "", "[]"},
        {set, "cut", R"(["cut"])"},
        {set, "cut,oversize", R"(["cut","oversize"])"},
        {set, "cut,", R"(["cut"])"},
        {set, ",cut", R"(["","cut"])"},  // for the API to refuse, with the pointer
        {choice, "true", "\"true\""},
        {R"({"kind":"boolean"})", "true", "true"},
        {R"({"kind":"boolean"})", "maybe", "\"maybe\""},
        {R"({"kind":"integer"})", "1232", "1232"},
        {R"({"kind":"integer"})", "many", "\"many\""},
        {"null", "1232", "1232"},  // a field that is not known
    };
    for (const Row& row : rows) CHECK(json::serialize(ctl_value(row.text, json::parse(row.field))) == row.value);
}

TEST_CASE("ctl: words are NAME=VALUE, each name once", "[ctl]") {
    const auto read = ctl_assignments({"a=1", "b=", "c=x=y"});
    REQUIRE(read);
    REQUIRE(read->size() == 3);
    CHECK((*read)[1].value == "");
    CHECK((*read)[2].value == "x=y");
    for (const char* wrong : {"a", "=a", ""}) {
        const auto refused = ctl_assignments({wrong});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().status == 2);
        CHECK(refused.error().text.ends_with("expected NAME=VALUE"));
    }
    CHECK_FALSE(ctl_assignments({"a=1", "a=2"}));
}

TEST_CASE("ctl: a path keeps what a name has in it", "[ctl]") {
    CHECK(ctl_path("/v1/answers", {"www.example.", "A"}) == "/v1/answers/www.example./A");
    CHECK(ctl_path("/v1/answers", {"a/b?c#d e%.", "A"}) == "/v1/answers/a%2Fb%3Fc%23d%20e%25./A");
    CHECK(ctl_path("/v1/answers", {".", "NS"}) == "/v1/answers/%2E/NS");
    CHECK(ctl_path("/v1/policies", {".."}) == "/v1/policies/%2E%2E");
    CHECK(ctl_query({{"name", "a&b"}, {"after", std::nullopt}, {"limit", "5"}}) == "?name=a%26b&limit=5");
    CHECK(ctl_query({{"name", std::nullopt}}) == "");
}

TEST_CASE("ctl: a refusal is one line, with the pointer and what was expected", "[ctl]") {
    struct Row {
        const char* body;
        const char* line;
    };
    const Row rows[] = {
        {R"({"detail":"/fit: expected rrset, got \"x\"","pointer":"/fit","expected":"rrset"})",
         "/fit: expected rrset, got \"x\""},
        {R"({"detail":"no","pointer":"/fit","expected":"rrset"})", "/fit: no: expected rrset"},
        {R"({"detail":"the document: no","pointer":""})", "the document: no"},
        {R"({"detail":"two\nlines\u001b"})", "two\\nlines\\x1b"},
        {"<html>", "http://127.0.0.1:80: HTTP status 422"},
        {"{}", "http://127.0.0.1:80: HTTP status 422"},
    };
    for (const Row& row : rows) {
        HttpResponse response;
        response.status = 422;
        response.body = row.body;
        const CtlError error = ctl_error_of(response, {.address = Address::loopback(80)});
        CHECK(error.text == row.line);
        CHECK(error.status == 1);
    }
}

namespace {

json::value exchange(const char* events, const char* response = R"({"octets":530,"rcode":"NOERROR","flags":["qr"]})") {
    json::value value = json::parse(R"({"number":17,"server":"uncut","time":"2026-11-25T03:28:13.123456Z",
        "client":"127.0.0.1:41234","transport":"udp","name":"www.example.","type":"A","class":"IN","revision":3,
        "outcome":"delivered","cause":"none","verdict":"truncated","upstream_transport":"tcp","duration_us":1234,
        "events_omitted":0})");
    value.get_object()["events"] = json::parse(events);
    value.get_object()["response"] = json::parse(response);
    return value;
}

}  // namespace

TEST_CASE("ctl: an exchange is a line, and what happened a chain", "[ctl]") {
    CHECK(
        ctl_exchange_line(exchange(R"([{"kind":"query","transport":"udp"},{"kind":"ask","transport":"udp"},
              {"kind":"answer","transport":"udp","verdict":"truncated"},{"kind":"ask","transport":"tcp"},
              {"kind":"answer","transport":"tcp","verdict":"whole"},{"kind":"deliver","transport":"udp"}])")) ==
        "03:28:13.123456     17 uncut  127.0.0.1:41234/udp   www.example.                 A     truncated udp>tc tcp>ok"
        "               530     1234 us\n");
    const std::pair<const char*, const char*> rows[] = {
        {"[]", " - "},
        {R"([{"kind":"ask","transport":"udp"}])", " udp "},
        {R"([{"kind":"ask","transport":"udp"},{"kind":"ignored","transport":"udp","cause":"id"},
             {"kind":"answer","transport":"udp","verdict":"whole"}])",
         " udp>(id)>ok "},
        {R"([{"kind":"ask","transport":"udp"},{"kind":"timeout","transport":"udp"},{"kind":"ask","transport":"udp"},
             {"kind":"failed","transport":"udp","cause":"refused"}])",
         " udp>timeout udp>refused "},
        {R"([{"kind":"ask","transport":"tcp","shared":true},{"kind":"answer","transport":"tcp","verdict":"cut"}])",
         " tcp+>cut "},
        // Each outcome belongs to the newest query of its transport.
        {R"([{"kind":"ask","transport":"udp"},{"kind":"ask","transport":"tcp"},
             {"kind":"ignored","transport":"udp","cause":"late"},
             {"kind":"answer","transport":"tcp","verdict":"whole"}])",
         " udp>(late) tcp>ok "},
        {R"([{"kind":"answer","transport":"tcp","verdict":"whole"}])", " tcp>ok "},
        {R"([{"kind":"drop","transport":null}])", " drop "},
    };
    for (const auto& [events, chain] : rows) CHECK(ctl_exchange_line(exchange(events)).contains(chain));
}

TEST_CASE("ctl: an exchange's line says what the client got", "[ctl]") {
    const std::pair<const char*, const char*> rows[] = {
        {R"({"octets":512,"rcode":"NOERROR","flags":["qr","tc"]})", "512 tc "},
        {R"({"octets":45,"rcode":"SERVFAIL","flags":["qr"]})", "45 SERVFAIL "},
        {"null", "- "},
    };
    for (const auto& [response, shown] : rows) CHECK(ctl_exchange_line(exchange("[]", response)).contains(shown));
    CHECK(ctl_exchange_line(json::parse("{}")).ends_with(" us\n"));
    CHECK_FALSE(ctl_exchange_line(json::parse(R"({"name":"a\nb"})")).contains("a\nb"));
}

TEST_CASE("ctl: an exchange is a timeline with its messages", "[ctl]") {
    json::value value = exchange(
        R"([{"at_us":0,"kind":"query","transport":"udp","upstream":null,"octets":45,"tc":false},
            {"at_us":9,"kind":"ask","transport":"tcp","upstream":"127.0.0.1:53","octets":40,"shared":true},
            {"at_us":300,"kind":"answer","transport":"tcp","upstream":"127.0.0.1:53","octets":512,"tc":true,
             "verdict":"truncated","cause":null},
            {"at_us":400,"kind":"deliver","transport":"udp","octets":530,"tc":false}])",
        R"({"octets":530,"id":7,"opcode":"QUERY","rcode":"NOERROR","flags":["qr","ra"],
            "question":{"name":"www.example.","type":"A","class":"IN"},
            "edns":{"version":0,"udp_payload_size":1232,"do":true,"options":[{"code":10,"hex":"00ff"}]},
            "answer":[{"name":"www.example.","ttl_s":30,"class":"IN","type":"A","data":"192.0.2.1"}],
            "error":{"status":"wire_cut","octet":123}})");
    CHECK(ctl_exchange_text(value) ==
          "exchange 17 of uncut: www.example. IN A\n"
          "2026-11-25T03:28:13.123456Z, client 127.0.0.1:41234 over udp, policy revision 3\n"
          "\n"
          "        0 us  query    udp  client -> uncut        45 octets\n"
          "        9 us  ask      tcp  uncut -> 127.0.0.1:53  40 octets       shared\n"
          "      300 us  answer   tcp  uncut <- 127.0.0.1:53  512 octets, TC  truncated\n"
          "      400 us  deliver  udp  client <- uncut        530 octets\n"
          "\n"
          "delivered after 1234 us, the answer by tcp, verdict truncated\n"
          "\n"
          "query\n"
          "  none\n"
          "\n"
          "response\n"
          "  530 octets, id 7, QUERY, NOERROR, flags qr ra, EDNS 0, 1232 octets, DO, option 10 00ff\n"
          "  question\n"
          "    www.example. IN A\n"
          "  answer\n"
          "    www.example.  30  IN  A  192.0.2.1\n"
          "  wire_cut at octet 123\n");
}

TEST_CASE("ctl: server-sent events, cut anywhere", "[ctl]") {
    const std::string stream =
        ": hello\n\nid: 17\nevent: exchange\ndata: {\"a\":1}\n\n"
        "event: note\r\ndata:x\r\ndata: y\r\n\r\n"
        "id:18\rdata: last\r\r"
        "id: 19\n\n"  // no data: no event
        "data: unfinished\n";
    for (std::size_t step = 1; step <= stream.size(); ++step) {
        EventReader reader;
        std::vector<EventReader::Event> events;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            for (auto& event : reader.feed(std::string_view(stream).substr(at, step))) events.push_back(event);
        }
        INFO(step);
        REQUIRE(events.size() == 3);
        CHECK(events[0].id == "17");
        CHECK(events[0].name == "exchange");
        CHECK(events[0].data == "{\"a\":1}");
        CHECK(events[1].id == "17");
        CHECK(events[1].name == "note");
        CHECK(events[1].data == "x\ny");
        CHECK(events[2].id == "18");
        CHECK(events[2].name == "");
        reader.restart();
        const auto after = reader.feed("data: whole\n\n");
        REQUIRE(after.size() == 1);
        CHECK(after[0].data == "whole");
        CHECK(after[0].id == "19");
    }
}

TEST_CASE("ctl: an event without end is given up", "[ctl]") {
    EventReader reader;
    const std::string part(1U << 20U, 'x');
    std::size_t fed = 0;
    while (!reader.overflowed() && fed <= 2 * event_octets_max) {
        CHECK(reader.feed(part).empty());
        fed += part.size();
    }
    CHECK(reader.overflowed());
    CHECK(fed <= event_octets_max + 2 * part.size());
}
