// SPDX-License-Identifier: Apache-2.0
#include "module/wire/message.hpp"

#include "module/wire/name.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;
namespace type = wire::type;

namespace {

struct Parsed {
    Bytes octets;
    wire::Message view;
    Status status;
};

Parsed parse(const Bytes& octets) {
    Parsed parsed{octets, {}, UNCUT_OK};
    parsed.status = wire::parse(parsed.octets, parsed.view);
    return parsed;
}

const Bytes example = name("www.example.test");

Builder answer_with(const Bytes& owner, std::uint16_t record_type, const Bytes& rdata) {
    return Builder().question(example).record(wire::answer, owner, record_type, rdata);
}

}  // namespace

TEST_CASE("message: the header and question are read", "[wire]") {
    const Parsed parsed = parse(Builder(0xbeef, 0x0120).question(example, type::aaaa).build());
    REQUIRE(parsed.status == UNCUT_OK);
    CHECK(parsed.view.id == 0xbeef);
    CHECK(parsed.view.flags == 0x0120);
    CHECK(parsed.view.opcode == 0);
    CHECK(parsed.view.qtype == type::aaaa);
    CHECK(parsed.view.qclass == 1);
    CHECK(parsed.view.question_octets == example.size() + 4);
    CHECK(parsed.view.facts == (UNCUT_FACT_HEADER | UNCUT_FACT_QUESTION));
}

TEST_CASE("message: fewer than 12 octets are no header", "[wire]") {
    for (std::size_t octets = 0; octets != 12; ++octets) CHECK(parse(Bytes(octets)).status == UNCUT_WIRE_HEADER);
    CHECK(parse(Bytes(12)).status == UNCUT_OK);
}

TEST_CASE("message: 65,535 octets are read, one more is a limit", "[wire]") {
    Builder builder = Builder().question(name("."));
    const std::size_t header = builder.offset() + 1 + 10;
    builder.record(wire::answer, {0}, type::txt, Bytes(65'535 - header));
    CHECK(parse(builder.build()).status == UNCUT_OK);
    CHECK(parse(builder.build() + Bytes{0}).status == UNCUT_LIMIT_OCTETS);
}

TEST_CASE("message: every shortened message is cut, every lengthened one has octets left over", "[wire]") {
    const Bytes whole = Builder()
                            .question(example)
                            .record(wire::answer, pointer(12), type::cname, name("a.b") + Bytes{})
                            .addresses(wire::answer, name("a.b"), 3)
                            .addresses(wire::answer, pointer(12), 3)
                            .record(wire::authority, pointer(16), type::soa, pointer(12) + pointer(12) + Bytes(20))
                            .opt(4096, true, option(8, {1, 2, 3}))
                            .build();
    REQUIRE(parse(whole).status == UNCUT_OK);
    for (std::size_t octets = 12; octets != whole.size(); ++octets) {
        INFO(octets);
        const Parsed parsed = parse(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets)));
        CHECK(parsed.status == UNCUT_WIRE_CUT);
        CHECK(parsed.view.error_offset <= octets);
        CHECK(parsed.view.intact_end <= octets);
    }
    CHECK(parse(whole + Bytes{0}).status == UNCUT_WIRE_TRAILING);
    CHECK(parse(whole + Bytes{0}).view.error_offset == whole.size());
}

TEST_CASE("message: counts that lie are found", "[wire]") {
    for (const auto section : {wire::question, wire::answer, wire::authority, wire::additional}) {
        INFO(section);
        const Builder honest = Builder().question(example).addresses(wire::answer, pointer(12), 2);
        const Bytes octets = honest.build();
        const auto told = wire::count(octets.data(), section);
        CHECK(parse(Builder(honest).claim(section, static_cast<std::uint16_t>(told + 1)).build()).status != UNCUT_OK);
        CHECK(parse(Builder(honest).claim(section, 0xffff).build()).status != UNCUT_OK);
        if (told != 0)
            CHECK(parse(Builder(honest).claim(section, static_cast<std::uint16_t>(told - 1)).build()).status !=
                  UNCUT_OK);
    }
}

