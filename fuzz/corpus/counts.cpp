// SPDX-License-Identifier: Apache-2.0
// Counts that lie, and octets behind what the counts announce.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

struct Named {
    const char* what;
    wire::Section section;
};

constexpr Named sections[] = {
    {"answer", wire::answer}, {"authority", wire::authority}, {"additional", wire::additional}};

void add_lies(Seeds& seeds) {
    const Builder asked = query();
    seeds.add("count-question-one-more", Builder(asked).claim(wire::question, 2).build(), UNCUT_WIRE_CUT);
    seeds.add("count-question-none", Builder(asked).claim(wire::question, 0).build(), UNCUT_WIRE_TRAILING);
    seeds.add("count-question-highest", Builder(asked).claim(wire::question, 0xffff).build(), UNCUT_WIRE_CUT);
    for (const Named& named : sections) {
        const std::string what = std::string("count-") + named.what;
        const Builder honest = response().addresses(named.section, pointer(asked_name), 2);
        seeds.add(what + "-one-more", Builder(honest).claim(named.section, 3).build(), UNCUT_WIRE_CUT);
        seeds.add(what + "-one-less", Builder(honest).claim(named.section, 1).build(), UNCUT_WIRE_TRAILING);
        seeds.add(what + "-highest", Builder(honest).claim(named.section, 0xffff).build(), UNCUT_WIRE_CUT);
        seeds.add("query-" + what + "-of-nothing", Builder(asked).claim(named.section, 1).build(), UNCUT_WIRE_CUT);
    }
    seeds.add("count-records-none",
              response().addresses(wire::answer, pointer(asked_name), 2).claim(wire::answer, 0).build(),
              UNCUT_WIRE_TRAILING);
    const Builder answered = response().addresses(wire::answer, pointer(asked_name), 2);
    // The first answer read as a question leaves its TTL to begin a record, whose length leads over the end.
    seeds.add("count-question-swallows-an-answer", Builder(answered).claim(wire::question, 2).build(), UNCUT_WIRE_CUT);
    seeds.add("count-answers-as-authority", Builder(answered).claim(wire::answer, 0).claim(wire::authority, 2).build());
    seeds.add("count-answers-in-three-sections", response()
                                                     .addresses(wire::answer, pointer(asked_name), 3)
                                                     .claim(wire::answer, 1)
                                                     .claim(wire::authority, 1)
                                                     .claim(wire::additional, 1)
                                                     .build());
    seeds.add("count-opt-as-authority",
              Builder(answered).opt().claim(wire::authority, 1).claim(wire::additional, 0).build(), UNCUT_WIRE_OPT);
    seeds.add("count-opt-as-answer", Builder(answered).opt().claim(wire::answer, 3).claim(wire::additional, 0).build(),
              UNCUT_WIRE_OPT);
    seeds.judged("count-all-highest-header-only",
                 Builder()
                     .claim(wire::question, 0xffff)
                     .claim(wire::answer, 0xffff)
                     .claim(wire::authority, 0xffff)
                     .claim(wire::additional, 0xffff)
                     .build(),
                 UNCUT_VERDICT_MALFORMED, UNCUT_WIRE_CUT);
    seeds.judged("count-answer-header-only", Builder().claim(wire::answer, 1).build(), UNCUT_VERDICT_MALFORMED,
                 UNCUT_WIRE_CUT);
}

void add_trailing(Seeds& seeds) {
    const Bytes answered = response().addresses(wire::answer, pointer(asked_name), 2).build();
    struct Row {
        const char* what;
        Bytes octets;
    };
    const Row rows[] = {{"a-zero", {0}},
                        {"an-octet", {0xff}},
                        {"a-record", pointer(asked_name) + u16(type::a) + u16(1) + u32(60) + u16(4) + Bytes(4)},
                        {"an-opt", Bytes{0} + u16(type::opt) + u16(4096) + u32(0) + u16(0)},
                        {"a-message", answered},
                        {"500-zeros", Bytes(500)}};
    for (const Row& row : rows)
        seeds.add("trailing-" + std::string(row.what), answered + row.octets, UNCUT_WIRE_TRAILING);
    seeds.add("trailing-behind-an-opt", response().opt().build() + Bytes{0}, UNCUT_WIRE_TRAILING);
    seeds.add("trailing-behind-a-query", query().build() + Bytes{0}, UNCUT_WIRE_TRAILING);
    seeds.add("trailing-behind-a-header", Builder().build() + Bytes{0}, UNCUT_WIRE_TRAILING);
    // TC does not make a message of it.
    seeds.add("trailing-with-tc", with_tc(answered) + Bytes{0}, UNCUT_WIRE_TRAILING);
}

}  // namespace

void add_counts(Seeds& seeds) {
    add_lies(seeds);
    add_trailing(seeds);
}

}  // namespace uncut::fuzz
