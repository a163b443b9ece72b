// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/verdict.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/exchange/messages.hpp"

using namespace uncut;
using namespace uncut::story;

namespace {

constexpr std::uint32_t all = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;
const Bytes query = Make("www.example.");

std::uint32_t verdict_of(const Bytes& response, const exchange::Expectation& expectation = {all, 512, false}) {
    wire::Message view;
    const Status parsed = wire::parse(response, view);
    return exchange::judge(view, parsed, expectation);
}

}  // namespace

TEST_CASE("verdict: a whole answer") {
    CHECK(verdict_of(answer_to(query).a(22)) == UNCUT_VERDICT_WHOLE);
}

TEST_CASE("verdict: TC") {
    CHECK(verdict_of(answer_to(query).a(3).tc()) == UNCUT_VERDICT_TRUNCATED);
    CHECK(verdict_of(answer_to(query).tc(), {0, 0, false}) == UNCUT_VERDICT_TRUNCATED);
    // Said aloud, and the octets run out too: no suspicion is needed.
    CHECK(verdict_of(answer_to(query).a(3).tc().cut_to(70), {0, 0, false}) == UNCUT_VERDICT_TRUNCATED);
}

TEST_CASE("verdict: cut, between records and inside one") {
    const Make whole = answer_to(query).a(3);
    const std::size_t question_end = wire::header_octets + 13 + 4;
    for (std::size_t octets = question_end; octets < whole.size(); ++octets) {
        INFO(octets);
        CHECK(verdict_of(Make(whole).cut_to(octets)) == UNCUT_VERDICT_CUT);
        CHECK(verdict_of(Make(whole).cut_to(octets), {all & ~1u, 512, false}) == UNCUT_VERDICT_MALFORMED);
    }
    CHECK(verdict_of(Make(whole).cut_to(question_end - 1)) == UNCUT_VERDICT_MALFORMED);
    CHECK(verdict_of(answer_to(query).a(3), {all, 512, true}) == UNCUT_VERDICT_CUT);  // the kernel cut it
    CHECK(verdict_of(answer_to(query).a(3), {0, 512, true}) == UNCUT_VERDICT_MALFORMED);
}

TEST_CASE("verdict: what does not parse for another reason is malformed, cut or not") {
    CHECK(verdict_of(answer_to(query).a(1).octets({0})) == UNCUT_VERDICT_MALFORMED);
    CHECK(verdict_of(answer_to(query).a(1).tc().octets({0})) == UNCUT_VERDICT_MALFORMED);
    CHECK(verdict_of(answer_to(query).octets({0x80, 1}).counts(wire::answer, 1)) == UNCUT_VERDICT_MALFORMED);
    CHECK(verdict_of(answer_to(query).octets({0x80, 1}).counts(wire::answer, 1), {all, 512, true}) ==
          UNCUT_VERDICT_MALFORMED);
}

TEST_CASE("verdict: oversize is longer than was advertised") {
    const Make long_one = answer_to(query).a(30);
    const auto octets = static_cast<std::uint32_t>(long_one.size());
    CHECK(verdict_of(long_one, {all, octets, false}) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(long_one, {all, octets - 1, false}) == UNCUT_VERDICT_OVERSIZE);
    CHECK(verdict_of(long_one, {all, 0, false}) == UNCUT_VERDICT_WHOLE);  // over TCP nothing is
    CHECK(verdict_of(long_one, {all & ~2u, octets - 1, false}) == UNCUT_VERDICT_WHOLE);
}

TEST_CASE("verdict: a chain that ends in a CNAME dangles") {
    const Make chain = answer_to(query).cname("end.example.");
    CHECK(verdict_of(chain) == UNCUT_VERDICT_DANGLING_CNAME);
    CHECK(verdict_of(chain, {all & ~4u, 512, false}) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(Make(chain).a(1, "end.example.")) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(Make(chain).soa()) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(Make(chain).rcode(3)) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(Make(chain).clear(wire::flag::ra)) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(Make(chain).clear(wire::flag::rd)) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(answer_to(query)) == UNCUT_VERDICT_WHOLE);
    CHECK(verdict_of(answer_to(Make("www.example.", wire::type::aaaa)).cname("end.example.")) ==
          UNCUT_VERDICT_DANGLING_CNAME);
    CHECK(verdict_of(answer_to(Make("www.example.", wire::type::txt)).cname("end.example.")) == UNCUT_VERDICT_WHOLE);
}
