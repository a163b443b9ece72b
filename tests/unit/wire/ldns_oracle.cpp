// SPDX-License-Identifier: Apache-2.0
// ldns as the oracle: what we accept it accepts and the reverse, but for the differences listed in ldns_oracle.hpp,
// each with the reason; and what we write it reads.
#include "tests/unit/wire/ldns_oracle.hpp"

#include <array>

#include "module/policy/fit.hpp"
#include "module/wire/message.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/random_message.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

void mutate(Bytes& message, std::mt19937& random) {
    const std::size_t at = random() % message.size();
    const auto where = message.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 6) {
        case 0:
            *where = static_cast<std::uint8_t>(random());
            break;
        case 1:
            *where = static_cast<std::uint8_t>(*where ^ 1u << random() % 8);
            break;
        case 2:
            *where = 0xc0;
            break;
        case 3:
            message.resize(std::max<std::size_t>(at, 12));
            break;
        case 4:
            message.insert(where, static_cast<std::uint8_t>(random()));
            break;
        default:
            *where = static_cast<std::uint8_t>(*where + 1);
            break;
    }
}

}  // namespace

TEST_CASE("ldns: agrees on what is a message, but for the differences understood", "[wire][ldns]") {
    std::array<std::size_t, 2> agreed{};  // refused, accepted
    std::size_t differences = 0;
    for (std::uint32_t seed = 1; seed != 15'000; ++seed) {
        std::mt19937 random(seed);
        Bytes message = RandomMessage(seed % 2000).build();
        if (message.size() > 900) message.resize(900);  // the oracle is slow on long ones
        for (auto left = random() % 4; left != 0; --left) mutate(message, random);
        wire::Message view;
        const Status status = wire::parse(message, view);
        const bool theirs = ldns_reads(message) != nullptr;
        if ((status == UNCUT_OK) == theirs) {
            ++agreed[theirs];
            continue;
        }
        ++differences;
        INFO("seed " << seed << " status " << status << " offset " << view.error_offset);
        CHECK((status == UNCUT_OK ? why_accepted(message, view) : why_refused(message, view, status)) != nullptr);
    }
    CHECK(agreed[0] > 1000);
    CHECK(agreed[1] > 1000);
    CHECK(differences > 0);
}

TEST_CASE("ldns: reads what fit writes", "[wire][ldns]") {
    for (std::uint32_t seed = 1; seed != 1000; ++seed) {
        INFO("seed " << seed);
        RandomMessage random(seed);
        const Bytes response = random.build();
        wire::Message view;
        REQUIRE(wire::parse(response, view) == UNCUT_OK);
        const std::uint32_t limit = 512 + static_cast<std::uint32_t>(random.below(1000));
        Bytes out(65'535);
        policy::Fitted fitted;
        REQUIRE(policy::fit(view, {.limit = limit, .mode = seed % 4, .rotate = seed}, out, fitted) == UNCUT_OK);
        out.resize(fitted.octets);
        const Packet packet = ldns_reads(out);
        REQUIRE(packet != nullptr);
        CHECK(ldns_pkt_id(packet.get()) == view.id);
        CHECK(ldns_pkt_ancount(packet.get()) == fitted.kept[0]);
        CHECK(ldns_pkt_nscount(packet.get()) == fitted.kept[1]);
        CHECK(ldns_rr_list_rr_count(ldns_pkt_additional(packet.get())) == fitted.kept[2]);
        CHECK(ldns_pkt_edns(packet.get()) == view.has(UNCUT_FACT_OPT));
    }
}
