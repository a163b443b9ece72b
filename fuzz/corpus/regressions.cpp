// SPDX-License-Identifier: Apache-2.0
// Messages that were read wrong once, or would be by the reader that suggests itself.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

// Behind 16 KiB no pointer leads: what is remembered of names by offset ends there, and reading on past it did not.
Bytes root_owner_behind_the_reach_of_pointers() {
    return response()
        .record(wire::answer, pointer(asked_name), type::txt, Bytes(0x4000))
        .record(wire::answer, label(3) + Bytes{0}, type::txt, {0})
        .opt(1232)
        .build();
}

// TXT data whose third octet is a pointer to its second. Entered there it looks back behind its start; entered at the
// first octet it does not, though by then what is behind the label is known.
Bytes remembered_from_another_start() {
    Builder builder = response(".");
    const std::size_t rdata = builder.offset() + 1 + 10;
    return builder.record(wire::answer, {0}, type::txt, Bytes{1, 0} + pointer(rdata + 1))
        .addresses(wire::answer, pointer(rdata + 2), 1)
        .addresses(wire::answer, pointer(rdata), 1)
        .build();
}

}  // namespace

std::vector<Seed> regression_seeds() {
    Seeds seeds;
    seeds.add("root-owner-behind-the-reach-of-pointers", root_owner_behind_the_reach_of_pointers());
    seeds.add("remembered-from-another-start", remembered_from_another_start(), UNCUT_WIRE_POINTER);
    return seeds.all();
}

}  // namespace uncut::fuzz
