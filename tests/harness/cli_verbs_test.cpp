// SPDX-License-Identifier: Apache-2.0
// inspect's rows and the reading of its inputs, with the real module; the programs themselves are tested in stories.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <uncut_paths.hpp>

#include "harness/cli/input.hpp"
#include "harness/cli/inspect.hpp"
#include "harness/host/module.hpp"
#include "harness/log/printable.hpp"
#include "harness/message/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_client.hpp"

using namespace uncut::harness;
using uncut::test::make_query;
namespace json = boost::json;

namespace {

const Module& module() {
    static const auto opened = Module::open(UNCUT_SO);
    INFO((opened ? std::string() : opened.error()));
    REQUIRE(opened);
    return *opened;
}

InspectRow row_of(const Octets& octets, const Octets& query = {}) {
    return inspect_row({.file = "message", .octets = octets, .query = query}, module().table());
}

std::string field(const InspectRow& row, std::string_view key) {
    return json::serialize(json::parse(row.json).as_object().at(key));
}

/// A response of one A record to a query for a.test, TC as told.
Octets response(bool tc = false) {
    Octets out = make_query({"a.test"});
    out[2] = static_cast<std::uint8_t>(out[2] | 0x80U | (tc ? 0x02U : 0U));
    out[3] = 0x80;
    out[7] = 1;
    const Octets record{0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
    out.insert(out.end(), record.begin(), record.end());
    return out;
}

}  // namespace

TEST_CASE("A row has its keys in the documented order") {
    const InspectRow row = row_of(make_query({"Name.Test", 28}, {.bufsize = 4096, .dnssec_ok = true}));
    CHECK(row.ok);
    CHECK(row.json ==
          R"({"file":"message","octets":38,"status":"ok","offset":null,"id":11037,"opcode":"QUERY","rcode":"NOERROR",)"
          R"("flags":["rd"],"counts":[1,0,0,1],"question":{"name":"Name.Test.","type":"AAAA","class":"IN"},)"
          R"("edns":{"version":0,"udp_payload_size":4096,"do":true},"verdict":"whole"})");
}

TEST_CASE("Verdicts in a row") {
    const Octets query = make_query({"a.test"});
    CHECK(field(row_of(response()), "verdict") == "\"whole\"");
    CHECK(field(row_of(response(true)), "verdict") == "\"truncated\"");
    CHECK(field(row_of(response(true)), "flags") == R"(["qr","tc","rd","ra"])");
    CHECK(field(row_of(response(), query), "verdict") == "\"whole\"");
    CHECK(field(row_of(response(), make_query({"b.test"})), "verdict") == "\"not_ours\"");
    CHECK(field(row_of(response(), make_query({"b.test"})), "status") == "\"ok\"");
}

TEST_CASE("Messages that do not parse are rows with a status and an octet") {
    Octets cut = response();
    cut.pop_back();
    const InspectRow row = row_of(cut);
    CHECK_FALSE(row.ok);
    CHECK(field(row, "status") == "\"wire_cut\"");
    CHECK(field(row, "verdict") == "\"cut\"");
    CHECK(field(row, "offset") != "null");
    CHECK(field(row, "id") == "11037");
    Octets trailing = response();
    trailing.push_back(0);
    CHECK(field(row_of(trailing), "status") == "\"wire_trailing\"");
    CHECK(field(row_of(trailing), "verdict") == "\"malformed\"");
}

TEST_CASE("Messages of no octets and of too many are rows too") {
    const InspectRow empty = row_of({});
    CHECK_FALSE(empty.ok);
    CHECK(field(empty, "octets") == "0");
    CHECK(field(empty, "status") == "\"wire_header\"");
    CHECK(field(empty, "id") == "null");
    CHECK(field(empty, "question") == "null");
    const InspectRow large = row_of(Octets(65'536, 0));
    CHECK_FALSE(large.ok);
    CHECK(field(large, "octets") == "65536");
    CHECK(field(large, "status") == "\"limit_octets\"");
    CHECK(field(large, "offset") == "null");
}

TEST_CASE("A short frame is never ok, and what there is of it is shown") {
    const Octets whole = response();
    const InspectRow row =
        inspect_row({.file = "f", .octets = whole, .query = {}, .tcp = true, .short_frame = true}, module().table());
    CHECK_FALSE(row.ok);
    CHECK(field(row, "status") == "\"wire_cut\"");
    CHECK(field(row, "offset") == std::to_string(whole.size()));
    CHECK(field(row, "verdict") == "\"cut\"");
}

TEST_CASE("Oversize is judged by the query, and not over TCP") {
    Octets big = make_query({"a.test"});
    big[2] |= 0x80U;
    const Octets record{0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
    for (int i = 0; i < 40; ++i) big.insert(big.end(), record.begin(), record.end());
    big[7] = 40;
    const Octets query = make_query({"a.test"});
    CHECK(field(row_of(big), "verdict") == "\"whole\"");
    CHECK(field(row_of(big, query), "verdict") == "\"oversize\"");
    const InspectRow framed = inspect_row({.file = "f", .octets = big, .query = query, .tcp = true}, module().table());
    CHECK(field(framed, "verdict") == "\"whole\"");
}

TEST_CASE("Names of opcodes, RCODEs and flags, and what has none") {
    CHECK(opcode_text(0) == "QUERY");
    CHECK(opcode_text(9) == "OPCODE9");
    CHECK(rcode_text(3) == "NXDOMAIN");
    CHECK(rcode_text(16) == "BADVERS");
    CHECK(rcode_text(99) == "RCODE99");
    CHECK(flag_names(0xFFFF) == std::vector<std::string_view>{"qr", "aa", "tc", "rd", "ra", "ad", "cd"});
    CHECK(flag_names(0).empty());
}

TEST_CASE("Hexadecimal text with white space and comments") {
    CHECK(decode_hex("00 fF\n# a comment: zz\n1 2 ; another\n\t3\r\n4").value() == Octets{0x00, 0xFF, 0x12, 0x34});
    CHECK(decode_hex("").value().empty());
    CHECK(decode_hex("12 3g").error() == "line 1, column 5: 'g' is not a hexadecimal digit");
    CHECK(decode_hex("12\n#\n 0\x01").error() == "line 3, column 3: octet 0x01 is not a hexadecimal digit");
    CHECK(decode_hex("12 3\n").error() == "line 2: the last octet has one digit: expected two");
}

TEST_CASE("Frames, whole and short") {
    const Octets octets{0, 2, 7, 8, 0, 0, 0, 3, 9};
    const auto frames = split_frames(octets);
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].octets.size() == 2);
    CHECK_FALSE(frames[0].is_short);
    CHECK(frames[1].octets.empty());
    CHECK_FALSE(frames[1].is_short);
    CHECK(frames[2].octets.size() == 1);
    CHECK(frames[2].is_short);
    const Octets half_a_length{0};
    REQUIRE(split_frames(half_a_length).size() == 1);
    CHECK(split_frames(half_a_length)[0].is_short);
}

TEST_CASE("A file whose name is not UTF-8 still gives a row of JSON") {
    CHECK(utf8_text("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
    // Alone, overlong, a surrogate, beyond U+10FFFF, cut short.
    for (const char* wrong : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
        const std::string text = utf8_text(wrong);
        CHECK(text.starts_with("\xEF\xBF\xBD"));
        CHECK(text.size() == 3 * std::string_view(wrong).size());
    }
    const Octets query = make_query({"a.test"});
    const InspectRow row = inspect_row({.file = "f\xFF", .octets = query, .query = {}}, module().table());
    CHECK(field(row, "file") == "\"f\xEF\xBF\xBD\"");
}

TEST_CASE("Standard input is read once: a second - is wrong usage") {
    CHECK(run_inspect({.files = {"-", "-"}, .query_file = ""}, module().table()) == 2);
    CHECK(run_inspect({.files = {"-"}, .query_file = "-"}, module().table()) == 2);
}

TEST_CASE("A file that cannot be read is an error that names it") {
    const auto read = read_input("/nonexistent/message");
    REQUIRE_FALSE(read);
    CHECK(read.error() == "/nonexistent/message: No such file or directory");
}
