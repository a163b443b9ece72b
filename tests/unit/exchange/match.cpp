// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/match.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/exchange/messages.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

const Bytes query = Make("WWW.example.").id(0x4321);

std::uint32_t cause_of(const Bytes& response, bool by_question = true) {
    wire::Message asked;
    REQUIRE(wire::parse(query, asked) == UNCUT_OK);
    wire::Message view;
    const Status parsed = wire::parse(response, view);
    return exchange::match(view, parsed, {0x4321, 0, by_question ? asked.question() : Octets{}});
}

}  // namespace

TEST_CASE("match: ID, QR, opcode and question are those of the query") {
    CHECK(cause_of(answer_to(query).a(1)) == UNCUT_CAUSE_NONE);
    CHECK(cause_of(answer_to(query).a(1).id(0x4322)) == UNCUT_CAUSE_ID);
    CHECK(cause_of(answer_to(query).a(1).clear(wire::flag::qr)) == UNCUT_CAUSE_QR);
    CHECK(cause_of(answer_to(query).a(1).opcode(4)) == UNCUT_CAUSE_OPCODE);
    CHECK(cause_of(answer_to(Make("wwx.example.").id(0x4321)).a(1)) == UNCUT_CAUSE_QUESTION);
    CHECK(cause_of(answer_to(Make("www.example.", wire::type::aaaa).id(0x4321))) == UNCUT_CAUSE_QUESTION);
    CHECK(cause_of(answer_to(Make("www.example.", wire::type::a, 3).id(0x4321))) == UNCUT_CAUSE_QUESTION);
    CHECK(cause_of(answer_to(Make("www.example.com.").id(0x4321))) == UNCUT_CAUSE_QUESTION);
}

TEST_CASE("match: letter case of the name does not matter, bits that look like it do") {
    CHECK(cause_of(answer_to(Make("www.EXAMPLE.").id(0x4321))) == UNCUT_CAUSE_NONE);
    Bytes bit = answer_to(query);
    bit[wire::header_octets + 4] ^= 0x20;  // the length of "example", 7, becomes 39
    CHECK(cause_of(bit) != UNCUT_CAUSE_NONE);
}

TEST_CASE("match: more than one question is not what was asked") {
    CHECK(cause_of(answer_to(query).octets({0, 0, 1, 0, 1}).counts(wire::question, 2)) == UNCUT_CAUSE_QUESTION);
}

TEST_CASE("match: without a question only a refusal matches") {
    for (const std::uint32_t rcode : {1u, 2u, 4u, 5u})
        CHECK(cause_of(answer_to(query).without_question().rcode(rcode)) == UNCUT_CAUSE_NONE);
    CHECK(cause_of(answer_to(query).without_question()) == UNCUT_CAUSE_QUESTION);
    CHECK(cause_of(answer_to(query).without_question().rcode(3)) == UNCUT_CAUSE_QUESTION);
    // The RCODE has twelve bits: BADVERS is 0 in the header.
    CHECK(cause_of(answer_to(query).without_question().edns(1232, false, {}, 1)) == UNCUT_CAUSE_NONE);
    CHECK(cause_of(answer_to(query).without_question().rcode(2).octets({0})) == UNCUT_CAUSE_MALFORMED);
}

TEST_CASE("match: what cannot be read as far as the question is malformed") {
    CHECK(cause_of({}) == UNCUT_CAUSE_MALFORMED);
    CHECK(cause_of(answer_to(query).cut_to(11)) == UNCUT_CAUSE_MALFORMED);
    CHECK(cause_of(answer_to(query).cut_to(20)) == UNCUT_CAUSE_MALFORMED);
    // Behind the question it is for the verdict to say.
    CHECK(cause_of(answer_to(query).a(3).cut_to(60)) == UNCUT_CAUSE_NONE);
}

TEST_CASE("match: an exchange that keeps every octet asks for ID and opcode alone") {
    CHECK(cause_of(answer_to(Make("other.example.").id(0x4321)), false) == UNCUT_CAUSE_NONE);
    CHECK(cause_of(answer_to(Make("other.example.").id(0x4322)), false) == UNCUT_CAUSE_ID);
}
