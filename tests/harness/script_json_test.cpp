// SPDX-License-Identifier: Apache-2.0
// Faults, answers and scenarios as JSON: what is read, what is refused and where, what is written.
#include <boost/json/serialize.hpp>

#include "harness/admin/answer_json.hpp"
#include "harness/admin/fault_json.hpp"
#include "harness/admin/scenario_json.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::upstream;

namespace {

boost::json::value value_of(std::string_view text) {
    auto value = parse_json(text);
    INFO(text);
    REQUIRE(value);
    return *value;
}

struct Refusal {
    std::string json;
    std::string pointer;
    std::string expected;  // a part of it
};

template <typename Read>
void check_refusals(const std::vector<Refusal>& rows, Read read) {
    for (const Refusal& row : rows) {
        INFO(row.json);
        const auto done = read(value_of(row.json));
        REQUIRE_FALSE(done);
        INFO(done.error().text());
        CHECK(done.error().pointer == row.pointer);
        CHECK(done.error().expected.find(row.expected) != std::string::npos);
    }
}

/// The least JSON of a kind, and a value for its parameter.
std::string fault_with(const FaultKindInfo& info, std::string_view field, std::string_view value) {
    std::string out = "{\"kind\":\"" + std::string(info.name) + "\"";
    if (info.parameter.required && field != info.parameter.name) {
        out += ",\"" + std::string(info.parameter.name) + "\":" + std::to_string(info.parameter.minimum);
    }
    if (!field.empty()) out += ",\"" + std::string(field) + "\":" + std::string(value);
    return out + "}";
}

}  // namespace

TEST_CASE("fault json: what is read is written, with the defaults", "[script]") {
    struct Row {
        std::string read;
        std::string written;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"kind":"drop"})", R"({"kind":"drop","probability":1,"seed":1})"},
        {R"({"kind":"atr"})", R"({"kind":"atr","probability":1,"seed":1,"delay_ms":10})"},
        {R"({"kind":"tc_partial"})", R"({"kind":"tc_partial","probability":1,"seed":1})"},
        {R"({"kind":"tc_partial","octets":512.0})", R"({"kind":"tc_partial","probability":1,"seed":1,"octets":512})"},
        {R"({"kind":"rcode","rcode":"badcookie"})", R"({"kind":"rcode","probability":1,"seed":1,"rcode":"BADCOOKIE"})"},
        {R"({"kind":"rcode","rcode":5})", R"({"kind":"rcode","probability":1,"seed":1,"rcode":"REFUSED"})"},
        {R"({"kind":"rcode","rcode":77})", R"({"kind":"rcode","probability":1,"seed":1,"rcode":77})"},
        {R"({"kind":"tcp_refused"})", R"({"kind":"tcp_refused"})"},
        {R"({"kind":"tcp_close_burst","count":3,"transport":"tcp"})",
         R"({"kind":"tcp_close_burst","transport":"tcp","count":3})"},
        {R"({"kind":"drop","name":"WWW.Example","type":"type1","transport":"udp","times":3,"seed":0,"probability":0.5})",
         R"({"kind":"drop","name":"www.example.","type":"A","transport":"udp","probability":5E-1,"seed":0,"times":3})"},
    }));
    const auto fault = read_fault(value_of(row.read), "");
    INFO(row.read);
    REQUIRE(fault);
    CHECK(boost::json::serialize(fault_to_json(*fault)) == row.written);
    const auto again = read_fault(value_of(row.written), "");
    REQUIRE(again);
    CHECK(boost::json::serialize(fault_to_json(*again)) == row.written);
}

