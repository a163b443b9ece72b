// SPDX-License-Identifier: Apache-2.0
// From no octet to 65,536, and sizes around which servers change their mind.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

constexpr std::size_t octets_max = 65'535;

// Addresses, and a TXT that makes up the rest.
Bytes of_octets(std::size_t octets) {
    Builder builder = response();
    const std::size_t spare = octets - builder.offset() - 12;
    builder.addresses(wire::answer, pointer(asked_name), spare / 16);
    return builder.record(wire::additional, pointer(asked_name), type::txt, Bytes(spare % 16, 't')).build();
}

// The longest way to the root, and owners that go all of it, as many as there is room for.
Bytes of_compression() {
    Builder builder = response("a");
    std::size_t target = 12;
    for (std::size_t rung = 0; rung != 125; ++rung) {
        const std::size_t owner = builder.offset();
        builder.record(wire::answer, label(1, static_cast<char>('a' + rung % 26)) + pointer(target), type::unknown, {});
        target = owner;
    }
    for (char letter = 'a'; builder.offset() + 14 <= octets_max;
         letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1))
        builder.record(wire::answer, label(1, letter) + pointer(target), type::unknown, {});
    return builder.build();
}

// Records of nothing but their fixed part.
Bytes of_empty_records() {
    Builder builder = response();
    for (std::uint16_t number = 0; builder.offset() + 11 <= octets_max; ++number)
        builder.record(wire::answer, {0}, static_cast<std::uint16_t>(type::unknown + number % 2), {});
    return builder.build();
}

}  // namespace

void add_sizes(Seeds& seeds) {
    seeds.add("octets-0", {}, UNCUT_WIRE_HEADER);
    seeds.add("octets-1", Bytes(1), UNCUT_WIRE_HEADER);
    seeds.add("octets-11", shortened(query().build(), 11), UNCUT_WIRE_HEADER);
    seeds.add("octets-12-of-zero", Bytes(12));
    seeds.add("octets-12-response", Builder().build());
    for (const std::size_t octets : {511u, 512u, 513u, 1231u, 1232u, 1233u, 1400u, 4095u, 4096u, 4097u})
        seeds.add("octets-" + std::to_string(octets), of_octets(octets));
    seeds.add("octets-65535", of_octets(octets_max));
    seeds.add("octets-65536", of_octets(octets_max + 1), UNCUT_LIMIT_OCTETS);
    Builder text = response(plain_name, type::txt);
    text.record(wire::answer, pointer(asked_name), type::txt, Bytes(octets_max - text.offset() - 12, 0));
    seeds.add("octets-65535-of-one-record", text.build());
    seeds.add("octets-64-kib-of-compression", of_compression());
    seeds.add("octets-64-kib-of-empty-records", of_empty_records());
}

}  // namespace uncut::fuzz
