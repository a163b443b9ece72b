// SPDX-License-Identifier: Apache-2.0
// Queries as clients send them, and as they should not.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

void add_plain(Seeds& seeds) {
    seeds.add("query-a", query().build());
    seeds.add("query-aaaa", query(plain_name, type::aaaa).build());
    seeds.add("query-any", query(plain_name, type::any).build());
    seeds.add("query-root-ns", query(".", type::ns).build());
    seeds.add("query-type-unknown", query(plain_name, type::unknown).build());
    seeds.add("query-story-chain", query(chain_name).opt(1232).build());
    seeds.add("query-story-large", query(large_name).opt(4096).build());
    seeds.add("query-recursion-not-desired", Builder(0x1234, 0).question(name(plain_name)).build());
    seeds.add("query-checking-disabled",
              Builder(0x1234, query_flags | wire::flag::cd).question(name(plain_name)).build());
    seeds.add("query-authentic-data", Builder(0x1234, query_flags | wire::flag::ad).question(name(plain_name)).build());
    seeds.add("query-with-tc", Builder(0x1234, query_flags | wire::flag::tc).question(name(plain_name)).build());
    seeds.add("query-reserved-flag", Builder(0x1234, query_flags | 0x0040).question(name(plain_name)).build());
    seeds.add("query-letter-case-mixed", query("wWw.ExAmPlE.tEsT").build());
    seeds.add("query-id-zero", Builder(0, query_flags).question(name(plain_name)).build());
    seeds.add("query-id-highest", Builder(0xffff, query_flags).question(name(plain_name)).build());
    seeds.add("query-class-chaos-version-bind",
              Builder(1, 0).question(name("version.bind"), type::txt, class_chaos).build());
    seeds.add("query-class-any", Builder(1, 0).question(name(plain_name), type::a, class_any).build());
    seeds.add("query-class-none", Builder(1, 0).question(name(plain_name), type::a, class_none).build());
    seeds.add("query-class-zero", Builder(1, 0).question(name(plain_name), type::a, 0).build());
    seeds.add("query-axfr", Builder(1, 0).question(name("example.test"), type::axfr).build());
    seeds.add("query-ixfr", Builder(1, 0)
                                .question(name("example.test"), type::ixfr)
                                .record(wire::authority, pointer(12), type::soa, soa_data(pointer(12), pointer(12)))
                                .build());
    seeds.add("query-with-an-answer", query().addresses(wire::answer, pointer(asked_name), 1).build());
    seeds.add("query-to-reverse", query("4.3.2.1.in-addr.arpa", type::ptr).build());
}

void add_odd_names(Seeds& seeds) {
    const auto asks = [](const Bytes& owner) { return Builder(0x1234, query_flags).question(owner).build(); };
    seeds.add("query-name-with-nul", asks(Bytes{3, 'a', 0, 'b'} + name("test")));
    seeds.add("query-name-with-a-dot-in-a-label", asks(character_string("a.b") + name("test")));
    seeds.add("query-name-with-space-and-quote", asks(character_string("a \"b\\") + name("test")));
    seeds.add("query-name-of-high-octets", asks(Bytes{4, 0xff, 0xfe, 0x80, 0x7f} + name("test")));
    seeds.add("query-name-utf-8", asks(character_string("b\xc3\xbc"
                                                        "cher") +
                                       name("test")));
    seeds.add("query-name-of-letters-and-their-neighbours", asks(character_string("@AZ[`az{") + name("test")));
    seeds.add("query-name-underscores", asks(name("_443._tcp.example.test")));
    seeds.add("query-name-a-label-like-a-pointer", asks(Bytes{2, 0xc0, 0x0c} + name("test")));
    // RFC 1035 4.1.4: a pointer says where the name stood before; in the first name there is no before.
    seeds.add("query-name-pointer-to-itself", asks(pointer(12)), UNCUT_WIRE_POINTER);
    seeds.add("query-name-pointer-to-header", asks(pointer(4)), UNCUT_WIRE_POINTER);
    seeds.add("query-name-label-then-pointer-to-start", asks(label(1) + pointer(12)), UNCUT_WIRE_POINTER);
    seeds.add("query-name-label-type-01", asks({0x41, 'x', 0}), UNCUT_WIRE_LABEL);
    seeds.add("query-name-label-type-10", asks({0x81, 'x', 0}), UNCUT_WIRE_LABEL);
    seeds.add("query-name-label-type-binary", asks({0x41, 8, 0xaa, 0}), UNCUT_WIRE_LABEL);
}

