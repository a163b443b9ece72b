// SPDX-License-Identifier: Apache-2.0
// What the scripted upstream writes, judged by ldns; no sockets.
#include <algorithm>

#include "harness/upstream/answer.hpp"
#include "harness/upstream/demo_zone.hpp"
#include "harness/upstream/truncate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"

using namespace uncut::harness::upstream;
using uncut::test::Answer;
using uncut::test::make_query;
using uncut::test::Octets;
using uncut::test::read_answer;

namespace {

constexpr const char* chain = "quote-redis-cluster.default.svc.cluster.local";
constexpr const char* large = "endpoints.quote-redis-cluster-headless.production.svc.cluster.local";

std::shared_ptr<const Zones> zones_of(const std::string& text) {
    auto zones = std::make_shared<Zones>();
    REQUIRE(zones->add_text(text));
    return zones;
}

/// The response to a query of these octets, shaped as told.
Octets respond(const Octets& octets, const ResponseOptions& options, const std::string& text = demo_zone_text()) {
    AnswerCache cache(zones_of(text));
    const auto query = read_query(octets);
    REQUIRE(query);
    REQUIRE_FALSE(query->rcode);
    Octets out;
    write_response(*query, cache.get(*query), options, out);
    return out;
}

}  // namespace

TEST_CASE("The story's answers have the sizes that the story says") {
    const Octets plain = respond(make_query({chain}), {.limit_octets = 65535});
    CHECK(plain.size() > 512);
    CHECK(plain.size() < 1232);
    CHECK(read_answer(plain).count("A") == 22);
    const Octets big = respond(make_query({large}, {.bufsize = 4096}), {.limit_octets = 65535});
    CHECK(big.size() == 3296);
    CHECK(read_answer(big).count("A") == 200);
}

TEST_CASE("Names are compressed, and the client's letter case comes back") {
    const Octets response = respond(make_query({"ONE.default.SVC.cluster.local"}), {.limit_octets = 65535});
    const Answer answer = read_answer(response);
    CHECK(answer.question == "ONE.default.SVC.cluster.local. A");
    // Header, question, one record whose owner is a pointer.
    CHECK(response.size() == 12 + 31 + 4 + 16);
    CHECK(answer.count("A") == 1);
}

TEST_CASE("A response to RD has RA; OPT in, OPT out; DO is copied") {
    const Answer plain = read_answer(respond(make_query({chain}), {}));
    CHECK(plain.ra);
    CHECK(plain.rd);
    CHECK_FALSE(plain.edns);
    const Answer edns =
        read_answer(respond(make_query({chain}, {.bufsize = 4096, .dnssec_ok = true, .recursion_desired = false}), {}));
    CHECK_FALSE(edns.ra);
    CHECK(edns.edns);
    CHECK(edns.dnssec_ok);
    CHECK(edns.udp_payload_size == 1232);
}

TEST_CASE("What is too long is shaped, never past its limit but for oversize") {
    struct Row {
        Shape shape;
        std::size_t octets_max;
        bool tc;
        std::size_t cnames;
        std::size_t addresses;
    };
    const auto row = GENERATE(values<Row>({
        {Shape::partial, 512, true, 2, 0},
        {Shape::empty, 512, true, 0, 0},
        {Shape::tc_lost, 512, false, 2, 0},
        {Shape::dangling_cname, 512, false, 2, 0},
        {Shape::oversize, 600, false, 2, 22},
    }));
    const bool edns = GENERATE(false, true);
    const Octets query =
        make_query({chain}, edns ? uncut::test::QueryOptions{.bufsize = 512} : uncut::test::QueryOptions{});
    const Octets response = respond(query, {.shape = row.shape, .limit_octets = 512});
    const Answer answer = read_answer(response);
    CHECK(response.size() <= row.octets_max);
    CHECK(answer.tc == row.tc);
    CHECK(answer.count("CNAME") == row.cnames);
    CHECK(answer.count("A") == row.addresses);
    CHECK(answer.edns == edns);
}