TEST_CASE("message: a pointer looks back behind the start of its name", "[wire]") {
    const std::size_t owner = 12 + example.size() + 4;
    struct Row {
        const char* what;
        Bytes owner;
        Status status;
    };
    const Row rows[] = {
        {"the question's name", pointer(12), UNCUT_OK},
        {"a label of it", pointer(16), UNCUT_OK},
        {"its root", pointer(12 + example.size() - 1), UNCUT_OK},
        {"itself", pointer(owner), UNCUT_WIRE_POINTER},
        {"forward", pointer(owner + 2), UNCUT_WIRE_POINTER},
        {"past the end", pointer(0x3fff), UNCUT_WIRE_POINTER},
        {"the header", pointer(0), UNCUT_WIRE_POINTER},
        {"the header's last octet", pointer(11), UNCUT_WIRE_POINTER},
        {"a label before it in the same name", label(1) + pointer(owner), UNCUT_WIRE_POINTER},
        {"label type 01", Bytes{0x41, 'x', 0}, UNCUT_WIRE_LABEL},
        {"label type 10", Bytes{0x81, 'x', 0}, UNCUT_WIRE_LABEL},
        {"a label of 63", label(63) + Bytes{0}, UNCUT_OK},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        CHECK(parse(answer_with(row.owner, type::a, {1, 2, 3, 4}).build()).status == row.status);
    }
}

TEST_CASE("message: a name has 255 octets, its root counted", "[wire]") {
    const Bytes most = label(63) + label(63) + label(63) + label(61) + Bytes{0};
    REQUIRE(most.size() == 255);
    CHECK(parse(Builder().question(most).build()).status == UNCUT_OK);
    CHECK(parse(Builder().question(label(63) + label(63) + label(63) + label(62) + Bytes{0}).build()).status ==
          UNCUT_WIRE_NAME);
    // The same by a pointer: 255 octets are the most however they come together.
    const Bytes tail = label(63) + label(63) + label(63) + Bytes{0};
    CHECK(parse(Builder().question(tail).addresses(wire::answer, label(61) + pointer(12), 1).build()).status ==
          UNCUT_OK);
    CHECK(parse(Builder().question(tail).addresses(wire::answer, label(62) + pointer(12), 1).build()).status ==
          UNCUT_WIRE_NAME);
    // And by a pointer into the middle of a name that is known already.
    Builder ladder = Builder().question(name("."));
    const std::size_t first = ladder.offset();
    ladder.addresses(wire::answer, label(63) + label(63) + label(63) + Bytes{0}, 1);
    const std::size_t second = ladder.offset();
    ladder.addresses(wire::answer, label(30) + label(30) + pointer(first + 64), 1);
    CHECK(parse(Builder(ladder).addresses(wire::answer, label(63) + pointer(second), 1).build()).status == UNCUT_OK);
    CHECK(parse(Builder(ladder).addresses(wire::answer, label(63) + label(2) + pointer(second), 1).build()).status ==
          UNCUT_WIRE_NAME);
}

TEST_CASE("message: a ladder of pointers is climbed as far as a name can have labels", "[wire]") {
    // Names that are nothing but a pointer to the one before.
    const auto ladder = [](std::size_t rungs) {
        Builder builder = Builder().question(name("a"));
        std::size_t target = 12;
        for (std::size_t rung = 0; rung != rungs; ++rung) {
            const std::size_t owner = builder.offset();
            builder.addresses(wire::answer, pointer(target), 1);
            target = owner;
        }
        return builder.build();
    };
    CHECK(parse(ladder(wire::name_hops_max)).status == UNCUT_OK);
    CHECK(parse(ladder(wire::name_hops_max + 1)).status == UNCUT_LIMIT_BUDGET);
}

TEST_CASE("message: what is remembered of a name is right from every start", "[wire]") {
    // TXT data that spells: label 'a', then at +2 a pointer to +1, where 'a' (97) is no label length that ends well.
    Builder builder = Builder().question(name("."));
    const std::size_t rdata = builder.offset() + 1 + 10;
    builder.record(wire::answer, {0}, type::txt, Bytes{1, 0} + pointer(rdata + 1));
    // Entered at +2 the pointer looks back to +1, which is a root label.
    const Bytes fine = Builder(builder).addresses(wire::answer, pointer(rdata + 2), 1).build();
    CHECK(parse(fine).status == UNCUT_OK);
    // Entered at +0 it looks back, but not behind the start; that +2 is known by then changes nothing.
    const Bytes alone = Builder(builder).addresses(wire::answer, pointer(rdata), 1).build();
    CHECK(parse(alone).status == UNCUT_WIRE_POINTER);
    const Bytes after = Builder(builder)
                            .addresses(wire::answer, pointer(rdata + 2), 1)
                            .addresses(wire::answer, pointer(rdata), 1)
                            .build();
    CHECK(parse(after).status == UNCUT_WIRE_POINTER);
}

