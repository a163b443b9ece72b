// SPDX-License-Identifier: Apache-2.0
// One answer a type, its data as the type's RFC has it; and data that disagrees with RDLENGTH, on both sides.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

struct Row {
    const char* what;
    std::uint16_t type;
    Bytes rdata;
};

Bytes answer(const Row& row) {
    return response(plain_name, row.type).record(wire::answer, pointer(asked_name), row.type, row.rdata).build();
}

const Bytes target = name("target.test");

std::vector<Row> with_names() {
    return {
        {"ns", type::ns, target},
        {"md", type::md, target},
        {"mf", type::mf, target},
        {"cname", type::cname, target},
        {"soa", type::soa, soa_data(target, name("hostmaster.test"))},
        {"mb", type::mb, target},
        {"mg", type::mg, target},
        {"mr", type::mr, target},
        {"ptr", type::ptr, target},
        {"minfo", type::minfo, target + name("errors.test")},
        {"mx", type::mx, u16(10) + target},
        {"mx-null", type::mx, u16(0) + Bytes{0}},
        {"rp", type::rp, name("admin.test") + name("text.test")},
        {"afsdb", type::afsdb, u16(1) + target},
        {"rt", type::rt, u16(1) + target},
        {"px", type::px, u16(1) + name("map.test") + name("x400.test")},
        {"sig", type::sig, rrsig_data(type::a, target)},
        {"nxt", type::nxt, target + Bytes{0x62}},
        {"srv", type::srv, u16(10) + u16(60) + u16(5060) + target},
        {"naptr", type::naptr,
         u16(100) + u16(50) + character_string("s") + character_string("SIP+D2U") + character_string("") + target},
        {"kx", type::kx, u16(1) + target},
        {"dname", type::dname, target},
        {"rrsig", type::rrsig, rrsig_data(type::a, target)},
        {"nsec", type::nsec, target + Bytes{0, 1, 0x40}},
    };
}

