// SPDX-License-Identifier: Apache-2.0
// Names about as long as a name may be, however they come together. RFC 1035 2.3.4: 63 octets a label, 255 a name.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

const Bytes root{0};
const Bytes three = label(63, 'a') + label(63, 'b') + label(63, 'c');  // 192 octets

Bytes asks(const Bytes& owner) {
    return Builder(0x1234, query_flags).question(owner).build();
}

Bytes labels(std::size_t number, std::size_t octets) {
    Bytes result;
    for (std::size_t at = 0; at != number; ++at) result = result + label(octets, static_cast<char>('a' + at % 26));
    return result;
}

void add_spelled(Seeds& seeds) {
    seeds.add("name-of-254", asks(three + label(60) + root));
    seeds.add("name-of-255", asks(three + label(61) + root));
    seeds.add("name-of-256", asks(three + label(62) + root), UNCUT_WIRE_NAME);
    seeds.add("name-of-257", asks(three + label(63) + root), UNCUT_WIRE_NAME);
    seeds.add("name-of-127-labels", asks(labels(127, 1) + root));
    seeds.add("name-of-128-labels", asks(labels(128, 1) + root), UNCUT_WIRE_NAME);
    seeds.add("name-label-of-63", asks(label(63) + root));
    seeds.add("name-label-of-64", asks(label(64) + root), UNCUT_WIRE_LABEL);
    seeds.add("name-of-255-octets-to-escape", asks(Bytes{63} + Bytes(63, 0) + Bytes{63} + Bytes(63, 0xff) + Bytes{63} +
                                                   Bytes(63, 1) + Bytes{61} + Bytes(61, '\\') + root));
    seeds.add("name-of-255-with-opt",
              Builder(1, query_flags).question(three + label(61) + root).opt(1232, true).build());
    seeds.add("name-of-255-response",
              Builder().question(three + label(61) + root).addresses(wire::answer, pointer(12), 60).opt().build());
    seeds.add("name-without-root-192-octets", Builder(1, query_flags).claim(wire::question, 1).raw(three).build(),
              UNCUT_WIRE_CUT);
    // More labels than a name may have: whatever was cut away, this was no name.
    seeds.add("name-without-root-256-octets",
              Builder(1, query_flags).claim(wire::question, 1).raw(three + label(63)).build(), UNCUT_WIRE_NAME);
}

void add_by_pointer(Seeds& seeds) {
    const auto owned = [](const Bytes& owner, std::size_t records) {
        return Builder().question(three + root).addresses(wire::answer, owner, records).opt().build();
    };
    seeds.add("name-of-255-by-pointer", owned(label(61) + pointer(12), 1));
    seeds.add("name-of-255-by-pointer-many", owned(label(61) + pointer(12), 30));
    seeds.add("name-of-256-by-pointer", owned(label(62) + pointer(12), 1), UNCUT_WIRE_NAME);
    seeds.add("name-of-257-by-pointer", owned(label(63) + pointer(12), 1), UNCUT_WIRE_NAME);
    const auto alias = [](const Bytes& target) {
        return Builder()
            .question(three + root, type::cname)
            .record(wire::answer, pointer(12), type::cname, target)
            .build();
    };
    seeds.add("name-of-255-in-rdata", alias(three + label(61) + root));
    seeds.add("name-of-256-in-rdata", alias(three + label(62) + root), UNCUT_WIRE_NAME);
    seeds.add("name-of-255-in-rdata-by-pointer", alias(label(61) + pointer(12)));
    seeds.add("name-of-256-in-rdata-by-pointer", alias(label(62) + pointer(12)), UNCUT_WIRE_NAME);
    // Of three parts, the last led to behind the middle one's first label.
    const auto parts = [](std::size_t octets) {
        Builder builder = Builder().question(label(63, 'a') + label(63, 'b') + root);  // 129
        const std::size_t middle = builder.offset();
        builder.addresses(wire::answer, label(9, 'm') + label(63, 'n') + pointer(12), 1);  // 203
        return builder.addresses(wire::answer, label(octets) + pointer(middle + 10), 1).build();
    };
    seeds.add("name-of-255-in-three-parts", parts(61));
    seeds.add("name-of-256-in-three-parts", parts(62), UNCUT_WIRE_NAME);
    seeds.add("name-of-255-that-only-an-owner-in-data-has",
              response()
                  .record(wire::answer, pointer(asked_name), type::unknown, three + label(61) + root)
                  .addresses(wire::answer, pointer(34 + 12), 2)
                  .build());
    seeds.add("name-of-256-that-only-an-owner-in-data-has",
              response()
                  .record(wire::answer, pointer(asked_name), type::unknown, three + label(62) + root)
                  .addresses(wire::answer, pointer(34 + 12), 2)
                  .build(),
              UNCUT_WIRE_NAME);
}

}  // namespace

void add_name_lengths(Seeds& seeds) {
    add_spelled(seeds);
    add_by_pointer(seeds);
    seeds.add("name-root-everywhere", response(".", type::ns)
                                          .record(wire::answer, root, type::ns, root)
                                          .record(wire::authority, root, type::soa, soa_data(root, root))
                                          .addresses(wire::additional, root, 1)
                                          .build());
}

}  // namespace uncut::fuzz