TEST_CASE("fault json: what is wrong is refused, with its place", "[script]") {
    check_refusals(
        {
            {R"([])", "/f", "an object"},
            {R"({})", "/f/kind", "a kind of fault, one of tc_partial "},
            {R"({"kind":"none"})", "/f/kind", "a kind of fault"},
            {R"({"kind":7})", "/f/kind", "a kind of fault"},
            {R"({"kind":"drop","colour":1})", "/f/colour", "a field of a fault"},
            {R"({"kind":"drop","id":1})", "/f/id", "a field of a fault"},
            {R"({"kind":"drop","struck":0})", "/f/struck", "a field of a fault"},
            {R"({"kind":"drop","octets":1})", "/f/octets", "nothing: drop does not take it"},
            {R"({"kind":"rcode"})", "/f/rcode", "an integer from 0 to 4095"},
            {R"({"kind":"rcode","rcode":"NOSUCH"})", "/f/rcode", "an RCODE"},
            {R"({"kind":"rcode","rcode":true})", "/f/rcode", "an integer"},
            {R"({"kind":"cut","octets":"300"})", "/f/octets", "an integer"},
            {R"({"kind":"cut","octets":1.5})", "/f/octets", "an integer"},
            {R"({"kind":"cut","octets":1e30})", "/f/octets", "an integer"},
            {R"({"kind":"cut","octets":99999999999})", "/f/octets", "an integer from 0 to 65535"},
            {R"({"kind":"tcp_wrong_length","difference":0})", "/f/difference", "not 0"},
            {R"({"kind":"drop","times":0})", "/f/times", "an integer from 1 to"},
            {R"({"kind":"drop","seed":-1})", "/f/seed", "an integer from 0 to"},
            {R"({"kind":"drop","probability":0})", "/f/probability", "a number over 0 and at most 1"},
            {R"({"kind":"drop","probability":1.01})", "/f/probability", "a number over 0 and at most 1"},
            {R"({"kind":"drop","probability":"1"})", "/f/probability", "a number over 0 and at most 1"},
            {R"({"kind":"drop","name":"a..b"})", "/f/name", "a domain name"},
            {R"({"kind":"drop","name":""})", "/f/name", "a domain name"},
            {R"({"kind":"drop","type":"NOSUCH"})", "/f/type", "a record type"},
            {R"({"kind":"drop","type":1})", "/f/type", "a record type"},
            {R"({"kind":"drop","transport":"sctp"})", "/f/transport", "one of \"udp\", \"tcp\""},
            {R"({"kind":"tcp_reset","transport":"udp"})", "/f/transport", "\"tcp\": tcp_reset acts over nothing else"},
            {R"({"kind":"garbage","transport":"tcp"})", "/f/transport", "\"udp\": garbage acts over nothing else"},
            {R"({"kind":"tcp_refused","times":1})", "/f/times", "nothing: tcp_refused acts before"},
            {R"({"kind":"tcp_refused","seed":1})", "/f/seed", "nothing: tcp_refused acts before"},
            {R"({"kind":"tcp_refused","name":"a.example"})", "/f/name", "nothing: tcp_refused acts before"},
            {R"({"kind":"tcp_close_burst","count":1,"type":"A"})", "/f/type", "nothing: tcp_close_burst acts before"},
            {R"({"kind":"tcp_close_burst","count":1,"probability":0.5})", "/f/probability", "nothing: tcp_close_burst"},
        },
        [](const auto& value) { return read_fault(value, "/f"); });
}

TEST_CASE("fault json: every kind refuses what it does not take, and what is out of its range", "[script]") {
    for (const FaultKindInfo& info : fault_kinds()) {
        INFO(info.name);
        CHECK(read_fault(value_of(fault_with(info, "", "")), ""));
        for (const FaultParameterName& known : fault_parameter_names()) {
            if (known.member == info.parameter.member) continue;
            const auto read = read_fault(value_of(fault_with(info, known.name, "1")), "");
            REQUIRE_FALSE(read);
            CHECK(read.error().pointer == "/" + std::string(known.name));
        }
        for (const char* transport : {"udp", "tcp"}) {
            const auto read =
                read_fault(value_of(fault_with(info, "transport", '"' + std::string(transport) + '"')), "");
            CHECK(read.has_value() == (std::string(transport) == "udp" ? info.udp : info.tcp));
            if (!read) CHECK(read.error().pointer == "/transport");
        }
        const FaultParameterInfo& parameter = info.parameter;
        if (parameter.member == nullptr) continue;
        for (const std::int64_t beyond : {std::int64_t{parameter.minimum} - 1, std::int64_t{parameter.maximum} + 1}) {
            const auto read = read_fault(value_of(fault_with(info, parameter.name, std::to_string(beyond))), "");
            REQUIRE_FALSE(read);
            CHECK(read.error().pointer == "/" + std::string(parameter.name));
        }
    }
}

