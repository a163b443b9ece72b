// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/policy_json.hpp"

#include <boost/json/serialize.hpp>
#include <set>
#include <vector>

#include "tests/harness/fake_module.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using uncut::harness::test::fake_default_policy;

namespace {

boost::json::value parsed(std::string_view text) {
    auto value = parse_json(text);
    INFO(text);
    REQUIRE(value);
    return *value;
}

std::string object_of(std::string_view field, std::string_view value) {
    return "{\"" + std::string(field) + "\":" + std::string(value) + "}";
}

struct Good {
    std::string_view field;
    std::string_view json;
    std::uint32_t uncut_policy::* member;
    std::uint32_t number;
};

// Both ends of each range, and every word.
const std::vector<Good> good = {
    {"enabled", "true", &uncut_policy::enabled, 1},
    {"enabled", "false", &uncut_policy::enabled, 0},
    {"upstream_transport", "\"match_client\"", &uncut_policy::upstream_transport, 0},
    {"upstream_transport", "\"udp_first\"", &uncut_policy::upstream_transport, 1},
    {"upstream_transport", "\"tcp\"", &uncut_policy::upstream_transport, 2},
    {"upstream_transport", "\"learned\"", &uncut_policy::upstream_transport, 3},
    {"retry_truncated", "true", &uncut_policy::retry_truncated, 1},
    {"retry_truncated", "false", &uncut_policy::retry_truncated, 0},
    {"suspect", "[]", &uncut_policy::suspect, 0},
    {"suspect", "[\"cut\"]", &uncut_policy::suspect, 1},
    {"suspect", "[\"oversize\"]", &uncut_policy::suspect, 2},
    {"suspect", "[\"cut\",\"dangling_cname\"]", &uncut_policy::suspect, 5},
    {"suspect", "[\"cut\",\"oversize\",\"dangling_cname\"]", &uncut_policy::suspect, 7},
    {"upstream_bufsize", "512", &uncut_policy::upstream_bufsize, 512},
    {"upstream_bufsize", "4096", &uncut_policy::upstream_bufsize, 4096},
    {"upstream_edns", "\"keep\"", &uncut_policy::upstream_edns, 0},
    {"upstream_edns", "\"add\"", &uncut_policy::upstream_edns, 1},
    {"client_bufsize", "512", &uncut_policy::client_bufsize, 512},
    {"client_bufsize", "65535", &uncut_policy::client_bufsize, 65535},
    {"fit", "\"rrset\"", &uncut_policy::fit, 0},
    {"fit", "\"fill\"", &uncut_policy::fit, 1},
    {"fit", "\"empty\"", &uncut_policy::fit, 2},
    {"fit", "\"subset\"", &uncut_policy::fit, 3},
    {"on_tcp_failure", "\"partial\"", &uncut_policy::on_tcp_failure, 0},
    {"on_tcp_failure", "\"empty\"", &uncut_policy::on_tcp_failure, 1},
    {"on_tcp_failure", "\"servfail\"", &uncut_policy::on_tcp_failure, 2},
    {"udp_timeout_ms", "1", &uncut_policy::udp_timeout_ms, 1},
    {"udp_timeout_ms", "60000", &uncut_policy::udp_timeout_ms, 60000},
    {"tcp_timeout_ms", "1", &uncut_policy::tcp_timeout_ms, 1},
    {"tcp_timeout_ms", "60000", &uncut_policy::tcp_timeout_ms, 60000},
    {"udp_tries", "1", &uncut_policy::udp_tries, 1},
    {"udp_tries", "8", &uncut_policy::udp_tries, 8},
    {"deadline_ms", "1", &uncut_policy::deadline_ms, 1},
    {"deadline_ms", "60000", &uncut_policy::deadline_ms, 60000},
    {"learned_ttl_s", "0", &uncut_policy::learned_ttl_s, 0},
    {"learned_ttl_s", "86400", &uncut_policy::learned_ttl_s, 86400},
};

struct Bad {
    std::string_view field;
    std::string_view json;
    std::string_view error;  // behind "/at/FIELD"
};

// One octet out of each range on both sides, and the wrong types.
const std::vector<Bad> bad = {
    {"enabled", "1", ": expected true or false, got 1"},
    {"enabled", "\"true\"", ": expected true or false, got \"true\""},
    {"upstream_transport", "\"udp\"",
     ": expected one of \"match_client\", \"udp_first\", \"tcp\", \"learned\", got \"udp\""},
    {"upstream_transport", "2", ": expected one of \"match_client\", \"udp_first\", \"tcp\", \"learned\", got 2"},
    {"retry_truncated", "[]", ": expected true or false, got []"},
    {"suspect", "\"cut\"", ": expected an array of \"cut\", \"oversize\", \"dangling_cname\", got \"cut\""},
    {"suspect", "[\"cut\",\"tc\"]", "/1: expected one of \"cut\", \"oversize\", \"dangling_cname\", got \"tc\""},
    {"suspect", "[7]", "/0: expected one of \"cut\", \"oversize\", \"dangling_cname\", got 7"},
    {"suspect", "[\"cut\",\"cut\"]", "/1: expected each word only once, got \"cut\""},
    {"upstream_bufsize", "511", ": expected an integer from 512 to 4096, got 511"},
    {"upstream_bufsize", "4097", ": expected an integer from 512 to 4096, got 4097"},
    {"upstream_bufsize", "-512", ": expected an integer from 512 to 4096, got -512"},
    {"upstream_bufsize", "4294967808", ": expected an integer from 512 to 4096, got 4294967808"},
    {"upstream_bufsize", "18446744073709551615", ": expected an integer from 512 to 4096, got 18446744073709551615"},
    {"upstream_bufsize", "1232.5", ": expected an integer from 512 to 4096, got 1.2325E3"},
    {"upstream_bufsize", "\"1232\"", ": expected an integer from 512 to 4096, got \"1232\""},
    {"upstream_bufsize", "true", ": expected an integer from 512 to 4096, got true"},
    {"upstream_edns", "\"strip\"", ": expected one of \"keep\", \"add\", got \"strip\""},
    {"upstream_edns", "false", ": expected one of \"keep\", \"add\", got false"},
    {"client_bufsize", "511", ": expected an integer from 512 to 65535, got 511"},
    {"client_bufsize", "65536", ": expected an integer from 512 to 65535, got 65536"},
    {"client_bufsize", "{}", ": expected an integer from 512 to 65535, got {}"},
    {"fit", "\"RRSET\"", ": expected one of \"rrset\", \"fill\", \"empty\", \"subset\", got \"RRSET\""},
    {"fit", "0", ": expected one of \"rrset\", \"fill\", \"empty\", \"subset\", got 0"},
    {"on_tcp_failure", "\"\"", ": expected one of \"partial\", \"empty\", \"servfail\", got \"\""},
    {"on_tcp_failure", "[\"empty\"]", ": expected one of \"partial\", \"empty\", \"servfail\", got [\"empty\"]"},
    {"udp_timeout_ms", "0", ": expected an integer from 1 to 60000, got 0"},
    {"udp_timeout_ms", "60001", ": expected an integer from 1 to 60000, got 60001"},
    {"udp_timeout_ms", "\"1s\"", ": expected an integer from 1 to 60000, got \"1s\""},
    {"tcp_timeout_ms", "0", ": expected an integer from 1 to 60000, got 0"},
    {"tcp_timeout_ms", "60001", ": expected an integer from 1 to 60000, got 60001"},
    {"tcp_timeout_ms", "false", ": expected an integer from 1 to 60000, got false"},
    {"udp_tries", "0", ": expected an integer from 1 to 8, got 0"},
    {"udp_tries", "9", ": expected an integer from 1 to 8, got 9"},
    {"udp_tries", "[3]", ": expected an integer from 1 to 8, got [3]"},
    {"deadline_ms", "0", ": expected an integer from 1 to 60000, got 0"},
    {"deadline_ms", "60001", ": expected an integer from 1 to 60000, got 60001"},
    {"deadline_ms", "\"\"", ": expected an integer from 1 to 60000, got \"\""},
    {"learned_ttl_s", "-1", ": expected an integer from 0 to 86400, got -1"},
    {"learned_ttl_s", "86401", ": expected an integer from 0 to 86400, got 86401"},
    {"learned_ttl_s", "true", ": expected an integer from 0 to 86400, got true"},
};

template <typename Row>
std::set<std::string_view> fields_of(const std::vector<Row>& rows) {
    std::set<std::string_view> names;
    for (const Row& row : rows) names.insert(row.field);
    return names;
}

}  // namespace

