// SPDX-License-Identifier: Apache-2.0
// What is answered, dropped or bypassed here, before any upstream hears of it.
#include "tests/unit/exchange/script.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Make plain = Make("www.example.").id(0x1234);

}  // namespace

TEST_CASE("admission: under 12 octets, or a response: silence") {
    Lab lab;
    CHECK(Story(lab, Bytes{}).drops(UNCUT_CAUSE_SHORT));
    CHECK(Story(lab, Make(plain).cut_to(11)).drops(UNCUT_CAUSE_SHORT));
    CHECK(Story(lab, Make(plain).set(wire::flag::qr)).drops(UNCUT_CAUSE_RESPONSE));
    CHECK(lab.count(Counter::dropped_short) == 2);
    CHECK(lab.count(Counter::dropped_response) == 1);
    CHECK(lab.in_flight() == 0);
}

TEST_CASE("admission: malformed, and the question can be read: FORMERR with the question") {
    Lab lab;
    const Story trailing(lab, Make(plain).octets({0}));
    CHECK(trailing.rcode() == wire::rcode::formerr);
    CHECK(trailing.response().id == 0x1234);
    CHECK(trailing.response().counts[wire::question] == 1);
    CHECK_FALSE(trailing.response().has(UNCUT_FACT_OPT));
    CHECK(Story(lab, Make(plain).counts(wire::additional, 1)).rcode() == wire::rcode::formerr);
    CHECK(lab.count(Counter::answered_formerr) == 2);
    CHECK(lab.sum("upstream_asked") == 0);
}

TEST_CASE("admission: malformed, and the question cannot be read: silence") {
    Lab lab;
    CHECK(Story(lab, Make(plain).cut_to(20)).drops(UNCUT_CAUSE_NO_QUESTION));
    CHECK(Story(lab, Make(plain).without_question().counts(wire::question, 1)).drops(UNCUT_CAUSE_NO_QUESTION));
    CHECK(lab.count(Counter::dropped_no_question) == 2);
}

TEST_CASE("admission: not exactly one question is FORMERR") {
    Lab lab;
    const Story two(lab, Make(plain).octets({1, 'a', 0, 0, 1, 0, 1}).counts(wire::question, 2));
    CHECK(two.rcode() == wire::rcode::formerr);
    const Story none(lab, Make(plain).without_question());
    CHECK(none.rcode() == wire::rcode::formerr);
    CHECK(none.response().counts[wire::question] == 0);
}

TEST_CASE("admission: more than one OPT is FORMERR, with one OPT") {
    Lab lab;
    const Story story(lab, Make(plain).edns(1232).edns(1232));
    CHECK(story.rcode() == wire::rcode::formerr);
    CHECK(story.response().has(UNCUT_FACT_OPT));
}

TEST_CASE("admission: an unknown EDNS version is BADVERS, told in an OPT of version 0") {
    Lab lab;
    const Story story(lab, Make(plain).edns(1232, true, {}, 0, 1));
    CHECK(story.rcode() == wire::rcode::badvers);
    CHECK((story.response().flags & wire::flag::rcode_mask) == 0);
    CHECK(story.response().edns_version == 0);
    CHECK(lab.count(Counter::answered_badvers) == 1);
}

TEST_CASE("admission: DSO is NOTIMP, and its header has no other flag") {
    Lab lab;
    const Story story(lab, Make(plain).without_question().opcode(6), {.transport = tcp});
    CHECK(story.rcode() == wire::rcode::notimp);
    CHECK(story.response().flags == (wire::flag::qr | 6u << 11 | wire::rcode::notimp));
    CHECK(story.octets().size() == wire::header_octets);
    CHECK(lab.count(Counter::answered_notimp) == 1);
}

TEST_CASE("admission: zone transfers are a bypass") {
    Lab lab;
    for (const std::uint16_t type : {wire::type::axfr, wire::type::ixfr}) {
        CHECK(Story(lab, Make("example.", type), {.transport = tcp}).bypasses());
        CHECK(Story(lab, Make("example.", type), {.transport = udp}).bypasses());
        CHECK(Story(lab, Make("example.", type).tsig(), {.transport = tcp}).bypasses());
    }
    CHECK(lab.count(Counter::bypassed) == 6);
    CHECK(lab.in_flight() == 0);
}

TEST_CASE("admission: what is made here echoes RD and CD, sets RA, and has an OPT for who sent one") {
    Lab lab;
    const Story story(lab, Make("WwW.example.").set(wire::flag::cd).edns(4096, true, {}, 0, 1));
    const wire::Message& response = story.response();
    CHECK(response.flags == (wire::flag::qr | wire::flag::rd | wire::flag::ra | wire::flag::cd));
    CHECK(response.udp_payload_size == 1232);
    CHECK((response.edns_flags & wire::edns_do) != 0);
    CHECK(response.data[wire::header_octets + 1] == 'W');
    CHECK(response.data[wire::header_octets + 2] == 'w');
    const Story quiet(lab, Make("www.example.").clear(wire::flag::rd).octets({0}));
    CHECK(quiet.response().flags == (wire::flag::qr | wire::flag::ra | wire::rcode::formerr));
}
