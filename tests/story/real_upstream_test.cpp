// SPDX-License-Identifier: Apache-2.0
// That the servers from Debian serve what the other stories expect of them, Uncut aside.
#include <fmt/format.h>

#include "tests/story/real_upstream.hpp"
#include "tests/story/zones.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/needs.hpp"

using namespace uncut::test;

namespace {

std::string_view type_text(std::uint16_t type) {
    return type == type_txt ? "TXT" : "A";
}

}  // namespace

TEST_CASE("NSD, Knot and BIND truncate over UDP and serve all of it over TCP", "[story][upstream]") {
    const auto software = GENERATE(Software::nsd, Software::knot, Software::bind);
    INFO(program_of(software));
    if (!have_programs({program_of(software)})) return;
    const RealUpstream upstream(
        software, {{std::string(plain_origin), plain_zone()}, {std::string(huge_origin), huge_zone()}}, {});

    for (const auto& name :
         {one_address, few_addresses, sixty_addresses, many_addresses, chain, large_text, huge_text}) {
        INFO(name.label);
        const Octets query =
            make_query({name.name(name.records == huge_text.records ? huge_origin : plain_origin), name.type});
        const auto tcp = ask_tcp(upstream.endpoint(), query);
        REQUIRE(tcp);
        const Answer whole = read_answer(*tcp);
        CHECK(whole.count(type_text(name.type)) == name.records);
        CHECK_FALSE(whole.tc);
        if (name.octets != 0) CHECK(whole.octets == name.octets);

        const auto udp = ask_udp(upstream.endpoint(), query);
        REQUIRE(udp);
        CHECK(udp->size() <= 512);
        CHECK(read_answer(*udp).tc == (whole.octets > 512));
    }
}

TEST_CASE("the signed zone has a DNSKEY set that fits no datagram", "[story][upstream]") {
    if (!have_programs({"nsd", "ldns-keygen", "ldns-signzone"})) return;
    const RealUpstream upstream(Software::nsd, {{std::string(signed_origin), signed_zone()}}, {});
    QueryOptions options;
    options.bufsize = 1232;
    options.dnssec_ok = true;
    const Octets query = make_query({std::string(signed_origin), type_dnskey}, options);
    const auto tcp = ask_tcp(upstream.endpoint(), query);
    REQUIRE(tcp);
    const Answer whole = read_answer(*tcp);
    CHECK(whole.octets > 2048);
    CHECK(whole.count("DNSKEY") == 8);
    CHECK(whole.count("RRSIG") >= 1);
    const auto udp = ask_udp(upstream.endpoint(), query);
    REQUIRE(udp);
    CHECK(read_answer(*udp).tc);
}