TEST_CASE("message: RDATA agrees with its type", "[wire]") {
    struct Row {
        const char* what;
        std::uint16_t type;
        Bytes rdata;
        Status status;
    };
    const Bytes target = name("a.b");
    const Row rows[] = {
        {"A of 4", type::a, Bytes(4), UNCUT_OK},
        {"A of 3", type::a, Bytes(3), UNCUT_WIRE_RDATA},
        {"A of 5", type::a, Bytes(5), UNCUT_WIRE_RDATA},
        {"AAAA of 16", type::aaaa, Bytes(16), UNCUT_OK},
        {"AAAA of 4", type::aaaa, Bytes(4), UNCUT_WIRE_RDATA},
        {"CNAME", type::cname, target, UNCUT_OK},
        {"CNAME by pointer", type::cname, pointer(12), UNCUT_OK},
        {"CNAME and more", type::cname, target + Bytes{0}, UNCUT_WIRE_RDATA},
        {"CNAME over RDLENGTH", type::cname, Bytes{9, 'a'}, UNCUT_WIRE_RDATA},
        {"CNAME of nothing", type::cname, {}, UNCUT_WIRE_RDATA},
        {"half a pointer", type::cname, {0xc0}, UNCUT_WIRE_RDATA},
        {"SOA", type::soa, target + target + Bytes(20), UNCUT_OK},
        {"SOA of 19", type::soa, target + target + Bytes(19), UNCUT_WIRE_RDATA},
        {"SOA of 21", type::soa, target + target + Bytes(21), UNCUT_WIRE_RDATA},
        {"MX", type::mx, Bytes{0, 1} + target, UNCUT_OK},
        {"MX of 1", type::mx, {0}, UNCUT_WIRE_RDATA},
        {"SRV", type::srv, Bytes(6) + target, UNCUT_OK},
        {"NAPTR", type::naptr, Bytes(4) + Bytes{1, 's', 0, 0} + target, UNCUT_OK},
        {"NAPTR over RDLENGTH", type::naptr, Bytes(4) + Bytes{200, 's'}, UNCUT_WIRE_RDATA},
        {"RRSIG", type::rrsig, Bytes(18) + target + Bytes(64), UNCUT_OK},
        {"RRSIG of 17", type::rrsig, Bytes(17), UNCUT_WIRE_RDATA},
        {"TXT is opaque", type::txt, {200}, UNCUT_OK},
        {"an unknown type is opaque", 65'280, pointer(0x3fff), UNCUT_OK},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        CHECK(parse(answer_with(pointer(12), row.type, row.rdata).build()).status == row.status);
    }
    const Bytes chaos = Builder().question(example).record(wire::answer, pointer(12), type::a, Bytes(7), 3).build();
    CHECK(parse(chaos).status == UNCUT_OK);  // in class CH an A record is another thing
    const Bytes update = Builder(1, 0x2800).question(example).record(wire::answer, pointer(12), type::a, {}).build();
    CHECK(parse(update).status == UNCUT_OK);  // RFC 2136: data may be missing in an UPDATE
}

TEST_CASE("message: records alike are skipped, and the one that is not is seen", "[wire]") {
    const Builder alike = Builder().question(example).addresses(wire::answer, pointer(12), 20);
    CHECK(parse(Builder(alike).build()).status == UNCUT_OK);
    // Same owner, type and class, but a length that A has not.
    const Bytes odd = Builder(alike).record(wire::answer, pointer(12), type::a, Bytes(5)).build();
    CHECK(parse(odd).status == UNCUT_WIRE_RDATA);
    Bytes cut = Builder(alike).build();
    cut.pop_back();
    CHECK(parse(cut).status == UNCUT_WIRE_CUT);
    CHECK(parse(cut).view.intact_end == cut.size() + 1 - 16);
}

TEST_CASE("message: one OPT, owned by the root, in the additional section", "[wire]") {
    const Builder asked = Builder(1, 0).question(example);
    const Parsed parsed = parse(Builder(asked).opt(4096, true, option(10, Bytes(8)), 1, 0).build());
    REQUIRE(parsed.status == UNCUT_OK);
    CHECK(parsed.view.has(UNCUT_FACT_OPT | UNCUT_FACT_DO));
    CHECK(parsed.view.udp_payload_size == 4096);
    CHECK(parsed.view.rcode == 16);
    CHECK(parsed.view.opt_octets == 11 + 12);
    CHECK(parse(Builder(asked).opt().opt().build()).status == UNCUT_WIRE_OPT);
    CHECK(parse(Builder(asked).record(wire::answer, {0}, type::opt, {}).build()).status == UNCUT_WIRE_OPT);
    CHECK(parse(Builder(asked).record(wire::additional, pointer(12), type::opt, {}).build()).status == UNCUT_WIRE_OPT);
    CHECK(parse(Builder(asked).opt(512, false, {0, 10, 0}).build()).status == UNCUT_WIRE_OPT);
    CHECK(parse(Builder(asked).opt(512, false, {0, 10, 0, 9, 1}).build()).status == UNCUT_WIRE_OPT);
}

TEST_CASE("message: what a verdict needs is noted", "[wire]") {
    const Bytes chain = Builder().question(example).record(wire::answer, pointer(12), type::cname, name("a.b")).build();
    CHECK(parse(chain).view.has(UNCUT_FACT_CNAME));
    CHECK_FALSE(parse(chain).view.has(UNCUT_FACT_QTYPE));
    const Bytes full = Builder()
                           .question(example)
                           .record(wire::answer, pointer(12), type::cname, name("a.b"))
                           .addresses(wire::answer, name("a.b"), 2)
                           .record(wire::authority, pointer(16), type::soa, Bytes{0, 0} + Bytes(20))
                           .build();
    CHECK(parse(full).view.has(UNCUT_FACT_CNAME | UNCUT_FACT_QTYPE | UNCUT_FACT_SOA));
    const Bytes tsig =
        Builder(1, 0).question(example).record(wire::additional, name("key"), type::tsig, Bytes(30), 255, 0).build();
    CHECK(parse(tsig).view.has(UNCUT_FACT_SIGNED));
    const Bytes sig0 = Builder(1, 0)
                           .question(example)
                           .record(wire::additional, {0}, type::sig, Bytes(18) + Bytes{0} + Bytes(8), 255, 0)
                           .build();
    CHECK(parse(sig0).view.has(UNCUT_FACT_SIGNED));
}

TEST_CASE("message: a run of records is one RRset whatever its letter case", "[wire]") {
    const Bytes octets = Builder()
                             .question(name("Www.Example.Test"))
                             .addresses(wire::answer, pointer(12), 3)
                             .addresses(wire::answer, name("www.example.TEST"), 2)
                             .record(wire::answer, pointer(12), type::txt, {1, 'x'})
                             .build();
    wire::Message view;
    REQUIRE(wire::parse(octets, view) == UNCUT_OK);
    const wire::Record first = wire::record_at(octets.data(), view.section_offsets[wire::answer]);
    const wire::Run run = wire::rrset_run(octets.data(), first, 6, view.octets);
    CHECK(run.records == 5);
    CHECK(wire::record_at(octets.data(), run.end).type == type::txt);
    // It is not followed behind a stop.
    CHECK(wire::rrset_run(octets.data(), first, 6, first.end).records == 2);
}

TEST_CASE("regression: a root owner far behind the reach of pointers is no pointer", "[wire]") {
    Builder builder = Builder().question(example).record(wire::answer, pointer(12), type::txt, Bytes(0x4000));
    builder.record(wire::answer, label(3) + Bytes{0}, type::txt, {0});
    const Parsed parsed = parse(builder.opt(1232).build());
    CHECK(parsed.status == UNCUT_OK);
    CHECK(parsed.view.has(UNCUT_FACT_OPT));
}
