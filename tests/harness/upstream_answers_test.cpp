// SPDX-License-Identifier: Apache-2.0
// What the scripted upstream's RRsets are made from, and what comes of it on the wire.
#include <set>

#include "harness/upstream/rrset_spec.hpp"
#include "tests/harness/upstream_running.hpp"

using namespace uncut::harness::upstream;
using namespace uncut::test;

namespace {

RrSetKey key_of(const char* name, const char* type) {
    const auto key = rrset_key(name, type);
    REQUIRE(key);
    return *key;
}

RunningUpstream serving(const Answers& answers) {
    RunningUpstream server = start_upstream();
    auto zones = make_zones(answers);
    REQUIRE(zones);
    REQUIRE(server.upstream->change({.zones = *zones}));
    return server;
}

const std::string longest_name =
    std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');

}  // namespace

TEST_CASE("upstream answers: a name and a type in one spelling", "[upstream]") {
    CHECK(key_of("WWW.Example", "aaaa") == RrSetKey{"www.example.", 28});
    CHECK(key_of(".", "type65280") == RrSetKey{".", 65'280});
    for (const char* type : {"OPT", "ANY", "AXFR", "IXFR", "TYPE249", "TYPE255", "nonsense", "TYPE0", ""}) {
        INFO(type);
        const auto key = rrset_key("www.example", type);
        REQUIRE_FALSE(key);
        CHECK_FALSE(key.error().of_name);
    }
    for (const char* name : {"", "a..b", "..", "\\300.example"}) {
        INFO(name);
        const auto key = rrset_key(name, "A");
        REQUIRE_FALSE(key);
        CHECK(key.error().of_name);
    }
}

TEST_CASE("upstream answers: a TXT response has exactly the octets that it should have", "[upstream]") {
    const std::string name = GENERATE(std::string("www.example"), std::string("."), longest_name);
    const RrSetKey key = key_of(name.c_str(), "TXT");
    const SpecRange range = octet_range(key);
    const RunningUpstream server = start_upstream();
    std::set<std::uint32_t> sizes{1'232, 1'500, 4'096, 65'534, range.most};
    for (std::uint32_t more = 0; more < 300; ++more) sizes.insert(range.least + more);  // about one record and two
    for (std::uint32_t more = 0; more < 3'000; more += 7) sizes.insert(range.least + more);
    for (const std::uint32_t octets : sizes) {
        auto zones = make_zones({{key, {.data = ResponseSize{octets}}}});
        REQUIRE(zones);
        REQUIRE(server.upstream->change({.zones = *zones}));
        const Octets response = server.tcp(make_query({name == "." ? "" : name, type_txt})).value();
        INFO("wanted " << octets);
        CHECK(response.size() == octets);
        CHECK_FALSE(read_answer(response).answer.empty());
    }
    CHECK(range.most == 65'535);
}

TEST_CASE("upstream answers: addresses of a size are as many as fit and none more", "[upstream]") {
    struct Row {
        const char* type;
        std::uint16_t number;
        std::size_t record_octets;
    };
    const auto row = GENERATE(values<Row>({{"A", type_a, 16}, {"AAAA", type_aaaa, 28}}));
    const std::uint32_t octets = GENERATE(60u, 512u, 1'231u, 1'232u, 1'233u, 65'535u);
    const RrSetKey key = key_of("www.example", row.type);
    const RunningUpstream server = serving({{key, {.data = ResponseSize{octets}}}});
    const Octets response = server.tcp(make_query({"www.example", row.number})).value();
    CHECK(response.size() <= octets);
    CHECK(response.size() + row.record_octets > octets);
    CHECK(read_answer(response).count(row.type) == read_answer(response).answer.size());
}

TEST_CASE("upstream answers: so many addresses, all different, all of blocks that are nobody's", "[upstream]") {
    const char* type = GENERATE("A", "AAAA");
    const RrSetKey key = key_of("www.example", type);
    const SpecRange range = address_range(key);
    CHECK(range.least == 1);
    CHECK(range.most == (key.type == type_a ? 4'093 : 2'339));
    const std::uint32_t addresses = GENERATE_COPY(1u, 22u, 200u, 763u, range.most);
    const RunningUpstream server = serving({{key, {.ttl_s = 5, .data = AddressCount{addresses}}}});
    const Answer answer = read_answer(server.tcp(make_query({"www.example", key.type}, {.bufsize = 1232})).value());
    CHECK_FALSE(answer.tc);
    CHECK(answer.count(type) == addresses);
    const std::set<std::string> different(answer.answer.begin(), answer.answer.end());
    CHECK(different.size() == addresses);
    for (const std::string& record : different) {
        const std::string data = record.substr(record.rfind('\t') + 1);
        bool known = false;
        for (const char* block : {"192.0.2.", "198.51.100.", "203.0.113.", "198.18.", "198.19.", "2001:db8::"}) {
            known = known || data.starts_with(block);
        }
        INFO(record);
        CHECK(known);
        CHECK(record.find("\t5\tIN\t") != std::string::npos);
    }
}

TEST_CASE("upstream answers: only some types have addresses or sizes", "[upstream]") {
    CHECK(address_range(key_of("a.example", "TXT")).most == 0);
    CHECK(octet_range(key_of("a.example", "MX")).most == 0);
    CHECK(octet_range(key_of("a.example", "TXT")).least == 12 + 15 + 13);
}

TEST_CASE("upstream answers: a zone's text becomes RRsets, one spelling each, lowest TTL", "[upstream]") {
    const auto answers = answers_of_text(
        "$ORIGIN example.\n$TTL 60\n@ SOA ns host 1 2 3 4 5\nWWW 50 A 192.0.2.1\nwww 40 A 192.0.2.2\n"
        "www CNAME web\nt TXT \"a b\" c\nu TYPE65280 \\# 2 abcd\n");
    REQUIRE(answers);
    REQUIRE(answers->size() == 5);
    const auto& a = answers->at({"www.example.", type_a});
    CHECK(a.ttl_s == 40);
    CHECK(std::get<RecordTexts>(a.data) == RecordTexts{"192.0.2.1", "192.0.2.2"});
    CHECK(std::get<RecordTexts>(answers->at({"www.example.", type_cname}).data) == RecordTexts{"web.example."});
    CHECK(std::get<RecordTexts>(answers->at({"t.example.", type_txt}).data) == RecordTexts{"\"a b\" \"c\""});
    CHECK(std::get<RecordTexts>(answers->at({"u.example.", 65'280}).data) == RecordTexts{"\\# 2 abcd"});

    const auto wrong = answers_of_text("a.test. A 192.0.2.1\n\nb.test. A here\n");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().line == 3);
    CHECK_FALSE(answers_of_text("a.test. CH TXT x\n"));
}

TEST_CASE("upstream answers: the demo's zone is answered alike from its text and from its RRsets", "[upstream]") {
    const auto answers = answers_of_text(demo_zone_text());
    REQUIRE(answers);
    const RunningUpstream from_text = start_upstream();
    const RunningUpstream from_sets = serving(*answers);
    for (const auto& [key, spec] : *answers) {
        const Octets query = make_query({key.name, key.type}, {.bufsize = 4096});
        INFO(key.name << " " << key.type);
        CHECK(read_answer(from_sets.tcp(query).value()).answer == read_answer(from_text.tcp(query).value()).answer);
    }
}

TEST_CASE("upstream answers: there is an end to them", "[upstream]") {
    Answers many;
    for (int i = 0; i < 17; ++i) {
        many.insert({{"n" + std::to_string(i) + ".example.", type_a}, {.data = AddressCount{4'000}}});
    }
    const auto zones = make_zones(many);
    REQUIRE_FALSE(zones);
    CHECK(zones.error() == "more than 65536 records in all");
    Answers sets;
    for (std::size_t i = 0; i <= rrsets_max; ++i) {
        sets.insert({{"n" + std::to_string(i) + ".example.", type_a}, {.data = AddressCount{1}}});
    }
    CHECK(make_zones(sets).error() == "more than 4096 RRsets");
}
