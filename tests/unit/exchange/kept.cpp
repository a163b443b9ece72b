// SPDX-License-Identifier: Apache-2.0
// What is kept of a truncated answer: as much before an exchange begins as after.
#include "module/exchange/exchange.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/exchange/messages.hpp"

using namespace uncut;
using story::Bytes;
using story::Make;

TEST_CASE("exchange: what is kept measures the same before and after it began", "[exchange]") {
    const std::vector<Bytes> queries{
        Make("www.example."),                              // 512 octets
        Make("www.example.").edns(1232),                   // what the client says
        Make("www.example.").edns(4096),                   // what the policy allows
        Make("www.example.").edns(100),                    // counts as 512
        Make("www.example.").edns(1232).tsig(),            // transparent
        Make("example.", wire::type::axfr),                // bypass
        Make("www.example.").edns(1232, false, {}, 0, 1),  // answered here
        {1, 2, 3},                                         // dropped
        Make("www.example.").set(0x0800 * 4),              // another opcode
    };
    std::size_t kept = 0;
    for (std::uint32_t mode = UNCUT_UPSTREAM_MATCH_CLIENT; mode <= UNCUT_UPSTREAM_LEARNED; ++mode) {
        exchange::Instance instance{exchange::InstanceConfig{}};
        policy::ZonePolicy root;
        root.zone.octets[0] = 0;
        root.zone.length = 1;
        root.policy.upstream_transport = static_cast<std::uint8_t>(mode);
        instance.publish({root});
        for (const Bytes& message : queries) {
            for (const std::uint32_t transport : {UNCUT_TRANSPORT_UDP, UNCUT_TRANSPORT_TCP}) {
                exchange::Query query;
                query.message = message;
                query.transport = transport;
                const exchange::Needs needs = exchange::needs(instance, query);
                CHECK(needs.state_octets == exchange::state_octets(message.size()));
                alignas(UNCUT_STORAGE_ALIGNMENT) std::array<std::uint8_t, 1024> state;
                Bytes out(UNCUT_MESSAGE_OCTETS_MAX);
                exchange::Exchange* begun = nullptr;
                exchange::Action action;
                REQUIRE(exchange::start(instance, query, {state, {}}, 0, out, begun, action) == UNCUT_OK);
                CHECK(exchange::kept_octets(*begun) == needs.kept_octets);
                kept += needs.kept_octets != 0 ? 1u : 0u;
            }
        }
    }
    CHECK(kept == 4 * (1 + 2 + 0 + 1));  // four queries; over UDP, over both, over none, over UDP
}
