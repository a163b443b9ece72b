// SPDX-License-Identifier: Apache-2.0
// ldns as the oracle: what we accept it accepts and the reverse, but for the differences listed here, each with the
// reason; and what we write it reads.
#include <ldns/ldns.h>

#include <array>
#include <memory>

#include "module/policy/fit.hpp"
#include "module/wire/message.hpp"
#include "module/wire/name.hpp"
#include "module/wire/rdata.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/random_message.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

constexpr std::uint16_t type_unknown = 65'280;  // of the range for private use: RFC 6895 3.1

using Packet = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;

Packet ldns_reads(const Bytes& message) {
    ldns_pkt* packet = nullptr;
    if (ldns_wire2pkt(&packet, message.data(), message.size()) != LDNS_STATUS_OK) packet = nullptr;
    return {packet, ldns_pkt_free};
}

template <typename Visit>
void for_each_intact(const Bytes& message, const wire::Message& view, Status status, Visit visit) {
    const std::uint32_t end = status == UNCUT_OK ? view.octets : view.intact_end;
    for (std::uint32_t offset = view.section_offsets[wire::answer]; offset != 0 && offset < end;) {
        const wire::Record record = wire::record_at(message.data(), offset);
        visit(record);
        offset = record.end;
    }
}

bool is_checked(const wire::Message& view, const wire::Record& record) {
    return view.opcode == wire::opcode::query &&
           (record.rclass == wire::class_in || wire::rdata_rule(record.type).exact_octets == 0);
}

// Ours accepts, ldns does not. The one understood reason: ldns reads the data of types that are opaque to us (RFC 3597
// 3: data of a type that one need not understand is passed on), and that of any opcode and class as in class IN. So
// with those types made unknown ldns must accept.
bool accepted_for_a_reason(Bytes message, const wire::Message& view) {
    for_each_intact(message, view, UNCUT_OK, [&](const wire::Record& record) {
        if (record.type == wire::type::opt) return;
        if (wire::rdata_rule(record.type).is_opaque() || !is_checked(view, record))
            wire::store16(message.data() + record.fixed, type_unknown);
    });
    return ldns_reads(message) != nullptr;
}

// Ours refuses, ldns does not.
bool refused_for_a_reason(const Bytes& message, const wire::Message& view, Status status) {
    switch (status) {
        case UNCUT_WIRE_POINTER:
            return true;  // ldns follows pointers forward; RFC 1035 4.1.4: a prior occurrence
        case UNCUT_WIRE_RDATA:
            return true;  // ldns reads on where RDLENGTH says less than the type takes
        case UNCUT_WIRE_TRAILING:
            return true;  // ldns stops at the counts: octets behind come alive when an OPT is added
        case UNCUT_WIRE_OPT:
            return true;  // ldns takes several OPTs and any owner; RFC 6891 6.1.1
        default:
            break;
    }
    // Where ldns reads on past RDLENGTH it sees other records than those that RDLENGTH says.
    bool reads_on = false;
    for_each_intact(message, view, status, [&](const wire::Record& record) { reads_on |= !is_checked(view, record); });
    return reads_on;
}

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
        CHECK(
            (status == UNCUT_OK ? accepted_for_a_reason(message, view) : refused_for_a_reason(message, view, status)));
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
