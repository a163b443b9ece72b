// SPDX-License-Identifier: Apache-2.0
// Messages as JSON, with the real module: what is shown of good ones, of bad ones, and of those made to cost much.
#include "harness/admin/message_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include <uncut_paths.hpp>

#include "harness/host/module.hpp"
#include "harness/log/printable.hpp"
#include "harness/message/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;
using uncut::test::make_query;
using uncut::test::put16;
using Octets = uncut::test::Octets;
namespace json = boost::json;

namespace {

const uncut_module& module() {
    static const auto opened = Module::open(UNCUT_SO);
    INFO((opened ? std::string() : opened.error()));
    REQUIRE(opened);
    return opened->table();
}

json::object decoded(const Octets& octets, bool with_hex = false) {
    return message_to_json(octets, module(), with_hex);
}

std::string member(const json::object& object, std::string_view key) {
    REQUIRE(object.contains(key));
    return json::serialize(object.at(key));
}

/// A response to a query for a.test, without records yet. Its question's name is at octet 12.
Octets response() {
    Octets out = make_query({"a.test"});
    out[2] = static_cast<std::uint8_t>(out[2] | 0x80U);
    return out;
}

void add_to_count(Octets& message, std::size_t section, unsigned count = 1) {
    const unsigned sum = message[4 + 2 * section] * 256U + message[5 + 2 * section] + count;
    message[4 + 2 * section] = static_cast<std::uint8_t>(sum >> 8U);
    message[5 + 2 * section] = static_cast<std::uint8_t>(sum);
}

/// A record of the answer whose owner is a pointer.
void add_record(Octets& message, unsigned type, const Octets& rdata, unsigned owner = 12, unsigned dns_class = 1) {
    put16(message, 0xC000U | owner);
    put16(message, type);
    put16(message, dns_class);
    put16(message, 0);
    put16(message, 60);
    put16(message, static_cast<unsigned>(rdata.size()));
    message.insert(message.end(), rdata.begin(), rdata.end());
    add_to_count(message, 1);
}

std::string data_of(unsigned type, const Octets& rdata, unsigned dns_class = 1) {
    Octets message = response();
    add_record(message, type, rdata, 12, dns_class);
    const json::object shown = decoded(message);
    INFO(json::serialize(shown));
    REQUIRE(shown.at("answer").as_array().size() == 1);
    return std::string(shown.at("answer").as_array()[0].at("data").as_string());
}

std::size_t records_of(const json::object& message) {
    std::size_t count = 0;
    for (const char* section : {"answer", "authority", "additional"}) count += message.at(section).as_array().size();
    return count;
}

/// What every decoded message keeps, whatever it was made of.
void check_bounds(const json::object& message) {
    const std::string text = json::serialize(message);
    CHECK(records_of(message) <= message_records_max);
    // Text, and what stands around it: some hundred octets a record.
    CHECK(text.size() <= message_text_octets_max + 200 * message_records_max + 3 * 65'536);
    CHECK(utf8_text(text) == text);
    CHECK(json::parse(text).is_object());
}

}  // namespace

TEST_CASE("message: a query with an OPT", "[message]") {
    CHECK(json::serialize(decoded(make_query({"Name.Test", 28}, {.bufsize = 4096, .dnssec_ok = true}))) ==
          R"({"octets":38,"id":11037,"opcode":"QUERY","rcode":"NOERROR","flags":["rd"],"counts":[1,0,0,1],)"
          R"("question":{"name":"Name.Test.","type":"AAAA","class":"IN"},)"
          R"("edns":{"version":0,"udp_payload_size":4096,"do":true,"options":[]},)"
          R"("answer":[],"authority":[],"additional":[],"omitted":0,"error":null})");
}

TEST_CASE("message: a record's parts, and the octets where they are wanted", "[message]") {
    Octets message = response();
    add_record(message, 1, {192, 0, 2, 1});
    const json::object shown = decoded(message, true);
    CHECK(member(shown, "answer") == R"([{"name":"a.test.","ttl_s":60,"class":"IN","type":"A","data":"192.0.2.1"}])");
    CHECK(shown.at("hex").as_string().size() == 2 * message.size());
    CHECK(shown.at("hex").as_string().starts_with("2b1d8100000100010000000001"));
    CHECK_FALSE(decoded(message).contains("hex"));
}

TEST_CASE("message: data in zone syntax", "[message]") {
    struct Row {
        unsigned type;
        Octets rdata;
        std::string data;
    };
    const std::vector<Row> rows = {
        {1, {192, 0, 2, 1}, "192.0.2.1"},
        {28, {0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "2001:db8::1"},
        {5, {1, 'b', 0xC0, 12}, "b.a.test."},
        {15, {0, 10, 0xC0, 12}, "10 a.test."},
        {16, {2, 'h', 'i', 3, 'a', '"', '\\'}, R"("hi" "a\"\\")"},
        {16, {2, 0xFF, 0x01}, R"("\255\001")"},
        {33, {0, 1, 0, 2, 0, 53, 0xC0, 12}, "1 2 53 a.test."},
        {43, {0, 1, 8, 2, 0xAB, 0xCD}, "1 8 2 abcd"},
        {257, {0, 5, 'i', 's', 's', 'u', 'e', 'x'}, R"(0 issue "x")"},
        {65280, {1, 0xFE}, R"(\# 2 01fe)"},
        {1, {}, R"(\# 0)"},              // as in an UPDATE (RFC 2136 2.4)
        {16, {9, 'x'}, R"(\# 2 0978)"},  // a string that overruns its record
        {11, {192, 0, 2, 1, 6, 0xFF}, R"(\# 6 c000020106ff)"},
    };
    for (const Row& row : rows) {
        INFO(row.type << ' ' << row.data);
        // In a class of its own no length is wrong to the module.
        CHECK(data_of(row.type, row.rdata, row.rdata.empty() ? 254 : 1) == row.data);
    }
}

TEST_CASE("message: options of an OPT", "[message]") {
    Octets message = make_query({"a.test"}, {.bufsize = 1232});
    message[message.size() - 1] = 6;
    const Octets option{0, 10, 0, 2, 0xAB, 0xCD};
    message.insert(message.end(), option.begin(), option.end());
    CHECK(member(decoded(message).at("edns").as_object(), "options") == R"([{"code":10,"hex":"abcd"}])");
}

TEST_CASE("message: what could be read before an error is there", "[message]") {
    Octets message = response();
    for (std::uint8_t last = 1; last <= 3; ++last) add_record(message, 1, {192, 0, 2, last});
    SECTION("cut inside the last record") {
        message.resize(message.size() - 2);
        const json::object shown = decoded(message);
        CHECK(records_of(shown) == 2);
        CHECK(shown.at("error").at("status") == "wire_cut");
        CHECK(shown.at("error").at("octet").is_number());
    }
    SECTION("counts that lie") {
        add_to_count(message, 1, 60'000);
        const json::object shown = decoded(message);
        CHECK(records_of(shown) == 3);
        CHECK(member(shown, "omitted") == "0");
        CHECK(member(shown, "error") == R"({"status":"wire_cut","octet":)" + std::to_string(message.size()) + "}");
    }
    SECTION("octets behind the end") {
        message.push_back(0);
        const json::object shown = decoded(message);
        CHECK(records_of(shown) == 3);
        CHECK(shown.at("error").at("status") == "wire_trailing");
    }
    SECTION("a CNAME that points to itself") {
        const auto here = static_cast<std::uint8_t>(message.size() + 12);
        add_record(message, 5, {0xC0, here});
        add_record(message, 1, {192, 0, 2, 9});
        const json::object shown = decoded(message);
        CHECK(records_of(shown) == 3);
        CHECK(shown.at("error").at("status") == "wire_pointer");
    }
    SECTION("an address of five octets") {
        add_record(message, 1, {192, 0, 2, 1, 1});
        CHECK(records_of(decoded(message)) == 3);
    }
}

TEST_CASE("message: no header, no octets, too many octets", "[message]") {
    const json::object none = decoded({});
    CHECK(member(none, "error") == R"({"status":"wire_header","octet":0})");
    for (const char* key : {"id", "opcode", "rcode", "counts", "question", "edns"}) CHECK(none.at(key).is_null());
    CHECK(none.at("flags").as_array().empty());
    CHECK(member(decoded(Octets(11, 0xFF)), "error") == R"({"status":"wire_header","octet":11})");
    CHECK(member(decoded(Octets(65'536, 0)), "error") == R"({"status":"limit_octets","octet":null})");
}

TEST_CASE("message: everything in the corpus decodes within the bounds", "[message]") {
    std::size_t files = 0;
    for (const char* folder : {"message", "regressions"}) {
        for (const auto& entry :
             std::filesystem::directory_iterator(std::filesystem::path(UNCUT_SOURCE) / "corpus" / folder)) {
            if (entry.path().extension() != ".bin") continue;
            INFO(entry.path().filename().string());
            const std::string content = uncut::test::read_file(entry.path());
            const Octets octets(content.begin(), content.end());
            const json::object shown = decoded(octets, true);
            check_bounds(shown);
            CHECK(shown.at("octets") == octets.size());
            uncut_message_info info{};
            info.size = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
            static constexpr std::uint8_t nothing = 0;
            const auto status = module().inspect(octets.empty() ? &nothing : octets.data(), octets.size(), &info);
            CHECK(shown.at("error").is_null() == (status == UNCUT_OK));
            // A sound message is shown whole, up to its OPT and the bounds.
            if (status == UNCUT_OK) {
                const std::size_t announced = std::size_t{info.counts[1]} + info.counts[2] + info.counts[3];
                const std::size_t opts = (info.facts & UNCUT_FACT_OPT) != 0 ? 1 : 0;
                const auto omitted = shown.at("omitted").to_number<std::size_t>();
                CHECK(records_of(shown) + omitted >= announced - opts);
            }
            ++files;
        }
    }
    CHECK(files > 100);
}

TEST_CASE("message: hostile messages stay within the bounds", "[message]") {
    constexpr std::size_t full = 65'535;
    SECTION("as many of the smallest records as there is room for") {
        Octets message = response();
        while (message.size() + 12 <= full) add_record(message, 65280, {});
        const json::object shown = decoded(message);
        check_bounds(shown);
        CHECK(records_of(shown) == message_records_max);
        CHECK(shown.at("omitted") == (full - response().size()) / 12 - message_records_max);
    }
    SECTION("names of 255 octets to escape, in pointers") {
        Octets message = response();
        const std::size_t name = message.size() + 12;
        Octets longest;
        for (int label = 0; label < 4; ++label) {
            const std::uint8_t octets = label < 3 ? 63 : 61;
            longest.push_back(octets);
            longest.insert(longest.end(), octets, 0x01);
        }
        longest.push_back(0);
        add_record(message, 2, longest);
        while (message.size() + 14 <= full) {
            add_record(message, 2, {static_cast<std::uint8_t>(0xC0U | name >> 8U), static_cast<std::uint8_t>(name)},
                       static_cast<unsigned>(name));
        }
        const json::object shown = decoded(message);
        check_bounds(shown);
        CHECK(shown.at("omitted").to_number<std::size_t>() > 4'000);
    }
    SECTION("a name in a type that only ldns knows points to itself, many times") {
        constexpr unsigned lp = 107;  // RFC 6742: a preference and a name
        Octets message = response();
        while (message.size() + 16 <= full && message.size() < 0x3FF0) {
            const std::size_t here = message.size() + 14;
            add_record(message, lp,
                       {0, 1, static_cast<std::uint8_t>(0xC0U | here >> 8U), static_cast<std::uint8_t>(here)});
        }
        check_bounds(decoded(message));
        CHECK(records_of(decoded(message)) == 0);
    }
    SECTION("names behind a field of unknown length") {
        constexpr unsigned hip = 55;  // RFC 8005: a header, a key, and rendezvous servers to the end
        Octets rdata{1, 2, 0, 1, 0xAA, 0xBB};
        for (int server = 0; server < 20'000; ++server) rdata.insert(rdata.end(), {0xC0, 12});
        CHECK(data_of(hip, rdata).starts_with("\\# 40006 0102"));
        CHECK(data_of(hip, {1, 2, 0, 1, 0xAA, 0xBB, 0}).starts_with("\\# 7 "));
    }
    SECTION("bitmaps of all types") {
        Octets rdata{0};
        for (int window = 0; window < 256; ++window) {
            rdata.insert(rdata.end(), {static_cast<std::uint8_t>(window), 32});
            rdata.insert(rdata.end(), 32, 0xFF);
        }
        Octets message = response();
        while (message.size() + 12 + rdata.size() <= full) add_record(message, 47, rdata);
        check_bounds(decoded(message));
        CHECK(data_of(47, rdata).starts_with("\\# 8705 "));
    }
    SECTION("options without data") {
        Octets message = make_query({"a.test"}, {.bufsize = 1232});
        const std::size_t options = 10'000;
        message[message.size() - 2] = static_cast<std::uint8_t>(4 * options >> 8U);
        message[message.size() - 1] = static_cast<std::uint8_t>(4 * options);
        message.resize(message.size() + 4 * options);
        const json::object shown = decoded(message);
        check_bounds(shown);
        CHECK(shown.at("edns").at("options").as_array().size() == message_options_max);
        CHECK(shown.at("omitted") == options - message_options_max);
    }
}

TEST_CASE("message: words for causes and transports", "[message]") {
    CHECK(cause_text(UNCUT_CAUSE_NONE) == "none");
    CHECK(cause_text(UNCUT_CAUSE_LETTER_CASE) == "letter_case");
    CHECK(cause_text(UNCUT_CAUSE_SEND) == "send");
    CHECK(cause_text(19) == "unknown");
    CHECK(transport_text(UNCUT_TRANSPORT_UDP) == "udp");
    CHECK(transport_text(UNCUT_TRANSPORT_TCP) == "tcp");
    CHECK(transport_text(0) == "unknown");
}