TEST_CASE("What fits is left alone by every shape") {
    const auto shape = GENERATE(Shape::partial, Shape::empty, Shape::tc_lost, Shape::dangling_cname, Shape::oversize);
    const Octets query = make_query({chain}, {.bufsize = 4096});
    const Octets whole = respond(query, {.shape = Shape::partial, .limit_octets = 65535});
    CHECK(respond(query, {.shape = shape, .limit_octets = whole.size()}) == whole);
    const bool same = respond(query, {.shape = shape, .limit_octets = whole.size() - 1}) == whole;
    CHECK(same == (shape == Shape::oversize));
}

TEST_CASE("Optional additional data is dropped without TC, glue with it") {
    const std::string text =
        "example.test. SOA ns hostmaster 1 1 1 1 1\n"
        "example.test. MX 10 mail.example.test.\n"
        "mail.example.test. A 192.0.2.1\n"
        "child.example.test. NS ns.child.example.test.\n"
        "ns.child.example.test. A 192.0.2.2\n";
    const Octets mx = make_query({"example.test", 15});
    const Octets whole = respond(mx, {.limit_octets = 512}, text);
    REQUIRE(read_answer(whole).additional.size() == 1);
    const Answer cut = read_answer(respond(mx, {.limit_octets = whole.size() - 1}, text));
    CHECK(cut.additional.empty());
    CHECK(cut.answer.size() == 1);
    CHECK_FALSE(cut.tc);
    const Octets referral = make_query({"www.child.example.test"});
    const Octets glued = respond(referral, {.limit_octets = 512}, text);
    REQUIRE(read_answer(glued).additional.size() == 1);
    CHECK(read_answer(respond(referral, {.limit_octets = glued.size() - 1}, text)).tc);
}

TEST_CASE("An answer is built once and is the same again") {
    AnswerCache cache(zones_of(demo_zone_text()));
    const Octets octets = make_query({chain});
    const auto query = read_query(octets);
    REQUIRE(query);
    const WireAnswer* first = &cache.get(*query);
    CHECK(&cache.get(*query) == first);
    const Octets with_do = make_query({chain}, {.bufsize = 1232, .dnssec_ok = true});
    CHECK(&cache.get(*read_query(with_do)) != first);
}

TEST_CASE("Queries that break the rules get the RCODE for it, or silence") {
    const auto rcode_of = [](const Octets& octets) { return read_query(octets).value().rcode; };
    Octets two = make_query({chain});
    two[5] = 2;
    CHECK(rcode_of(two) == LDNS_RCODE_FORMERR);
    Octets cut = make_query({chain});
    cut.pop_back();
    CHECK(rcode_of(cut) == LDNS_RCODE_FORMERR);
    Octets trailing = make_query({chain});
    trailing.push_back(0);
    CHECK(rcode_of(trailing) == LDNS_RCODE_FORMERR);
    Octets version = make_query({chain}, {.bufsize = 1232});
    version[version.size() - 5] = 1;
    CHECK(rcode_of(version) == 16);
    Octets twice = make_query({chain}, {.bufsize = 1232});
    const Octets opt(twice.end() - 11, twice.end());
    twice.insert(twice.end(), opt.begin(), opt.end());
    twice[11] = 2;
    CHECK(rcode_of(twice) == LDNS_RCODE_FORMERR);
    Octets notify = make_query({chain});
    notify[2] |= 4U << 3U;
    CHECK(rcode_of(notify) == LDNS_RCODE_NOTIMPL);
    CHECK(rcode_of(make_query({chain, 252})) == LDNS_RCODE_NOTIMPL);
    CHECK(rcode_of(make_query({chain, 1, 3})) == LDNS_RCODE_REFUSED);
    CHECK(rcode_of(make_query({chain})) == std::nullopt);
    Octets response = make_query({chain});
    response[2] |= 0x80;
    CHECK_FALSE(read_query(response));
    CHECK_FALSE(read_query(Octets(11, 0)));
}