TEST_CASE("policy: the tests cover every field of the table", "[policy]") {
    std::set<std::string_view> names;
    for (const PolicyField& field : policy_fields()) {
        names.insert(field.name);
        CHECK_FALSE(field.meaning.empty());
    }
    CHECK(names.size() == policy_field_count);
    CHECK(fields_of(good) == names);
    CHECK(fields_of(bad) == names);
}

TEST_CASE("policy: every good value is read and written back", "[policy]") {
    for (const Good& row : good) {
        INFO(row.field << " = " << row.json);
        const auto overrides = read_policy(parsed(object_of(row.field, row.json)), "");
        REQUIRE(overrides);
        uncut_policy expected = fake_default_policy();
        expected.*row.member = row.number;
        const uncut_policy complete = complete_policy(*overrides, fake_default_policy());
        for (const PolicyField& field : policy_fields()) {
            INFO(field.name);
            CHECK(complete.*field.member == expected.*field.member);
        }
        CHECK(complete.size == expected.size);
        CHECK(boost::json::serialize(policy_to_json(*overrides)) == object_of(row.field, row.json));
    }
}

TEST_CASE("policy: every bad value is refused with its pointer and what was expected", "[policy]") {
    for (const Bad& row : bad) {
        INFO(row.field << " = " << row.json);
        const auto overrides = read_policy(parsed(object_of(row.field, row.json)), "/at");
        REQUIRE_FALSE(overrides);
        CHECK(overrides.error().text() == "/at/" + std::string(row.field) + std::string(row.error));
        CHECK(overrides.error().kind == JsonError::Kind::wrong_value);
    }
}