// Opaque to a reader that passes them on: RFC 3597 3.
std::vector<Row> without_names() {
    return {
        {"null", 10, noise(30)},
        {"wks", 11, Bytes{192, 0, 2, 1, 6, 0, 0, 0, 0x40}},
        {"hinfo", 13, character_string("CPU") + character_string("OS")},
        {"txt", type::txt, character_string("v=spf1 -all")},
        {"txt-empty-string", type::txt, {0}},
        {"txt-of-255", type::txt, character_string(std::string(255, 't'))},
        {"x25", 19, character_string("311061700956")},
        {"isdn", 20, character_string("150862028003217")},
        {"nsap", 22, noise(20)},
        {"key", 25, u16(256) + Bytes{3, 13} + noise(64)},
        {"loc", 29, Bytes{0, 0x12, 0x16, 0x13} + u32(0x80000000) + u32(0x80000000) + u32(10'000'000)},
        {"apl", 42, u16(1) + Bytes{24, 3, 192, 0, 2}},
        {"ds", type::ds, u16(12'345) + Bytes{13, 2} + noise(32)},
        {"sshfp", 44, Bytes{4, 2} + noise(32)},
        {"ipseckey", 45, Bytes{10, 1, 2, 192, 0, 2, 1} + noise(40)},
        {"dnskey", type::dnskey, u16(257) + Bytes{3, 13} + noise(64)},
        {"dhcid", 49, noise(35)},
        {"nsec3", type::nsec3, Bytes{1, 0, 0, 0, 0, 20} + noise(20) + Bytes{0, 1, 0x40}},
        {"nsec3param", 51, Bytes{1, 0, 0, 0, 0}},
        {"tlsa", 52, Bytes{3, 1, 1} + noise(32)},
        {"cds-delete", 59, Bytes{0, 0, 0, 0, 0}},
        {"openpgpkey", 61, noise(200)},
        {"csync", 62, u32(66) + u16(3) + Bytes{0, 4, 0x60, 0, 0, 8}},
        {"svcb", 64, u16(1) + target + u16(3) + u16(2) + u16(8443)},
        {"https", 65, u16(1) + Bytes{0} + u16(1) + u16(3) + character_string("h2")},
        {"https-alias", 65, u16(0) + target},
        {"spf", 99, character_string("v=spf1 -all")},
        {"eui48", 108, noise(6)},
        {"uri", 256, u16(10) + u16(1) + text("https://www.example.test/")},
        {"caa", 257, Bytes{0} + character_string("issue") + text("ca.test")},
        {"type-zero", 0, noise(8)},
        {"type-unknown", type::unknown, noise(40)},
        {"type-unknown-empty", type::unknown, {}},
        {"type-unknown-like-a-pointer", type::unknown, pointer(0x3fff)},
        {"type-highest", 65'535, noise(8)},
    };
}

void add_large(Seeds& seeds) {
    Bytes strings;
    for (int number = 0; number != 9; ++number) strings = strings + character_string(std::string(255, 't'));
    seeds.add("rdata-txt-large", answer({"", type::txt, strings}));
    Builder many = response(plain_name, type::mx);
    for (std::uint16_t number = 0; number != 40; ++number)
        many.record(wire::answer, pointer(asked_name), type::mx,
                    u16(number) + label(6, static_cast<char>('a' + number % 26)) + pointer(asked_parent));
    many.addresses(wire::additional, label(6, 'a') + pointer(asked_parent), 4);
    seeds.add("rdata-mx-forty", many.opt().build());
    seeds.add("rdata-txt-string-lies", answer({"", type::txt, {200, 'x'}}));
    seeds.add("rdata-txt-nothing", answer({"", type::txt, {}}));
}

// RDLENGTH says less or more than what the type takes.
std::vector<Row> disagreeing() {
    const Bytes soa = soa_data(target, target);
    return {
        {"a-of-0", type::a, {}},
        {"a-of-3", type::a, Bytes(3)},
        {"a-of-5", type::a, Bytes(5)},
        {"a-of-16", type::a, Bytes(16)},
        {"aaaa-of-4", type::aaaa, Bytes(4)},
        {"aaaa-of-15", type::aaaa, Bytes(15)},
        {"aaaa-of-17", type::aaaa, Bytes(17)},
        {"cname-of-0", type::cname, {}},
        {"cname-one-more", type::cname, target + Bytes{0}},
        {"cname-one-less", type::cname, shortened(target, target.size() - 1)},
        {"cname-inside-a-label", type::cname, {9, 'a'}},
        {"cname-half-a-pointer", type::cname, {0xc0}},
        {"cname-label-and-half-a-pointer", type::cname, {1, 'a', 0xc0}},
        {"cname-pointer-and-more", type::cname, pointer(asked_name) + Bytes{0}},
        {"ns-of-0", type::ns, {}},
        {"ptr-one-more", type::ptr, target + Bytes{0}},
        {"soa-of-0", type::soa, {}},
        {"soa-one-name", type::soa, target},
        {"soa-one-less", type::soa, shortened(soa, soa.size() - 1)},
        {"soa-one-more", type::soa, soa + Bytes{0}},
        {"mx-of-0", type::mx, {}},
        {"mx-of-1", type::mx, {0}},
        {"mx-of-2", type::mx, u16(10)},
        {"mx-one-more", type::mx, u16(10) + target + Bytes{0}},
        {"minfo-one-name", type::minfo, target},
        {"rp-one-name", type::rp, target},
        {"px-one-name", type::px, u16(1) + target},
        {"srv-of-5", type::srv, Bytes(5)},
        {"srv-of-6", type::srv, Bytes(6)},
        {"srv-one-more", type::srv, Bytes(6) + target + Bytes{0}},
        {"naptr-of-4", type::naptr, Bytes(4)},
        {"naptr-string-overruns", type::naptr, Bytes(4) + Bytes{200, 's'}},
        {"naptr-two-strings", type::naptr, Bytes(4) + character_string("s") + character_string("x")},
        {"naptr-without-target", type::naptr, Bytes(4) + Bytes{0, 0, 0}},
        {"dname-one-more", type::dname, target + Bytes{0}},
        {"kx-of-1", type::kx, {0}},
        {"rrsig-of-17", type::rrsig, Bytes(17)},
        {"rrsig-of-18", type::rrsig, Bytes(18)},
        {"rrsig-signer-overruns", type::rrsig, Bytes(18) + Bytes{5, 'a'}},
        {"nsec-of-0", type::nsec, {}},
        {"nsec-next-overruns", type::nsec, {5, 'a'}},
        {"nxt-of-0", type::nxt, {}},
    };
}

}  // namespace

void add_record_types(Seeds& seeds) {
    for (const Row& row : with_names()) seeds.add("rdata-" + std::string(row.what), answer(row));
    for (const Row& row : without_names()) seeds.add("rdata-" + std::string(row.what), answer(row));
    add_large(seeds);
}

void add_bad_rdata(Seeds& seeds) {
    for (const Row& row : disagreeing()) seeds.add("rdlength-" + std::string(row.what), answer(row), UNCUT_WIRE_RDATA);
    // The same among records that are alike.
    const Builder alike = response().addresses(wire::answer, pointer(asked_name), 20);
    seeds.add("rdlength-a-of-5-behind-20-alike",
              Builder(alike).record(wire::answer, pointer(asked_name), type::a, Bytes(5)).build(), UNCUT_WIRE_RDATA);
    seeds.add("rdlength-a-of-3-among-20-alike",
              Builder(alike)
                  .record(wire::answer, pointer(asked_name), type::a, Bytes(3))
                  .addresses(wire::answer, pointer(asked_name), 20)
                  .build(),
              UNCUT_WIRE_RDATA);
    // RDLENGTH leads over the end: the octets run out.
    Bytes over = response().addresses(wire::answer, pointer(asked_name), 1).build();
    over[over.size() - 5] = 5;
    seeds.add("rdlength-over-the-end-by-one", over, UNCUT_WIRE_CUT);
    over[over.size() - 6] = over[over.size() - 5] = 0xff;
    seeds.add("rdlength-highest", over, UNCUT_WIRE_CUT);
}

}  // namespace uncut::fuzz
