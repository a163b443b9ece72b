// SPDX-License-Identifier: Apache-2.0
// Referrals with glue of every kind, negative answers, and what DNSSEC adds to either.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

constexpr std::uint16_t from_authority = wire::flag::qr;

struct Servers {
    std::size_t number;
    Bytes parent;           // of their names
    std::size_t addresses;  // of each
    std::size_t addresses6 = 0;
};

// The zone of the name asked is delegated to servers, whose addresses follow.
Builder referral(const Servers& servers, Builder builder = response(plain_name, type::a, from_authority)) {
    std::vector<std::size_t> names;
    for (std::size_t at = 0; at != servers.number; ++at) {
        names.push_back(builder.offset() + 12);
        const Bytes server = label(3, static_cast<char>('a' + at % 26)) + label(1 + at / 26, 'n') + servers.parent;
        builder.record(wire::authority, pointer(asked_parent), type::ns, server);
    }
    for (const std::size_t server : names) {
        builder.addresses(wire::additional, pointer(server), servers.addresses);
        for (std::size_t at = 0; at != servers.addresses6; ++at)
            builder.record(wire::additional, pointer(server), type::aaaa, Bytes(14, 0x20) + u16(at));
    }
    return builder;
}

void add_referrals(Seeds& seeds) {
    const Bytes below = pointer(asked_parent);
    const Bytes sibling = name("sibling.test");
    const Bytes elsewhere = name("elsewhere");
    seeds.add("referral-without-glue", referral({2, elsewhere, 0}).build());
    seeds.add("referral-in-domain-glue", referral({2, below, 1, 1}).opt().build());
    seeds.add("referral-in-domain-glue-over-512", referral({8, below, 2, 2}).opt().build());
    seeds.add("referral-in-domain-glue-over-1232", referral({13, below, 4, 4}).opt().build());
    seeds.add("referral-sibling-glue", referral({2, sibling, 1, 1}).build());
    seeds.add("referral-sibling-glue-over-512", referral({13, sibling, 2, 2}).opt().build());
    seeds.add("referral-glue-from-elsewhere", referral({4, elsewhere, 8}).opt().build());
    seeds.add("referral-of-13-like-the-root", referral({13, elsewhere, 1, 1}).opt().build());
    seeds.add("referral-of-64-servers", referral({64, below, 1}).opt().build());
    seeds.add("referral-of-65-servers", referral({65, below, 1}).opt().build());
    // What nobody requires stands before what is required.
    seeds.add("referral-optional-before-required-glue", [&] {
        Builder builder = response(plain_name, type::a, from_authority);
        const std::size_t server = builder.offset() + 12;
        builder.record(wire::authority, below, type::ns, label(2, 'n') + below);
        builder.addresses(wire::additional, name("optional.test"), 16);
        return builder.addresses(wire::additional, pointer(server), 20).opt().build();
    }());
    seeds.add("referral-opt-before-glue", [&] {
        Builder builder = response(plain_name, type::a, from_authority);
        const std::size_t server = builder.offset() + 12;
        builder.record(wire::authority, below, type::ns, label(2, 'n') + below).opt(4096);
        return builder.addresses(wire::additional, pointer(server), 40).build();
    }());
    seeds.add("referral-glue-in-other-letter-case",
              response(plain_name, type::a, from_authority)
                  .record(wire::authority, name("EXAMPLE.test"), type::ns, name("ns.Example.TEST"))
                  .addresses(wire::additional, name("NS.example.Test"), 30)
                  .opt()
                  .build());
    seeds.add("referral-server-is-the-cut", response(plain_name, type::a, from_authority)
                                                .record(wire::authority, below, type::ns, below)
                                                .addresses(wire::additional, below, 40)
                                                .build());
    seeds.add(
        "referral-signed",
        referral({4, below, 2, 2}, response(plain_name, type::a, from_authority)
                                       .record(wire::authority, below, type::ds, u16(12'345) + Bytes{13, 2} + noise(32))
                                       .record(wire::authority, below, type::rrsig, rrsig_data(type::ds, name("test"))))
            .opt(1232, true)
            .build());
    seeds.judged("referral-tc", with_tc(referral({13, below, 1}).build()), UNCUT_VERDICT_TRUNCATED);
}

void add_negatives(Seeds& seeds) {
    const auto nxdomain = static_cast<std::uint16_t>(response_flags | wire::rcode::nxdomain);
    const Bytes soa = soa_data(label(2, 'n') + pointer(asked_parent), label(4, 'h') + pointer(asked_parent));
    const auto with_soa = [&](Builder builder) {
        return builder.record(wire::authority, pointer(asked_parent), type::soa, soa);
    };
    const auto signature = [](Builder builder, const Bytes& owner, std::uint16_t covered) {
        return builder.record(wire::authority, owner, type::rrsig, rrsig_data(covered, name("example.test")));
    };
    seeds.add("negative-nodata", with_soa(response()).opt().build());
    seeds.add("negative-nxdomain", with_soa(response(plain_name, type::a, nxdomain)).opt().build());
    seeds.add("negative-nodata-without-soa", response().opt().build());
    seeds.add("negative-nxdomain-without-soa", response(plain_name, type::a, nxdomain).build());
    // RFC 4034 4.1: the next name, then windows of types; RFC 5155 3.2: hashes.
    const Bytes nsec = name("zzz.example.test") + Bytes{0, 6, 0x40, 0, 0, 0, 0, 3};
    Builder with_nsec = signature(with_soa(response(plain_name, type::a, nxdomain)), pointer(asked_parent), type::soa);
    with_nsec.record(wire::authority, label(3, 'a') + pointer(asked_parent), type::nsec, nsec);
    with_nsec = signature(with_nsec, label(3, 'a') + pointer(asked_parent), type::nsec);
    seeds.add("negative-nxdomain-nsec", Builder(with_nsec).opt(1232, true).build());
    Builder with_nsec3 = signature(with_soa(response(plain_name, type::a, nxdomain)), pointer(asked_parent), type::soa);
    for (const char* hash :
         {"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "2t7b4g4vsa5smi47k61mv5bv1a22bojr", "b4um86eghhds6nea196smvmlo4ors995"}) {
        const Bytes owner = character_string(hash) + pointer(asked_parent);
        with_nsec3.record(wire::authority, owner, type::nsec3,
                          Bytes{1, 0, 0, 0, 0, 20} + noise(20) + Bytes{0, 6, 0x40, 0, 0, 0, 0, 3});
        with_nsec3 = signature(with_nsec3, owner, type::nsec3);
    }
    seeds.add("negative-nxdomain-nsec3", Builder(with_nsec3).opt(1232, true).build());
}

void add_signed_answers(Seeds& seeds) {
    const auto signature = [](Builder builder, wire::Section section, std::uint16_t covered, std::size_t octets) {
        return builder.record(section, pointer(asked_name), type::rrsig,
                              rrsig_data(covered, name("example.test"), octets));
    };
    const auto addresses = [](std::size_t number) {
        return response(plain_name, type::a, response_flags | wire::flag::ad)
            .addresses(wire::answer, pointer(asked_name), number);
    };
    seeds.add("signed-a", signature(addresses(2), wire::answer, type::a, 64).opt(1232, true).build());
    seeds.add("signed-a-22", signature(addresses(22), wire::answer, type::a, 256).opt(1232, true).build());
    seeds.add("signed-a-60", signature(addresses(60), wire::answer, type::a, 256).opt(4096, true).build());
    seeds.add("signed-a-60-without-do", signature(addresses(60), wire::answer, type::a, 256).build());
    seeds.add("signed-twice", signature(signature(addresses(22), wire::answer, type::a, 256), wire::answer, type::a, 64)
                                  .opt(4096, true)
                                  .build());
    seeds.add("signature-in-additional",
              signature(addresses(40).addresses(wire::additional, name("extra.test"), 2), wire::additional, type::a, 64)
                  .opt(1232, true)
                  .build());
    for (const std::size_t keys : {std::size_t{2}, std::size_t{8}}) {
        Builder builder = response(plain_name, type::dnskey);
        for (std::size_t key = 0; key != keys; ++key)
            builder.record(wire::answer, pointer(asked_name), type::dnskey,
                           u16(key % 2 == 0 ? 257 : 256) + Bytes{3, 8} + Bytes{3, 1, 0, 1} + u16(key) + noise(254));
        seeds.add("dnskey-set-of-" + std::to_string(keys),
                  signature(builder, wire::answer, type::dnskey, 256).opt(4096, true).build());
    }
}

}  // namespace

void add_delegations(Seeds& seeds) {
    add_referrals(seeds);
    add_negatives(seeds);
    add_signed_answers(seeds);
}

}  // namespace uncut::fuzz
