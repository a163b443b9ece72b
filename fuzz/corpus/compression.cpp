// SPDX-License-Identifier: Apache-2.0
// Compression: as servers write it, odd, and forbidden. RFC 1035 4.1.4: a pointer leads to a prior occurrence.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

// An A record with this owner behind the question of plain_name, where an owner begins at offset 34.
constexpr std::size_t owner_offset = 34;

Bytes owned_by(const Bytes& owner) {
    return response().addresses(wire::answer, owner, 1).build();
}

Bytes alias_to(const Bytes& rdata) {
    return response(plain_name, type::cname).record(wire::answer, pointer(asked_name), type::cname, rdata).build();
}

void add_owners(Seeds& seeds) {
    seeds.add("pointer-to-the-parent", owned_by(pointer(asked_parent)));
    seeds.add("pointer-to-the-top", owned_by(pointer(asked_top)));
    seeds.add("pointer-to-the-root", owned_by(pointer(asked_root)));
    seeds.add("pointer-behind-a-label", owned_by(label(3) + pointer(asked_parent)));
    seeds.add("pointer-into-a-label", owned_by(pointer(asked_root - 4)), UNCUT_WIRE_LABEL);  // 't' is type 01
    seeds.add("pointer-to-the-type-of-the-question", owned_by(pointer(asked_root + 1)));     // 0: reads as the root
    seeds.add("pointer-to-itself", owned_by(pointer(owner_offset)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-its-second-octet", owned_by(pointer(owner_offset + 1)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-the-octet-before", owned_by(pointer(owner_offset - 2)));  // the class's upper octet, 0
    seeds.add("pointer-forward", owned_by(pointer(owner_offset + 2)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-into-its-own-data", owned_by(pointer(owner_offset + 12)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-past-the-end", owned_by(pointer(0x3fff)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-the-end", owned_by(pointer(owner_offset + 16)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-the-header", owned_by(pointer(0)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-the-flags", owned_by(pointer(2)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-the-last-octet-of-the-header", owned_by(pointer(11)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-the-start-of-its-name", owned_by(label(1) + pointer(owner_offset)), UNCUT_WIRE_POINTER);
    seeds.add("pointer-into-its-own-name", owned_by(label(1) + label(1) + pointer(owner_offset + 2)),
              UNCUT_WIRE_POINTER);
    seeds.add("label-type-01", owned_by({0x41, 'x', 0}), UNCUT_WIRE_LABEL);
    seeds.add("label-type-10", owned_by({0x81, 'x', 0}), UNCUT_WIRE_LABEL);
    seeds.add("label-type-01-behind-a-label", owned_by(label(3) + Bytes{0x7f, 'x', 0}), UNCUT_WIRE_LABEL);
    seeds.add("label-of-63", owned_by(label(63) + Bytes{0}));
    seeds.add("label-of-64", owned_by(label(64) + Bytes{0}), UNCUT_WIRE_LABEL);
}

// Names led to that stand in data, or in what is no name at all.
void add_into_data(Seeds& seeds) {
    const auto behind = [](const Bytes& rdata, std::size_t offset, std::size_t records = 1) {
        const std::size_t data = owner_offset + 2 + 10;
        return response()
            .record(wire::answer, pointer(asked_name), type::txt, rdata)
            .addresses(wire::answer, pointer(data + offset), records)
            .build();
    };
    seeds.add("pointer-into-txt-data", behind(Bytes{5} + name("www.x"), 1));
    seeds.add("pointer-into-txt-data-sixty-records", behind(Bytes{5} + name("www.x"), 1, 60));
    seeds.add("pointer-into-txt-data-of-label-type-10", behind({1, 0x80}, 1), UNCUT_WIRE_LABEL);
    seeds.add("pointer-into-data-that-points-on", behind(pointer(asked_parent), 0));
    seeds.add("pointer-into-data-that-points-forward", behind(pointer(owner_offset + 14), 0), UNCUT_WIRE_POINTER);
    seeds.add("pointer-into-data-that-points-to-itself", behind(pointer(owner_offset + 12), 0), UNCUT_WIRE_POINTER);
    seeds.add("pointer-into-data-that-points-to-the-header", behind(pointer(2), 0), UNCUT_WIRE_POINTER);
    // Labels that look back and yet run over the end of the message: no octets that a cut took away.
    seeds.add("pointer-into-data-that-runs-over-the-end", behind({1, 63}, 1), UNCUT_WIRE_POINTER);
    seeds.add("pointer-into-the-fixed-part", response()
                                                 .addresses(wire::answer, pointer(asked_name), 1)
                                                 .addresses(wire::answer, pointer(owner_offset + 2), 1)
                                                 .build());
}

// A pointer leads to a prior occurrence of a name. One whose octets go on behind the pointer is none, though it begins
// before: a message that is cut behind the pointer, as a message may be at any record, would have another name there.
void add_overlapping(Seeds& seeds) {
    const std::size_t data = owner_offset + 12;
    seeds.add("pointer-to-a-label-that-covers-the-pointer",
              response()
                  .record(wire::answer, pointer(asked_name), type::txt, {2})
                  .addresses(wire::answer, pointer(data), 1)
                  .build(),
              UNCUT_WIRE_POINTER);
    const auto covering = [&](bool alike) {
        Builder builder = response().record(wire::answer, pointer(asked_name), type::txt, Bytes(420, 't') + Bytes{63});
        for (std::uint8_t number = 0; number != 40; ++number)
            builder.record(wire::answer, pointer(data + 420),
                           alike ? type::a : static_cast<std::uint16_t>(65'300 + number),
                           {192, 0, 2, static_cast<std::uint8_t>(number == 3 ? 0 : number)});
        return builder.build();
    };
    seeds.add("pointer-to-a-label-that-covers-its-rrset", covering(true), UNCUT_WIRE_POINTER);
    seeds.add("pointer-to-a-label-that-covers-other-rrsets", covering(false), UNCUT_WIRE_POINTER);
}

void add_chains_of_pointers(Seeds& seeds) {
    seeds.add("pointer-to-pointer", response()
                                        .addresses(wire::answer, pointer(asked_name), 1)
                                        .addresses(wire::answer, pointer(owner_offset), 1)
                                        .build());
    seeds.add("pointer-loop-of-two",
              response()
                  .record(wire::answer, pointer(owner_offset + 14), type::txt, Bytes{0, 0})
                  .addresses(wire::answer, pointer(owner_offset), 1)
                  .build(),
              UNCUT_WIRE_POINTER);
    // A name has 127 labels at most, so more than 127 pointers on the way to its root are work for nothing.
    const auto ladder = [](std::size_t rungs, const Bytes& before) {
        Builder builder = response("a");
        std::size_t target = 12;
        for (std::size_t rung = 0; rung != rungs; ++rung) {
            const std::size_t owner = builder.offset();
            builder.addresses(wire::answer, before + pointer(target), 1);
            target = owner;
        }
        return builder.build();
    };
    seeds.add("ladder-of-10", ladder(10, {}));
    seeds.add("ladder-at-the-limit", ladder(127, {}));
    seeds.add("ladder-over-the-limit", ladder(128, {}), UNCUT_LIMIT_BUDGET);
    seeds.add("ladder-of-labels-at-255-octets", ladder(126, label(1)));
    seeds.add("ladder-of-labels-over-255-octets", ladder(127, label(1)), UNCUT_WIRE_NAME);
    seeds.add("ladder-of-long-labels", ladder(3, label(63)));
    seeds.add("ladder-of-long-labels-over-255-octets", ladder(4, label(63)), UNCUT_WIRE_NAME);
    // The same met the other way round: one owner leads to rungs that nobody has climbed.
    const auto rungs_in_data = [](std::size_t rungs) {
        Bytes data = pointer(asked_name);
        for (std::size_t rung = 1; rung != rungs; ++rung) data = data + pointer(owner_offset + 12 + 2 * (rung - 1));
        return response()
            .record(wire::answer, pointer(asked_name), type::unknown, data)
            .addresses(wire::answer, pointer(owner_offset + 12 + 2 * (rungs - 1)), 1)
            .build();
    };
    seeds.add("ladder-in-data-at-the-limit", rungs_in_data(126));
    seeds.add("ladder-in-data-over-the-limit", rungs_in_data(127), UNCUT_LIMIT_BUDGET);
}

void add_in_rdata(Seeds& seeds) {
    seeds.add("rdata-pointer-to-the-question", alias_to(pointer(asked_parent)));
    seeds.add("rdata-pointer-to-its-owner", alias_to(pointer(owner_offset)));
    seeds.add("rdata-pointer-to-itself", alias_to(pointer(owner_offset + 12)), UNCUT_WIRE_POINTER);
    seeds.add("rdata-pointer-to-its-label", alias_to(label(1) + pointer(owner_offset + 12)), UNCUT_WIRE_POINTER);
    seeds.add("rdata-pointer-forward", alias_to(pointer(owner_offset + 14)), UNCUT_WIRE_POINTER);
    seeds.add("rdata-pointer-to-the-header", alias_to(pointer(6)), UNCUT_WIRE_POINTER);
    seeds.add("rdata-label-type-10", alias_to({0x80, 0}), UNCUT_WIRE_LABEL);
    seeds.add("rdata-label-of-64", alias_to(label(64) + Bytes{0}), UNCUT_WIRE_LABEL);
    struct Row {
        const char* what;
        std::uint16_t type;
        Bytes rdata;
    };
    const Bytes here = pointer(asked_parent);
    const Row rows[] = {
        {"soa", type::soa, soa_data(label(2) + here, pointer(owner_offset + 12))},
        {"mx", type::mx, u16(5) + here},
        {"minfo", type::minfo, here + pointer(owner_offset + 12)},
        // RFC 3597 4: not to be compressed by who writes, and yet met.
        {"srv", type::srv, Bytes(6) + here},
        {"rp", type::rp, here + here},
        {"naptr", type::naptr, Bytes(4) + Bytes{0, 0, 0} + here},
        {"dname", type::dname, here},
        {"rrsig", type::rrsig, rrsig_data(type::a, here)},
        {"nsec", type::nsec, here + Bytes{0, 1, 0x40}},
    };
    for (const Row& row : rows) {
        const auto answer = [&](std::size_t records) {
            Builder builder = response(plain_name, row.type);
            for (std::size_t at = 0; at != records; ++at)
                builder.record(wire::answer, pointer(asked_name), row.type, row.rdata);
            return builder.opt().build();
        };
        seeds.add("compressed-" + std::string(row.what), answer(1));
        seeds.add("compressed-" + std::string(row.what) + "-many", answer(60));
    }
    seeds.add("compressed-soa-second-name-forward",
              response().record(wire::authority, here, type::soa, soa_data(here, pointer(owner_offset + 20))).build(),
              UNCUT_WIRE_POINTER);
}

// Pointers have 14 bits: what stands at 0x3fff is in reach, what stands behind is not.
void add_reach(Seeds& seeds) {
    const auto name_at = [](std::size_t offset) {
        Builder builder = response();
        builder.record(wire::answer, pointer(asked_name), type::unknown, Bytes(offset - builder.offset() - 12, 7));
        return builder.addresses(wire::answer, label(4, 'f') + pointer(asked_parent), 1);
    };
    seeds.add("pointer-of-14-bits", name_at(0x3fff).addresses(wire::answer, pointer(0x3fff), 2).build());
    seeds.add("name-behind-the-reach", name_at(0x4000).addresses(wire::answer, label(4, 'f') + pointer(16), 2).build());
}

}  // namespace

void add_compression(Seeds& seeds) {
    add_owners(seeds);
    add_into_data(seeds);
    add_overlapping(seeds);
    add_chains_of_pointers(seeds);
    add_in_rdata(seeds);
    add_reach(seeds);
}

}  // namespace uncut::fuzz
