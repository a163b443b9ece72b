// SPDX-License-Identifier: Apache-2.0
// Opcodes other than QUERY: their records are not those of a lookup.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

constexpr std::uint16_t flags_of(std::uint32_t opcode, std::uint32_t others = 0) {
    return static_cast<std::uint16_t>(opcode << opcode_shift | others);
}

constexpr std::uint16_t notify = flags_of(4, wire::flag::aa);
constexpr std::uint16_t update = flags_of(5);
constexpr std::uint16_t dso = flags_of(6);

void add_updates(Seeds& seeds) {
    const auto zone = [](std::uint16_t flags = update) {
        return Builder(7, flags).question(name("example.test"), type::soa);
    };
    // RFC 2136 2.4, 2.5: class ANY or NONE, TTL 0, and often no data at all.
    const auto bare = [](Builder builder, wire::Section section, std::uint16_t record_type, std::uint16_t rclass) {
        return builder.record(section, label(3, 'h') + pointer(12), record_type, {}, rclass, 0);
    };
    seeds.add("update-nothing", zone().build());
    seeds.add("update-add", zone().addresses(wire::authority, label(3, 'h') + pointer(12), 1).build());
    seeds.add("update-name-is-in-use", bare(zone(), wire::answer, type::any, class_any).build());
    seeds.add("update-rrset-exists", bare(zone(), wire::answer, type::a, class_any).build());
    seeds.add("update-rrset-does-not-exist", bare(zone(), wire::answer, type::cname, class_none).build());
    seeds.add("update-delete-rrset", bare(zone(), wire::authority, type::mx, class_any).build());
    seeds.add("update-delete-all", bare(zone(), wire::authority, type::any, class_any).build());
    seeds.add(
        "update-delete-record",
        zone().record(wire::authority, label(3, 'h') + pointer(12), type::a, {192, 0, 2, 1}, class_none, 0).build());
    seeds.add("update-large", zone().addresses(wire::authority, label(3, 'h') + pointer(12), 60).build());
    seeds.add("update-with-opt", zone().opt(4096).build());
    seeds.add("update-response", zone(update | wire::flag::qr).build());
    seeds.add("update-response-large",
              zone(update | wire::flag::qr).addresses(wire::authority, pointer(12), 60).build());
}

}  // namespace

void add_other_opcodes(Seeds& seeds) {
    add_updates(seeds);
    const auto zone = [](std::uint16_t flags) { return Builder(7, flags).question(name("example.test"), type::soa); };
    seeds.add("notify", zone(notify).build());
    seeds.add("notify-with-soa",
              zone(notify).record(wire::answer, pointer(12), type::soa, soa_data(pointer(12), pointer(12))).build());
    seeds.add("notify-response", zone(notify | wire::flag::qr).build());
    // RFC 8490 5.4: the counts are 0 and TLVs follow the header, which for the rest of DNS are octets left over.
    seeds.add("dso-without-tlv", Builder(7, dso).build());
    seeds.add("dso-keepalive", Builder(7, dso).raw(u16(1) + u16(8) + u32(15'000) + u32(3'600'000)).build(),
              UNCUT_WIRE_TRAILING);
    seeds.add("dso-response", Builder(7, dso | wire::flag::qr).raw(u16(1) + u16(0)).build(), UNCUT_WIRE_TRAILING);
    seeds.add("opcode-inverse-query", Builder(7, flags_of(1)).addresses(wire::answer, {0}, 1).build());
    seeds.add("opcode-status", zone(flags_of(2)).build());
    seeds.add("opcode-unassigned-15", zone(flags_of(15)).build());
    seeds.add("opcode-unassigned-response", zone(flags_of(15, wire::flag::qr)).build());
}

}  // namespace uncut::fuzz
