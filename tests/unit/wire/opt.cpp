// SPDX-License-Identifier: Apache-2.0
#include "module/wire/opt.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

Bytes forwarded(const Bytes& message, const wire::OptFields& fields) {
    wire::Message view;
    REQUIRE(wire::parse(message, view) == UNCUT_OK);
    Bytes out(wire::forwarded_opt_octets(view));
    REQUIRE(wire::write_forwarded_opt(view, fields, out.data()) == out.data() + out.size());
    return out;
}

}  // namespace

TEST_CASE("opt: the next hop's is made anew, and only what passes on is copied", "[wire]") {
    const Bytes subnet = option(8, {0, 1, 24, 0, 192, 0, 2});
    const Bytes unknown = option(65'001, {1, 2, 3});
    const Bytes all =
        option(10, Bytes(8)) + subnet + option(11, {0, 9}) + option(3, {}) + option(12, Bytes(40)) + unknown;
    const Bytes query = Builder(1, 0).question(name("a")).opt(4096, true, all, 0, 0).build();
    const Bytes expected = Builder(1, 0).opt(1400, true, subnet + option(3, {}) + unknown).build();
    CHECK(forwarded(query, {.udp_payload_size = 1400, .dnssec_ok = true}) ==
          Bytes(expected.begin() + 12, expected.end()));
}

TEST_CASE("opt: a query without one forwards a bare one", "[wire]") {
    const Bytes query = Builder(1, 0).question(name("a")).build();
    CHECK(forwarded(query, {.udp_payload_size = 1232}) == Bytes{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("opt: the upper bits of the RCODE and an extended error", "[wire]") {
    Bytes out(wire::opt_octets_min + wire::extended_error_octets);
    wire::write_opt({.udp_payload_size = 512, .rcode = wire::rcode::badvers, .dnssec_ok = true}, 22, out.data());
    CHECK(out == Bytes{0, 0, 41, 2, 0, 1, 0, 0x80, 0, 0, 6, 0, 15, 0, 2, 0, 22});
}

TEST_CASE("opt: a size under 512 counts as 512", "[wire]") {
    for (const std::uint16_t size : {std::uint16_t{0}, std::uint16_t{511}, std::uint16_t{512}, std::uint16_t{513}}) {
        const Bytes query = Builder(1, 0).question(name("a")).opt(size).build();
        wire::Message view;
        REQUIRE(wire::parse(query, view) == UNCUT_OK);
        CHECK(wire::effective_payload_size(view) == (size < 512 ? 512u : size));
    }
    const Bytes plain = Builder(1, 0).question(name("a")).build();
    wire::Message view;
    REQUIRE(wire::parse(plain, view) == UNCUT_OK);
    CHECK(wire::effective_payload_size(view) == 512);
}
