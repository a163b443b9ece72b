// SPDX-License-Identifier: Apache-2.0
// Answers: the story's, addresses by number, chains, negatives, errors, and an OPT wherever one may stand.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

Bytes sixteen(std::size_t number) {
    return Bytes{0x20, 0x01, 0x0d, 0xb8} + Bytes(10) + u16(number);
}

Builder addresses6(Builder builder, const Bytes& owner, std::size_t number) {
    for (std::size_t at = 0; at != number; ++at) builder.record(wire::answer, owner, type::aaaa, sixteen(at));
    return builder;
}

void add_story(Seeds& seeds) {
    seeds.add("story-chain-22-addresses", chain(22).opt().build());
    seeds.add("story-chain-without-opt", chain(22).build());
    seeds.judged("story-chain-tc-partial", with_tc(chain(15).build()), UNCUT_VERDICT_TRUNCATED);
    seeds.judged("story-chain-tc-no-address", with_tc(chain(0).opt().build()), UNCUT_VERDICT_TRUNCATED);
    seeds.judged("story-chain-tc-nothing", with_tc(response(chain_name).opt().build()), UNCUT_VERDICT_TRUNCATED);
    seeds.judged("story-chain-tc-lost", chain(0).opt().build(), UNCUT_VERDICT_DANGLING_CNAME);
    const Builder large = response(large_name).addresses(wire::answer, pointer(12), 200);
    seeds.add("story-large-200-addresses", Builder(large).opt().build());
    seeds.judged("story-large-tc-nothing", with_tc(response(large_name).build()), UNCUT_VERDICT_TRUNCATED);
    seeds.judged("story-large-tc-partial",
                 with_tc(response(large_name).addresses(wire::answer, pointer(12), 26).build()),
                 UNCUT_VERDICT_TRUNCATED);
}

void add_addresses(Seeds& seeds) {
    for (const std::size_t number : {1u, 2u, 22u, 30u, 60u, 200u}) {
        const std::string suffix = std::to_string(number);
        seeds.add("answer-a-" + suffix, response().addresses(wire::answer, pointer(asked_name), number).opt().build());
        seeds.add("answer-aaaa-" + suffix,
                  addresses6(response(plain_name, type::aaaa), pointer(asked_name), number).opt().build());
    }
    seeds.add("answer-a-uncompressed", response().addresses(wire::answer, name(plain_name), 40).opt().build());
    seeds.add("answer-a-authentic", response(plain_name, type::a, response_flags | wire::flag::ad)
                                        .addresses(wire::answer, pointer(asked_name), 4)
                                        .opt(1232, true)
                                        .build());
    seeds.add("answer-a-letter-case-of-owners-mixed", response("Www.Example.Test")
                                                          .addresses(wire::answer, name("wWW.eXAMPLE.tEST"), 3)
                                                          .addresses(wire::answer, pointer(12), 40)
                                                          .build());
    seeds.add("answer-a-twice-the-same", response()
                                             .record(wire::answer, pointer(asked_name), type::a, {1, 2, 3, 4})
                                             .record(wire::answer, pointer(asked_name), type::a, {1, 2, 3, 4})
                                             .build());
    seeds.add("answer-a-and-aaaa-interleaved", [] {
        Builder builder = response(plain_name, type::any);
        for (std::size_t at = 0; at != 30; ++at)
            builder.addresses(wire::answer, pointer(asked_name), 1)
                .record(wire::answer, pointer(asked_name), type::aaaa, sixteen(at));
        return builder.opt().build();
    }());
    seeds.add("answer-a-of-26-owners", [] {
        Builder builder = response();
        for (char letter = 'a'; letter <= 'z'; ++letter)
            builder.addresses(wire::answer, label(5, letter) + pointer(asked_parent), 2);
        return builder.opt().build();
    }());
    seeds.add("answer-ttl-highest",
              response().record(wire::answer, pointer(asked_name), type::a, Bytes(4), 1, 0x7fffffff).build());
    seeds.add("answer-ttl-top-bit",
              response().record(wire::answer, pointer(asked_name), type::a, Bytes(4), 1, 0x80000000).build());
    seeds.add("answer-class-chaos-a-of-7",
              response().record(wire::answer, pointer(asked_name), type::a, Bytes(7), class_chaos).build());
    seeds.add("answer-without-recursion", response(plain_name, type::a, wire::flag::qr | wire::flag::aa)
                                              .addresses(wire::answer, pointer(asked_name), 2)
                                              .build());
}