void add_questions(Seeds& seeds) {
    // How many questions a query has is judged above the wire: RFC 9619 4.
    seeds.add("query-without-question", Builder(0x1234, query_flags).build());
    seeds.add("query-without-question-with-cookie", Builder(1, 0).opt(1232, false, option(10, noise(8))).build());
    seeds.add("query-two-questions", query().question(name("other.test"), type::aaaa).build());
    seeds.add("query-two-questions-the-second-a-pointer", query().question(pointer(asked_name), type::aaaa).build());
    seeds.add("query-two-questions-the-second-forward", query().question(pointer(0x40)).build(), UNCUT_WIRE_POINTER);
    Builder many = query();
    for (std::uint16_t qtype = 1; qtype != 200; ++qtype) many.question(pointer(asked_name), qtype);
    seeds.add("query-two-hundred-questions", many.build());
}

void add_edns(Seeds& seeds) {
    for (const int size : {0, 1, 511, 512, 513, 1220, 1232, 1400, 1472, 4096, 8192, 65'535})
        seeds.add("query-edns-size-" + std::to_string(size), query().opt(static_cast<std::uint16_t>(size)).build());
    seeds.add("query-edns-do", query().opt(1232, true).build());
    seeds.add("query-edns-do-4096-dnskey", query("example.test", type::dnskey).opt(4096, true).build());
    seeds.add("query-edns-version-1", query().opt(1232, false, {}, 0, 1).build());
    seeds.add("query-edns-version-255", query().opt(1232, false, {}, 0, 255).build());
    seeds.add("query-edns-flags-reserved",
              query().record(wire::additional, {0}, type::opt, {}, 1232, 0x00007fff).build());
    seeds.add("query-edns-extended-rcode", query().opt(1232, false, {}, 255).build());
    // RFC 6891 6.1.1: at most one, in the additional section, owned by the root.
    seeds.add("query-two-opts", query().opt().opt(4096).build(), UNCUT_WIRE_OPT);
    seeds.add("query-three-opts", query().opt().opt().opt().build(), UNCUT_WIRE_OPT);
    seeds.add("query-opt-in-answer", query().record(wire::answer, {0}, type::opt, {}, 1232, 0).build(), UNCUT_WIRE_OPT);
    seeds.add("query-opt-in-authority", query().record(wire::authority, {0}, type::opt, {}, 1232, 0).build(),
              UNCUT_WIRE_OPT);
    seeds.add("query-opt-owned-by-a-name", query().record(wire::additional, name("a"), type::opt, {}, 1232, 0).build(),
              UNCUT_WIRE_OPT);
    seeds.add("query-opt-owned-by-a-pointer",
              query().record(wire::additional, pointer(asked_name), type::opt, {}, 1232, 0).build(), UNCUT_WIRE_OPT);
    // 6.1.2: its name MUST be 0; two octets that lead to a root label are not that.
    seeds.add("query-opt-owned-by-a-pointer-to-the-root",
              query().record(wire::additional, pointer(asked_root), type::opt, {}, 1232, 0).build(), UNCUT_WIRE_OPT);
    seeds.add("query-opt-before-an-address", query().opt().addresses(wire::additional, pointer(asked_name), 1).build());
}

// RFC 8945 4.2: algorithm, time, fudge, MAC, original ID, error, other data.
Bytes tsig_data() {
    return name("hmac-sha256") + u16(0) + u32(1'790'000'000) + u16(300) + u16(32) + noise(32) + u16(0x1234) + u16(0) +
           u16(0);
}

void add_signed(Seeds& seeds) {
    const auto tsig = [](Builder builder) {
        return builder.record(wire::additional, name("key.test"), type::tsig, tsig_data(), class_any, 0);
    };
    const Bytes sig0 = u16(0) + Bytes{13, 0} + u32(0) + u32(1'800'000'000) + u32(1'790'000'000) + u16(1) +
                       name("key.test") + noise(64);
    seeds.add("query-tsig", tsig(query()).build());
    seeds.add("query-tsig-behind-opt", tsig(query().opt(4096)).build());
    seeds.add("query-tsig-axfr", tsig(query("example.test", type::axfr)).build());
    seeds.add("query-sig0", query().record(wire::additional, {0}, type::sig, sig0, class_any, 0).build());
    seeds.add("query-sig0-behind-opt",
              query().opt(4096).record(wire::additional, {0}, type::sig, sig0, class_any, 0).build());
    seeds.add("response-tsig", tsig(response().addresses(wire::answer, pointer(asked_name), 3)).build());
    seeds.add("response-tsig-60-addresses", tsig(response().addresses(wire::answer, pointer(asked_name), 60)).build());
    seeds.add("response-sig0-60-addresses", response()
                                                .addresses(wire::answer, pointer(asked_name), 60)
                                                .record(wire::additional, {0}, type::sig, sig0, class_any, 0)
                                                .build());
}

}  // namespace

void add_queries(Seeds& seeds) {
    add_plain(seeds);
    add_odd_names(seeds);
    add_questions(seeds);
    add_edns(seeds);
    add_signed(seeds);
}

}  // namespace uncut::fuzz