TEST_CASE("policy: null, an unknown field, a field of the instance, and no object at all", "[policy]") {
    for (const PolicyField& field : policy_fields()) {
        const auto null = read_policy(parsed(object_of(field.name, "null")), "");
        REQUIRE_FALSE(null);
        CHECK(null.error().text() ==
              "/" + std::string(field.name) + ": expected " + policy_field_expects(field) + ", got null");
    }
    for (const char* name : {"bufsize", "size", "learned_max_names", "tcp_holdoff_ms", "Enabled", ""}) {
        INFO(name);
        const auto unknown = read_policy(parsed(object_of(name, "1")), "/policies/default");
        REQUIRE_FALSE(unknown);
        CHECK(unknown.error().kind == JsonError::Kind::unknown_field);
        CHECK(unknown.error().pointer == "/policies/default/" + std::string(name));
        CHECK(unknown.error().expected.find("upstream_bufsize") != std::string::npos);
    }
    const auto array = read_policy(parsed("[]"), "/p");
    REQUIRE_FALSE(array);
    CHECK(array.error().text() == "/p: expected an object with fields of a policy, got []");
}

TEST_CASE("policy: an integer may be written with a point, as in JSON Schema", "[policy]") {
    const auto whole = read_policy(parsed(R"({"udp_tries": 5.0})"), "");
    REQUIRE(whole);
    CHECK(complete_policy(*whole, fake_default_policy()).udp_tries == 5);
    CHECK_FALSE(read_policy(parsed(R"({"udp_tries": 1e300})"), ""));
    CHECK_FALSE(read_policy(parsed(R"({"udp_tries": 1e999})"), ""));
}

TEST_CASE("policy: a merge patch changes what it names, and null takes away (RFC 7396)", "[policy]") {
    PolicyOverrides target;
    REQUIRE(patch_policy(target, parsed(R"({"fit": "subset", "udp_tries": 2})"), ""));
    REQUIRE(patch_policy(target, parsed(R"({"udp_tries": null, "deadline_ms": 4000, "enabled": null})"), ""));
    CHECK(boost::json::serialize(policy_to_json(target)) == R"({"fit":"subset","deadline_ms":4000})");
    CHECK(complete_policy(target, fake_default_policy()).udp_tries == 3);

    SECTION("an empty patch changes nothing") {
        const PolicyOverrides before = target;
        REQUIRE(patch_policy(target, parsed("{}"), ""));
        CHECK(target == before);
    }
    SECTION("a patch with one error changes nothing at all") {
        const PolicyOverrides before = target;
        const auto done = patch_policy(target, parsed(R"({"fit": "fill", "udp_tries": 99})"), "");
        REQUIRE_FALSE(done);
        CHECK(done.error().pointer == "/udp_tries");
        CHECK(target == before);
    }
    SECTION("null for an unknown field is an error still") {
        const auto done = patch_policy(target, parsed(R"({"fitt": null})"), "");
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == JsonError::Kind::unknown_field);
    }
    SECTION("a patch that is no object") {
        const auto done = patch_policy(target, parsed("null"), "");
        REQUIRE_FALSE(done);
        CHECK(done.error().text() == "the document: expected an object with fields of a policy, got null");
    }
}