void add_chains(Seeds& seeds) {
    const auto cname = [](Builder builder) {
        return builder.record(wire::answer, pointer(asked_name), type::cname, name("alias.test"));
    };
    const Bytes soa = soa_data(name("ns.test"), name("hostmaster.test"));
    seeds.judged("cname-dangling-a", cname(response()).build(), UNCUT_VERDICT_DANGLING_CNAME);
    seeds.judged("cname-dangling-aaaa", cname(response(plain_name, type::aaaa)).build(), UNCUT_VERDICT_DANGLING_CNAME);
    seeds.judged("cname-dangling-with-ns",
                 cname(response()).record(wire::authority, name("test"), type::ns, name("ns.test")).build(),
                 UNCUT_VERDICT_DANGLING_CNAME);
    // Who knows that there is no address says so with an SOA (RFC 2308 2.2); who does not recurse need not know.
    seeds.add("cname-to-nodata", cname(response()).record(wire::authority, name("test"), type::soa, soa).build());
    seeds.add("cname-to-nxdomain", cname(response(plain_name, type::a, response_flags | wire::rcode::nxdomain))
                                       .record(wire::authority, name("test"), type::soa, soa)
                                       .build());
    seeds.add("cname-without-ra", cname(response(plain_name, type::a, wire::flag::qr | wire::flag::rd)).build());
    seeds.add("cname-without-rd", cname(response(plain_name, type::a, wire::flag::qr | wire::flag::ra)).build());
    seeds.add("cname-that-was-asked-for", cname(response(plain_name, type::cname)).build());
    seeds.add("cname-for-mx", cname(response(plain_name, type::mx)).build());
    seeds.add("cname-servfail", cname(response(plain_name, type::a, response_flags | wire::rcode::servfail)).build());
    seeds.add("cname-behind-the-addresses",
              response()
                  .addresses(wire::answer, name("alias.test"), 1)
                  .record(wire::answer, pointer(asked_name), type::cname, name("alias.test"))
                  .build());
    seeds.judged("cname-to-itself",
                 response().record(wire::answer, pointer(asked_name), type::cname, pointer(asked_name)).build(),
                 UNCUT_VERDICT_DANGLING_CNAME);
    seeds.add("cname-chain-of-16", [] {
        Builder builder = response();
        std::size_t owner = asked_name;
        for (char letter = 'a'; letter != 'q'; ++letter) {
            const std::size_t target = builder.offset() + 12;
            builder.record(wire::answer, pointer(owner), type::cname, label(9, letter) + pointer(asked_parent));
            owner = target;
        }
        return builder.addresses(wire::answer, pointer(owner), 8).opt().build();
    }());
    seeds.add("dname-and-synthesized-cname", [] {
        Builder builder = response();
        builder.record(wire::answer, pointer(asked_parent), type::dname, name("alias.test"));
        const std::size_t target = builder.offset() + 12;
        builder.record(wire::answer, pointer(asked_name), type::cname, name("www.target.test"));
        return builder.addresses(wire::answer, pointer(target), 2).build();
    }());
}

void add_errors(Seeds& seeds) {
    struct Row {
        const char* what;
        std::uint16_t rcode;
    };
    for (const Row& row : {Row{"formerr", 1}, {"servfail", 2}, {"notimp", 4}, {"refused", 5}, {"notauth", 9}}) {
        const auto flags = static_cast<std::uint16_t>(response_flags | row.rcode);
        seeds.add(std::string("error-") + row.what, response(plain_name, type::a, flags).build());
        seeds.add(std::string("error-header-only-") + row.what, Builder(0x1234, flags).build());
    }
    const auto servfail = static_cast<std::uint16_t>(response_flags | wire::rcode::servfail);
    seeds.add("error-servfail-extended",
              response(plain_name, type::a, servfail).opt(1232, false, option(15, u16(22))).build());
    seeds.add("error-badvers", response().opt(1232, false, {}, 1).build());
    seeds.add("error-badcookie",
              response(plain_name, type::a, response_flags | 7).opt(1232, false, option(10, noise(24)), 1).build());
    seeds.add("error-formerr-with-opt", Builder(1, response_flags | wire::rcode::formerr).opt().build());
    seeds.judged("response-tc-header-only", with_tc(Builder().build()), UNCUT_VERDICT_TRUNCATED);
    seeds.add("response-two-questions",
              response().question(name("other.test")).addresses(wire::answer, {0}, 40).build());
    seeds.add("response-without-question-with-answer", Builder().addresses(wire::answer, name(plain_name), 2).build());
    seeds.add("response-without-question-60-addresses",
              Builder().addresses(wire::answer, name(plain_name), 60).opt().build());
}

void add_opt_places(Seeds& seeds) {
    const auto other = [](Builder builder, std::size_t number) {
        return builder.addresses(wire::additional, name("extra.test"), number);
    };
    const Builder few = response().addresses(wire::answer, pointer(asked_name), 2);
    const Builder many = response().addresses(wire::answer, pointer(asked_name), 40);
    seeds.add("opt-first", other(Builder(few).opt(), 2).build());
    seeds.add("opt-middle", other(other(few, 2).opt(), 2).build());
    seeds.add("opt-last", other(few, 4).opt().build());
    seeds.add("opt-first-large", other(Builder(many).opt(4096, true, option(3, noise(20))), 30).build());
    seeds.add("opt-middle-large", other(other(many, 8).opt(4096, true, option(3, noise(20))), 40).build());
    seeds.add("opt-last-large", other(many, 40).opt(4096, true, option(3, noise(20))).build());
    // A name in an option, and an owner behind the OPT that points to it: the OPT cannot move without it.
    Builder into = few;
    const std::size_t inside = into.offset() + 11 + 4;
    into.opt(1232, false, option(65'001, name("inside.test")));
    seeds.add("opt-pointed-into", into.addresses(wire::additional, pointer(inside), 40).build());
    seeds.add("opt-size-0-in-response", Builder(many).opt(0).build());
    seeds.add("opt-two-in-response", Builder(few).opt().opt().build(), UNCUT_WIRE_OPT);
}

}  // namespace

void add_answers(Seeds& seeds) {
    add_story(seeds);
    add_addresses(seeds);
    add_chains(seeds);
    add_errors(seeds);
    add_opt_places(seeds);
}

}  // namespace uncut::fuzz
