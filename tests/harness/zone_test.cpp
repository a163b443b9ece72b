// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/zone.hpp"

#include <filesystem>
#include <fstream>

#include "harness/upstream/demo_zone.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness::upstream;

namespace {

constexpr const char* text = R"($TTL 300
$ORIGIN example.test.
@           SOA   ns hostmaster 1 7200 1800 86400 60
@           NS    ns
@           MX    10 mail
ns          A     192.0.2.53
mail        A     192.0.2.25
mail        AAAA  2001:db8::25
www         CNAME web
web         CNAME Host
host        A     192.0.2.1
host        A     192.0.2.2
host        RRSIG A 8 3 300 20300101000000 20250101000000 1 example.test. AAAA
outside     CNAME www.elsewhere.test.
broken      CNAME nowhere
loop        CNAME pool
pool        CNAME loop
deep.empty  A     192.0.2.3
*.wild      A     192.0.2.4
fixed.wild  TXT   "here"
child       NS    ns.child
ns.child    A     192.0.2.99
ns.child    AAAA  2001:db8::99
child       DS    1 8 2 0000000000000000000000000000000000000000000000000000000000000000
)";

Zones zones_of(const std::string& zone_text) {
    Zones zones;
    const auto added = zones.add_text(zone_text);
    INFO((added ? std::string() : added.error()));
    REQUIRE(added);
    return zones;
}

Lookup lookup(const Zones& zones, const char* name, const char* type, bool dnssec = false) {
    return zones.lookup(lower(name_from_text(name).value()), type_from_text(type).value(), dnssec);
}

/// "www.example.test. CNAME; ..." : owner and type of each record, enough to see what is there.
std::string shown(const std::vector<RrSetCopy>& sets) {
    std::string out;
    for (const RrSetCopy& set : sets) {
        for (const RrPtr& record : set.records) {
            const CharPtr owner(ldns_rdf2str(ldns_rr_owner(record.get())));
            if (!out.empty()) out += "; ";
            out += std::string(owner.get()) + " " +
                   type_to_text(static_cast<std::uint16_t>(ldns_rr_get_type(record.get())));
        }
    }
    return out;
}

struct Expected {
    const char* name;
    const char* type;
    int rcode;
    const char* answer;
    const char* authority;
    const char* additional;
};

constexpr const char* soa = "example.test. SOA";

}  // namespace

TEST_CASE("A type by its number has 16 bits", "[zone]") {
    CHECK(type_from_text("TYPE65535") == 65535);
    CHECK(type_from_text("aaaa") == 28);
    for (const char* no_type : {"TYPE65536", "TYPE4294967297", "TYPE0", "NOTYPE", ""}) {
        INFO(no_type);
        CHECK_FALSE(type_from_text(no_type));
    }
}

TEST_CASE("A zone answers by name and type") {
    const Zones zones = zones_of(text);
    const auto row = GENERATE(values<Expected>({
        {"host.example.test", "A", 0, "host.example.test. A; host.example.test. A", "", ""},
        {"HOST.Example.TEST.", "A", 0, "host.example.test. A; host.example.test. A", "", ""},
        {"host.example.test", "AAAA", 0, "", soa, ""},
        {"nowhere.example.test", "A", 3, "", soa, ""},
        {"below.host.example.test", "A", 3, "", soa, ""},
        {"empty.example.test", "A", 0, "", soa, ""},
        {"deep.empty.example.test", "A", 0, "deep.empty.example.test. A", "", ""},
        {"www.example.test", "A", 0,
         "www.example.test. CNAME; web.example.test. CNAME; Host.example.test. A; Host.example.test. A", "", ""},
        {"www.example.test", "AAAA", 0, "www.example.test. CNAME; web.example.test. CNAME", soa, ""},
        {"www.example.test", "CNAME", 0, "www.example.test. CNAME", "", ""},
        {"broken.example.test", "A", 3, "broken.example.test. CNAME", soa, ""},
        {"outside.example.test", "A", 0, "outside.example.test. CNAME", "", ""},
        {"any.wild.example.test", "A", 0, "any.wild.example.test. A", "", ""},
        {"two.levels.wild.example.test", "A", 0, "two.levels.wild.example.test. A", "", ""},
        {"any.wild.example.test", "TXT", 0, "", soa, ""},
        {"fixed.wild.example.test", "A", 0, "", soa, ""},
        {"wild.example.test", "A", 0, "", soa, ""},
        {"example.test", "MX", 0, "example.test. MX", "", "mail.example.test. A; mail.example.test. AAAA"},
        {"child.example.test", "A", 0, "", "child.example.test. NS",
         "ns.child.example.test. A; ns.child.example.test. AAAA"},
        {"deep.child.example.test", "A", 0, "", "child.example.test. NS",
         "ns.child.example.test. A; ns.child.example.test. AAAA"},
        {"child.example.test", "DS", 0, "child.example.test. DS", "", ""},
        {"elsewhere.test", "A", 5, "", "", ""},
    }));
    INFO(row.name << " " << row.type);
    const Lookup found = lookup(zones, row.name, row.type);
    CHECK(int{found.rcode} == row.rcode);
    // The owner of a CNAME's target has the letter case of the zone where it stands, which differs: compare without.
    CHECK(lower(shown(found.answer)) == lower(row.answer));
    CHECK(shown(found.authority) == row.authority);
    CHECK(shown(found.additional) == row.additional);
}