TEST_CASE("policy: a complete policy survives the way through JSON", "[policy]") {
    const uncut_policy policy = fake_default_policy();
    const auto json = policy_to_json(policy);
    CHECK(json.size() == policy_field_count);
    CHECK(boost::json::serialize(json) ==
          R"({"enabled":true,"upstream_transport":"match_client","retry_truncated":true,)"
          R"("suspect":["cut","oversize","dangling_cname"],"upstream_bufsize":1232,"upstream_edns":"keep",)"
          R"("client_bufsize":1232,"fit":"rrset","on_tcp_failure":"partial","udp_timeout_ms":1000,)"
          R"("tcp_timeout_ms":2000,"udp_tries":3,"deadline_ms":4500,"learned_ttl_s":300})");
    const auto back = read_policy(json, "");
    REQUIRE(back);
    CHECK(*back == overrides_of(policy));
}

TEST_CASE("policy: a set of zones, and one zone in two spellings", "[policy]") {
    const auto set = read_policy_set(
        parsed(R"({"default": {"fit": "fill"}, "Cluster.Local.": {"udp_tries": 1}, "example": {}})"), "/policies");
    REQUIRE(set);
    REQUIRE(set->size() == 3);
    CHECK(set->contains("cluster.local"));
    CHECK(set->contains("default"));

    const auto twice = read_policy_set(parsed(R"({"a.example": {}, "A.example.": {}})"), "/policies");
    REQUIRE_FALSE(twice);
    CHECK(twice.error().text() ==
          "/policies/A.example.: expected each zone only once, got another spelling of \"a.example\"");
    CHECK_FALSE(read_policy_set(parsed(R"({".": {}, "default": {}})"), ""));

    const auto field = read_policy_set(parsed(R"({"a/b~c": {"fit": 1}})"), "/policies");
    REQUIRE_FALSE(field);
    CHECK(field.error().pointer == "/policies/a~1b~0c/fit");
    CHECK_FALSE(read_policy_set(parsed("[]"), ""));
}

TEST_CASE("policy: more zones than an instance takes", "[policy]") {
    boost::json::object zones;
    for (unsigned i = 0; i < UNCUT_ZONES_MAX; ++i) zones["z" + std::to_string(i)] = boost::json::object{};
    CHECK(read_policy_set(zones, ""));
    zones["one.more"] = boost::json::object{};
    CHECK_FALSE(read_policy_set(zones, ""));
}

TEST_CASE("policy: zone names have one spelling", "[policy]") {
    CHECK(zone_key("") == "default");
    CHECK(zone_key(".") == "default");
    CHECK(zone_key("DEFAULT") == "default");
    CHECK(zone_key("default.") == "default.");  // the top-level domain of that name
    CHECK(zone_key("Example.COM.") == "example.com");
    CHECK(zone_key("a\\.") == "a\\.");     // an escaped dot ends the label, not the name
    CHECK(zone_key("a\\\\.") == "a\\\\");  // an escaped backslash, then the final dot
    CHECK(zone_key("\xC3\x84.example") == "\xC3\x84.example");
}

TEST_CASE("policy: a zone is a domain name", "[policy]") {
    const std::string longest_label(63, 'x');
    const std::string longest = longest_label + "." + longest_label + "." + longest_label + "." +
                                std::string(61, 'x');  // 255 octets on the wire
    for (const std::string& name :
         {std::string(), std::string("."), std::string("default"), std::string("a"), std::string("a.b."),
          std::string("a\\.b"), std::string("a\\046\\255"), longest, longest + ".", std::string("_x.*.\xC3\xA4")}) {
        INFO(name);
        CHECK(is_zone_name(name));
    }
    for (const std::string& name :
         {std::string(".."), std::string(".a"), std::string("a..b"), std::string("a.."), std::string("a\\"),
          std::string("a\\1"), std::string("a\\25x"), std::string("a\\256"), std::string("a\0b", 3),
          longest_label + "x", longest + "x"}) {
        INFO(name);
        CHECK_FALSE(is_zone_name(name));
        const auto set = read_policy_set(boost::json::object{{name, boost::json::object{}}}, "/policies");
        REQUIRE_FALSE(set);
        CHECK(set.error().pointer == "/policies/" + name);
        CHECK(set.error().expected == "a domain name, or \"default\"");
    }
}
