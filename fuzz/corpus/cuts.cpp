// SPDX-License-Identifier: Apache-2.0
// Messages whose octets run out: at each kind of boundary, and inside of everything that has an inside.
#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

// A response with a record of every kind, and where each begins.
struct Whole {
    Builder builder = response();
    std::size_t cname = 0, first = 0, second = 0, third = 0, ns = 0, soa = 0, glue = 0, opt = 0, end = 0;

    Whole() {
        cname = builder.offset();
        builder.record(wire::answer, pointer(asked_name), type::cname, name("alias.test"));
        for (std::size_t* at : {&first, &second, &third}) {
            *at = builder.offset();
            builder.addresses(wire::answer, pointer(cname + 12), 1);
        }
        ns = builder.offset();
        builder.record(wire::authority, label(3, 's') + pointer(asked_top), type::ns, label(2, 'n') + pointer(ns));
        soa = builder.offset();
        builder.record(wire::authority, pointer(asked_top), type::soa, soa_data(pointer(ns), pointer(asked_name)));
        glue = builder.offset();
        builder.addresses(wire::additional, pointer(ns + 16), 1);
        opt = builder.offset();
        builder.opt(1232, true, option(3, text("server one")) + option(15, u16(22)));
        end = builder.offset();
    }
};

struct Cut {
    const char* what;
    std::size_t octets;
};

// The question was not read: then it is not known to be ours.
std::vector<Cut> before_the_answer() {
    return {{"behind-the-header", 12},
            {"inside-the-questions-label", 14},
            {"before-the-questions-root", asked_root},
            {"behind-the-questions-name", asked_root + 1},
            {"inside-the-questions-type", asked_root + 2},
            {"behind-the-questions-type", asked_root + 3},
            {"inside-the-questions-class", asked_root + 4}};
}

std::vector<Cut> behind_the_question(const Whole& at) {
    return {{"behind-the-question", at.cname},
            {"inside-a-pointer", at.cname + 1},
            {"behind-an-owner", at.cname + 2},
            {"inside-a-type", at.cname + 3},
            {"behind-a-type", at.cname + 4},
            {"inside-a-class", at.cname + 5},
            {"behind-a-class", at.cname + 6},
            {"inside-a-ttl", at.cname + 8},
            {"behind-a-ttl", at.cname + 10},
            {"inside-an-rdlength", at.cname + 11},
            {"behind-an-rdlength", at.cname + 12},
            {"inside-a-label-of-data", at.cname + 15},
            {"before-the-last-octet-of-data", at.first - 1},
            {"behind-a-cname", at.first},
            {"inside-an-address", at.first + 14},
            {"between-addresses", at.second},
            {"inside-the-owner-of-the-last-address", at.third + 1},
            {"inside-the-last-address", at.ns - 1},
            {"between-answer-and-authority", at.ns},
            {"inside-a-label-of-an-owner", at.ns + 2},
            {"before-the-pointer-of-an-owner", at.ns + 4},
            {"inside-the-pointer-of-an-owner", at.ns + 5},
            {"inside-the-pointer-of-data", at.soa - 1},
            {"between-rrsets-of-authority", at.soa},
            {"inside-the-numbers-of-an-soa", at.glue - 7},
            {"between-authority-and-additional", at.glue},
            {"inside-glue", at.glue + 13},
            {"before-the-opt", at.opt},
            {"behind-the-owner-of-the-opt", at.opt + 1},
            {"inside-the-type-of-the-opt", at.opt + 2},
            {"behind-the-type-of-the-opt", at.opt + 3},
            {"behind-the-size-of-the-opt", at.opt + 5},
            {"behind-the-flags-of-the-opt", at.opt + 9},
            {"behind-the-fixed-part-of-the-opt", at.opt + 11},
            {"inside-an-options-header", at.opt + 13},
            {"behind-an-options-header", at.opt + 15},
            {"inside-an-options-data", at.opt + 20},
            {"between-options", at.opt + 25},
            {"before-the-last-octet", at.end - 1}};
}

void add_long(Seeds& seeds) {
    const Bytes large = response(large_name).addresses(wire::answer, pointer(12), 200).opt().build();
    const Bytes story = chain(22).opt().build();
    for (const std::size_t octets : {std::size_t{512}, std::size_t{1232}, std::size_t{1472}, std::size_t{2048}})
        seeds.add("cut-story-large-at-" + std::to_string(octets), shortened(large, octets), UNCUT_WIRE_CUT);
    seeds.add("cut-story-large-before-the-opt", shortened(large, large.size() - 11), UNCUT_WIRE_CUT);
    seeds.add("cut-story-chain-at-512", shortened(story, 512), UNCUT_WIRE_CUT);
    seeds.judged("cut-story-chain-at-512-with-tc", with_tc(shortened(story, 512)), UNCUT_VERDICT_TRUNCATED,
                 UNCUT_WIRE_CUT);
    seeds.judged("cut-story-large-at-512-with-tc", with_tc(shortened(large, 512)), UNCUT_VERDICT_TRUNCATED,
                 UNCUT_WIRE_CUT);
    // Behind an OPT that stands first: it was read, though the message is cut.
    const Bytes opt_first = response()
                                .addresses(wire::answer, pointer(asked_name), 2)
                                .opt(4096, true)
                                .addresses(wire::additional, name("extra.test"), 3)
                                .build();
    seeds.add("cut-behind-an-opt", shortened(opt_first, opt_first.size() - 54), UNCUT_WIRE_CUT);
    seeds.add("cut-among-records-behind-an-opt", shortened(opt_first, opt_first.size() - 5), UNCUT_WIRE_CUT);
    const Bytes questions = response().question(name("other.test")).build();
    seeds.add("cut-inside-a-second-question", shortened(questions, questions.size() - 3), UNCUT_WIRE_CUT);
    const Bytes asked = query().opt(1232, false, option(10, noise(8))).build();
    seeds.add("cut-query-inside-its-opt", shortened(asked, asked.size() - 4), UNCUT_WIRE_CUT);
}

}  // namespace

void add_cuts(Seeds& seeds) {
    const Whole whole;
    const Bytes octets = whole.builder.build();
    seeds.add("cut-nowhere", octets);
    for (const Cut& cut : before_the_answer())
        seeds.judged("cut-" + std::string(cut.what), shortened(octets, cut.octets), UNCUT_VERDICT_MALFORMED,
                     UNCUT_WIRE_CUT);
    for (const Cut& cut : behind_the_question(whole))
        seeds.add("cut-" + std::string(cut.what), shortened(octets, cut.octets), UNCUT_WIRE_CUT);
    add_long(seeds);
}

}  // namespace uncut::fuzz
