// SPDX-License-Identifier: Apache-2.0
#include "module/policy/clamp.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

struct Result {
    Status status;
    policy::Clamped clamped;
    Bytes octets;
};

Result clamp(const Bytes& query, std::uint32_t bufsize, std::uint32_t edns = UNCUT_EDNS_KEEP) {
    wire::Message view;
    REQUIRE(wire::parse(query, view) == UNCUT_OK);
    Result result{};
    result.octets.resize(query.size() + 64);
    result.status = policy::clamp(view, bufsize, edns, result.octets, result.clamped);
    result.octets.resize(result.clamped.octets);
    return result;
}

Builder asked() {
    return Builder(7, 0x0100).question(name("a.b"));
}

}  // namespace

TEST_CASE("clamp: lowers, never raises", "[policy]") {
    constexpr std::uint16_t sizes[] = {0, 511, 512, 1231, 1232, 1233, 4096, 65'535};
    for (const std::uint16_t size : sizes) {
        INFO(size);
        const Bytes query = asked().opt(size, true, option(10, Bytes(8))).build();
        const Result result = clamp(query, 1232);
        REQUIRE(result.status == UNCUT_OK);
        const bool lowered = size > 1232;
        CHECK(result.clamped.action == (lowered ? UNCUT_CLAMP_LOWERED : UNCUT_CLAMP_NONE));
        CHECK(result.octets ==
              asked().opt(static_cast<std::uint16_t>(lowered ? 1232 : size), true, option(10, Bytes(8))).build());
        // A second time nothing is left to do.
        CHECK(clamp(result.octets, 1232).clamped.action == UNCUT_CLAMP_NONE);
    }
}

TEST_CASE("clamp: adds an OPT only where it is told to", "[policy]") {
    const Bytes query = asked().build();
    CHECK(clamp(query, 1400).octets == query);
    const Result added = clamp(query, 1400, UNCUT_EDNS_ADD);
    CHECK(added.clamped.action == UNCUT_CLAMP_ADDED);
    CHECK(added.octets == asked().opt(1400).build());
    CHECK(clamp(added.octets, 1400, UNCUT_EDNS_ADD).clamped.action == UNCUT_CLAMP_NONE);
}

TEST_CASE("clamp: a signed query is left alone", "[policy]") {
    const Bytes query =
        asked().opt(4096).record(wire::additional, name("k"), wire::type::tsig, Bytes(40), 255, 0).build();
    const Result result = clamp(query, 1232, UNCUT_EDNS_ADD);
    CHECK(result.clamped.action == UNCUT_CLAMP_NONE);
    CHECK(result.octets == query);
}

TEST_CASE("clamp: an output too short says what is needed and is not touched", "[policy]") {
    const Bytes query = asked().build();
    wire::Message view;
    REQUIRE(wire::parse(query, view) == UNCUT_OK);
    Bytes out(query.size() + 10, 0xee);
    policy::Clamped clamped;
    CHECK(policy::clamp(view, 1232, UNCUT_EDNS_ADD, out, clamped) == UNCUT_MISUSE_SHORT_BUFFER);
    CHECK(clamped.octets == query.size() + 11);
    CHECK(out == Bytes(query.size() + 10, 0xee));
}