TEST_CASE("A loop of CNAMEs ends") {
    const Lookup found = lookup(zones_of(text), "loop.example.test", "A");
    CHECK(found.rcode == 0);
    CHECK(found.answer.size() == 16);
}

TEST_CASE("Signatures go along when DO asks for them, with their RRset") {
    const Zones zones = zones_of(text);
    const Lookup with = lookup(zones, "host.example.test", "A", true);
    REQUIRE(with.answer.size() == 1);
    CHECK(shown(with.answer) == "host.example.test. A; host.example.test. A; host.example.test. RRSIG");
    CHECK(lookup(zones, "host.example.test", "A", false).answer.front().records.size() == 2);
}

TEST_CASE("A referral is not authoritative, its additional section is glue, and it is unsigned") {
    const Lookup found = lookup(zones_of(text), "www.child.example.test", "A");
    CHECK_FALSE(found.authoritative);
    CHECK(found.referral);
    CHECK(lookup(zones_of(text), "host.example.test", "A").authoritative);
}

TEST_CASE("A negative answer lives as long as the SOA's minimum") {
    const Lookup found = lookup(zones_of(text), "nowhere.example.test", "A");
    REQUIRE(found.authority.size() == 1);
    CHECK(ldns_rr_ttl(found.authority.front().records.front().get()) == 60);
}

TEST_CASE("Records without a zone around them answer for themselves") {
    const Zones zones = zones_of("a.test. A 192.0.2.1\n");
    CHECK(lookup(zones, "a.test", "A").answer.size() == 1);
    CHECK(lookup(zones, "b.test", "A").rcode == LDNS_RCODE_REFUSED);
    CHECK(lookup(zones, "a.test", "AAAA").rcode == LDNS_RCODE_NOERROR);
}

TEST_CASE("A zone may end without a line feed") {
    CHECK(zones_of("a.test. A 192.0.2.1").record_count() == 1);
}

TEST_CASE("Bad zone text is an error that names source, line and what ldns said") {
    struct Bad {
        const char* text;
        const char* where;
    };
    const auto bad = GENERATE(values<Bad>({
        {"a.test. A 192.0.2.1\nb.test. A 192.0.2.256\n", "zone text:2: "},
        {"a.test. A 192.0.2.1\n\n; a comment\nb.test. NONSENSE x\nc.test. A 192.0.2.3\n", "zone text:4: "},
        {"$TTL 30\n$INCLUDE other.zone\n", "zone text:2: $INCLUDE is not supported"},
        {"", "zone text: empty"},
        {"; nothing but a comment\n", "zone text: no records"},
    }));
    Zones zones;
    const auto added = zones.add_text(bad.text);
    REQUIRE_FALSE(added);
    INFO(added.error());
    CHECK(added.error().starts_with(bad.where));
    CHECK(added.error().size() > std::string_view(bad.where).size() - 2);
}

TEST_CASE("A zone file that is missing, or wrong in a line, is named") {
    const uncut::test::TempDir dir;
    const std::filesystem::path path = std::filesystem::path(dir.path()) / "bad.zone";
    Zones zones;
    const auto missing = zones.add_file(path);
    REQUIRE_FALSE(missing);
    CHECK(missing.error() == path.string() + ": No such file or directory");
    std::ofstream(path) << "a.test. A 192.0.2.1\na.test. A not-an-address\n";
    const auto wrong = zones.add_file(path);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().starts_with(path.string() + ":2: "));
}

TEST_CASE("The demo zone has the story's names") {
    const Zones zones = zones_of(demo_zone_text());
    const Lookup chain = lookup(zones, std::string(demo_chain_name).c_str(), "A");
    REQUIRE(chain.answer.size() == 3);
    CHECK(chain.answer[0].type == LDNS_RR_TYPE_CNAME);
    CHECK(chain.answer[1].type == LDNS_RR_TYPE_CNAME);
    CHECK(chain.answer[2].records.size() == 22);
    CHECK(lookup(zones, std::string(demo_large_name).c_str(), "A").answer.front().records.size() == 200);
    CHECK(lookup(zones, "one.default.svc.cluster.local", "AAAA").answer.front().records.size() == 1);
    CHECK(lookup(zones, "sixty.default.svc.cluster.local", "A").answer.front().records.size() == 60);
}