TEST_CASE("fault json: a list has an end, and says which of it is wrong", "[script]") {
    boost::json::array many(257, value_of(R"({"kind":"drop"})"));
    const auto full = read_faults(many, "/faults");
    REQUIRE_FALSE(full);
    CHECK(full.error().text() == "/faults: expected at most 256 faults, got 257");
    many.resize(256);
    CHECK(read_faults(many, "/faults").value().size() == 256);
    check_refusals({{R"([{"kind":"drop"},{"kind":"drop","times":"x"}])", "/faults/1/times", "an integer"},
                    {R"({"kind":"drop"})", "/faults", "an array of faults"}},
                   [](const auto& value) { return read_faults(value, "/faults"); });
}

TEST_CASE("answer json: what is read is written, in one spelling", "[script]") {
    struct Row {
        std::string read;
        std::string written;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"name":"WWW.example","type":"a","records":["192.0.2.1","192.0.2.2"]})",
         R"({"name":"www.example.","type":"A","records":["192.0.2.1","192.0.2.2"],"ttl_s":30})"},
        {R"({"name":"w.example","type":"CNAME","records":["web.example"],"ttl_s":0})",
         R"({"name":"w.example.","type":"CNAME","records":["web.example."],"ttl_s":0})"},
        {R"({"name":"t.example","type":"TXT","records":["one \"and two\" three"]})",
         R"({"name":"t.example.","type":"TXT","records":["\"one\" \"and two\" \"three\""],"ttl_s":30})"},
        {R"({"name":".","type":"TYPE65280","records":["\\# 2 ABCD"]})",
         R"({"name":".","type":"TYPE65280","records":["\\# 2 abcd"],"ttl_s":30})"},
        {R"({"name":"a.example","type":"A","addresses":200})",
         R"({"name":"a.example.","type":"A","addresses":200,"ttl_s":30})"},
        {R"({"name":"t.example","type":"TXT","octets":65535,"ttl_s":2147483647})",
         R"({"name":"t.example.","type":"TXT","octets":65535,"ttl_s":2147483647})"},
    }));
    INFO(row.read);
    for (const std::string& text : {row.read, row.written}) {
        const auto answer = read_answer(value_of(text), "");
        INFO((answer ? "" : answer.error().text()));
        REQUIRE(answer);
        CHECK(boost::json::serialize(answer_to_json(answer->first, answer->second)) == row.written);
    }
}

