// SPDX-License-Identifier: Apache-2.0
// EDNS options: each kind, repeated, many, and such that run over the end of their OPT.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

void add_kinds(Seeds& seeds) {
    struct Row {
        const char* what;
        std::uint16_t code;
        Bytes data;
    };
    const Row rows[] = {
        {"llq", 1, u16(1) + u16(1) + u16(0) + Bytes(8) + u32(3600)},
        {"update-lease", 2, u32(3600)},
        {"nsid", 3, {}},
        {"dau", 5, {8, 13, 15}},
        {"dhu", 6, {1, 2}},
        {"n3u", 7, {1}},
        {"ecs-ipv4", 8, u16(1) + Bytes{24, 0, 192, 0, 2}},
        {"ecs-ipv6", 8, u16(2) + Bytes{56, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0}},
        {"ecs-opt-out", 8, u16(1) + Bytes{0, 0}},
        {"expire", 9, {}},
        {"cookie-client", 10, noise(8)},
        {"cookie-both", 10, noise(16)},
        {"cookie-longest", 10, noise(40)},
        {"cookie-too-short", 10, noise(7)},
        {"cookie-too-long", 10, noise(41)},
        {"keepalive-empty", 11, {}},
        {"keepalive-timeout", 11, u16(100)},
        {"padding-empty", 12, {}},
        {"padding-128", 12, Bytes(128)},
        {"chain", 13, name("test")},
        {"key-tag", 14, u16(20'326)},
        {"extended-error", 15, u16(22)},
        {"extended-error-text", 15, u16(23) + text("no route to host")},
        {"client-tag", 16, u16(7)},
        {"server-tag", 17, u16(9)},
        {"report-channel", 18, name("report.test")},
        {"zone-version", 19, Bytes{2, 0} + u32(7)},
        {"umbrella", 20'292, noise(15)},
        {"private", 65'001, noise(20)},
        {"highest", 65'535, {1}},
        {"code-zero", 0, {}},
    };
    for (const Row& row : rows)
        seeds.add("query-option-" + std::string(row.what),
                  query().opt(1232, false, option(row.code, row.data)).build());
    Bytes all;
    for (const Row& row : rows) all = all + option(row.code, row.data);
    seeds.add("query-option-each-of-them", query().opt(4096, true, all).build());
    seeds.add("response-option-each-of-them",
              response().addresses(wire::answer, pointer(asked_name), 40).opt(1232, true, all).build());
}

void add_many(Seeds& seeds) {
    const Bytes ecs = option(8, u16(1) + Bytes{24, 0, 192, 0, 2});
    const Bytes cookie = option(10, noise(8));
    seeds.add("query-option-repeated", query().opt(1232, false, ecs + ecs + ecs).build());
    seeds.add("query-option-cookie-twice", query().opt(1232, false, cookie + cookie).build());
    seeds.add("query-option-cookie-among-others", query().opt(1232, false, ecs + cookie + ecs).build());
    Bytes many;
    for (std::uint16_t code = 0; code != 300; ++code)
        many = many + option(static_cast<std::uint16_t>(65'001 + code), {});
    seeds.add("query-options-300-empty", query().opt(1232, false, many).build());
    seeds.add("query-option-long", query().opt(1232, false, option(65'001, noise(3000))).build());
    seeds.add(
        "response-option-longer-than-512",
        response().addresses(wire::answer, pointer(asked_name), 2).opt(1232, false, option(3, noise(600))).build());
}

// RFC 6891 6.1.2: RDATA is whole options and nothing else.
void add_overruns(Seeds& seeds) {
    const auto with = [](const Bytes& rdata) { return query().opt(1232, false, rdata).build(); };
    seeds.add("query-option-header-of-1", with({0}), UNCUT_WIRE_OPT);
    seeds.add("query-option-header-of-2", with({0, 10}), UNCUT_WIRE_OPT);
    seeds.add("query-option-header-of-3", with({0, 10, 0}), UNCUT_WIRE_OPT);
    seeds.add("query-option-data-missing", with({0, 10, 0, 8}), UNCUT_WIRE_OPT);
    seeds.add("query-option-length-over-by-one", with(u16(10) + u16(9) + noise(8)), UNCUT_WIRE_OPT);
    seeds.add("query-option-length-short-by-one", with(u16(10) + u16(7) + noise(8)), UNCUT_WIRE_OPT);
    seeds.add("query-option-length-highest", with(u16(10) + u16(0xffff) + noise(8)), UNCUT_WIRE_OPT);
    seeds.add("query-option-second-overruns", with(option(3, {}) + u16(8) + u16(5) + noise(4)), UNCUT_WIRE_OPT);
}

}  // namespace

void add_options(Seeds& seeds) {
    add_kinds(seeds);
    add_many(seeds);
    add_overruns(seeds);
}

}  // namespace uncut::fuzz