TEST_CASE("answer json: what is wrong is refused, with its place", "[script]") {
    check_refusals(
        {
            {R"(7)", "/a", "an object"},
            {R"({"type":"A","addresses":1})", "/a/name", "a domain name"},
            {R"({"name":"a.example","addresses":1})", "/a/type", "a record type"},
            {R"({"name":"a..b","type":"A","addresses":1})", "/a/name", "a domain name"},
            {R"({"name":"a.example","type":"ANY","addresses":1})", "/a/type", "a type of records in a zone"},
            {R"({"name":"a.example","type":"A"})", "/a", "exactly one of records, addresses, octets"},
            {R"({"name":"a.example","type":"A","addresses":1,"octets":500})", "/a", "exactly one of"},
            {R"({"name":"a.example","type":"A","addresses":0})", "/a/addresses", "an integer from 1 to 4093"},
            {R"({"name":"a.example","type":"A","addresses":4094})", "/a/addresses", "an integer from 1 to 4093"},
            {R"({"name":"a.example","type":"MX","addresses":1})", "/a/addresses",
             "nothing: addresses are of A and AAAA"},
            {R"({"name":"a.example","type":"MX","octets":500})", "/a/octets", "nothing: octets are of TXT, A and AAAA"},
            {R"({"name":"a.example","type":"TXT","octets":39})", "/a/octets", "an integer from 40 to 65535"},
            {R"({"name":"a.example","type":"A","records":[]})", "/a/records", "an array of 1 to 5000 strings"},
            {R"({"name":"a.example","type":"A","records":"192.0.2.1"})", "/a/records", "an array of 1 to 5000 strings"},
            {R"({"name":"a.example","type":"A","records":["192.0.2.1",2]})", "/a/records/1", "a string"},
            {R"({"name":"a.example","type":"A","records":["192.0.2.1","x"]})", "/a/records/1",
             "the data of a A record"},
            {R"({"name":"a.example","type":"A","records":[""]})", "/a/records/0", "the data of a A record"},
            {R"({"name":"a.example","type":"A","records":["192.0.2.1\nb.example. A 192.0.2.2"]})", "/a/records/0",
             "the data of a A record"},
            {R"({"name":"a.example","type":"A","records":["192.0.2.1\u0000"]})", "/a/records/0",
             "the data of a A record"},
            {R"({"name":"a.example","type":"A","records":["192.0.2.1 192.0.2.2"]})", "/a/records/0",
             "the data of a A record"},
            {R"({"name":"a.example","type":"A","addresses":1,"ttl_s":2147483648})", "/a/ttl_s", "an integer from 0 to"},
            {R"({"name":"a.example","type":"A","addresses":1,"class":"IN"})", "/a/class", "a field of an answer"},
        },
        [](const auto& value) { return read_answer(value, "/a"); });
}

TEST_CASE("answer json: as a document, each name and type once, or a zone's text", "[script]") {
    const auto zone =
        read_answers_document(value_of(R"({"zone":"a.example. 60 A 192.0.2.1\nA.example. A 192.0.2.2\n"})"));
    REQUIRE(zone);
    CHECK(boost::json::serialize(answers_to_json(*zone)) ==
          R"([{"name":"a.example.","type":"A","records":["192.0.2.1","192.0.2.2"],"ttl_s":60}])");
    check_refusals(
        {
            {R"({})", "", "exactly one of answers, zone"},
            {R"({"answers":[],"zone":""})", "", "exactly one of answers, zone"},
            {R"({"answer":[]})", "/answer", "a field of the answers"},
            {R"({"answers":{}})", "/answers", "an array of answers"},
            {R"({"answers":[{"name":"a.","type":"A","addresses":1},{"name":"A","type":"TYPE1","addresses":2}]})",
             "/answers/1", "each name and type only once"},
            {R"({"zone":"a.example. A 192.0.2.1\nb.example. A here\n"})", "/zone", "the text of a zone's master file"},
            {R"({"zone":""})", "/zone", "the text of a zone's master file"},
            {R"({"zone":1})", "/zone", "the text of a zone's master file"},
        },
        [](const auto& value) { return read_answers_document(value); });
    CHECK(read_answers_document(value_of(R"({"zone":"a.example. A 192.0.2.1\nb.example. A here\n"})"))
              .error()
              .got.starts_with("line 2: "));
}

TEST_CASE("scenario json: what is wrong is refused, with its place", "[script]") {
    check_refusals(
        {
            {R"([])", "", "an object"},
            {R"({"title":7})", "/title", "a string"},
            {R"({"policies":{"default":{"fit":"x"}}})", "/policies/default/fit", "one of"},
            {R"({"answers":[{"name":"a.","type":"A"}]})", "/answers/0", "exactly one of"},
            {R"({"faults":[{"kind":"drop","octets":1}]})", "/faults/0/octets", "nothing"},
            {R"({"udp_octets_max":65536})", "/udp_octets_max", "an integer from 0 to 65535"},
            {R"({"story":[1]})", "/story/0", "a step"},
            {R"({"story":{}})", "/story", "an array of steps"},
            {R"({"upstream":"x"})", "/upstream", "a field of a scenario"},
        },
        [](const auto& value) { return read_scenario(value); });
    CHECK(read_scenario(value_of("{}")));
}
