// SPDX-License-Identifier: Apache-2.0
#include "module/policy/fit.hpp"

#include "module/wire/opt.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/random_message.hpp"
#include "tests/unit/records.hpp"

using namespace uncut;
using namespace uncut::test;
namespace type = wire::type;

namespace {

struct Result {
    Status status = UNCUT_OK;
    policy::Fitted fitted;
    Bytes octets;
};

Result fit(const Bytes& response, const policy::FitRequest& request) {
    wire::Message view;
    REQUIRE(wire::parse(response, view) == UNCUT_OK);
    Result result;
    result.octets.resize(65'535);
    result.status = policy::fit(view, request, result.octets, result.fitted);
    result.octets.resize(result.status == UNCUT_OK ? result.fitted.octets : 0);
    return result;
}

Result fit(const Bytes& response, std::uint32_t limit, std::uint32_t mode = UNCUT_FIT_RRSET) {
    return fit(response, {.limit = limit, .mode = mode});
}

bool tc(const Bytes& message) {
    return (wire::flags(message.data()) & wire::flag::tc) != 0;
}

Builder asked(std::uint16_t qtype = type::a) {
    return Builder().question(name("www.example.test"), qtype);
}

// The story's second name: a chain, then 200 addresses.
Bytes large_answer() {
    Builder builder = asked();
    const std::size_t target = builder.offset() + 12;
    builder.record(wire::answer, pointer(12), type::cname, name("nodes.example.test"));
    return builder.addresses(wire::answer, pointer(target), 200).opt().build();
}

// Additional data that is required, by the letter of RFC 9471, from plain values.
bool is_required(const Plain& message, const PlainRecord& record) {
    if (record.section != wire::additional) return true;
    if (record.type != type::a && record.type != type::aaaa) return false;
    if ((message.flags & wire::flag::aa) != 0) return false;
    for (const PlainRecord& other : message.records) {
        if (other.section == wire::answer) return false;
        if (other.section == wire::authority && other.type == type::soa) return false;
    }
    for (const PlainRecord& other : message.records)
        if (other.section == wire::authority && other.type == type::ns && wire::equal_fold(other.rdata, record.owner) &&
            wire::at_or_below(other.rdata, other.owner))
            return true;
    return false;
}

// Everything that must hold of a fit that changed something, whatever the mode but subset.
void check_truncating(const Bytes& before, const Bytes& after, std::uint32_t limit, std::uint32_t mode) {
    const Plain whole = plain(before);
    const Plain kept = plain(after);
    REQUIRE(after.size() <= limit);
    CHECK(kept.id == whole.id);
    CHECK(kept.question == whole.question);
    CHECK(kept.opt == whole.opt);
    CHECK((kept.flags & ~wire::flag::tc) == (whole.flags & ~wire::flag::tc));
    // Order is kept: what is left is a sequence of what was there.
    std::size_t from = 0;
    std::vector<bool> is_kept(whole.records.size());
    for (const PlainRecord& record : kept.records) {
        while (from != whole.records.size() && !(whole.records[from] == record)) ++from;
        REQUIRE(from != whole.records.size());
        is_kept[from++] = true;
    }
    bool required_missing = false;
    for (std::size_t at = 0; at != whole.records.size(); ++at) {
        required_missing |= !is_kept[at] && is_required(whole, whole.records[at]);
        // No RRset in part.
        if (mode != UNCUT_FIT_FILL && at != 0 && together(whole.records[at - 1], whole.records[at]))
            CHECK(is_kept[at] == is_kept[at - 1]);
    }
    CHECK(tc(after) == (tc(before) || required_missing));
}

}  // namespace

TEST_CASE("fit: what fits is left as it is", "[policy]") {
    const Bytes response = asked().addresses(wire::answer, pointer(12), 5).opt().build();
    for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY, UNCUT_FIT_SUBSET}) {
        const Result result = fit(response, 512, mode);
        CHECK(result.fitted.action == UNCUT_FIT_UNCHANGED);
        CHECK(result.octets == response);
    }
}

TEST_CASE("fit: the four modes of what is required and does not fit", "[policy]") {
    const Bytes response = large_answer();
    struct Row {
        std::uint32_t mode;
        std::uint32_t action;
        bool tc;
        std::size_t answers;
    };
    const std::size_t room = 512 - (12 + 22 + 32 + 11);
    const Row rows[] = {{UNCUT_FIT_RRSET, UNCUT_FIT_TRUNCATED, true, 1},
                        {UNCUT_FIT_FILL, UNCUT_FIT_TRUNCATED, true, 1 + room / 16},
                        {UNCUT_FIT_EMPTY, UNCUT_FIT_TRUNCATED, true, 0},
                        {UNCUT_FIT_SUBSET, UNCUT_FIT_SUBSETTED, false, 1 + room / 16}};
    for (const Row& row : rows) {
        INFO(row.mode);
        const Result result = fit(response, 512, row.mode);
        REQUIRE(result.status == UNCUT_OK);
        CHECK(result.fitted.action == row.action);
        CHECK(tc(result.octets) == row.tc);
        CHECK(plain(result.octets).records.size() == row.answers);
        CHECK(result.fitted.kept[0] == row.answers);
        CHECK(plain(result.octets).opt == plain(response).opt);
        CHECK(result.octets.size() <= 512);
    }
}

TEST_CASE("fit: RFC 2181 9: additional data that nobody requires is left out without TC", "[policy]") {
    const Bytes response = asked()
                               .addresses(wire::answer, pointer(12), 20)
                               .record(wire::authority, pointer(16), type::ns, label(2, 'n') + pointer(16))
                               .addresses(wire::additional, label(2, 'n') + pointer(16), 20)
                               .opt()
                               .build();
    for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY, UNCUT_FIT_SUBSET}) {
        const Result result = fit(response, 512, mode);
        CHECK(result.fitted.action == UNCUT_FIT_DROPPED);
        CHECK_FALSE(tc(result.octets));
        CHECK(result.fitted.kept[0] == 20);
        CHECK(result.fitted.kept[1] == 1);
        CHECK(result.fitted.kept[2] == 0);
    }
}

TEST_CASE("fit: RFC 9471: in-domain glue is required in a referral, sibling glue is not", "[policy]") {
    const auto referral = [](const char* server) {
        Builder builder = asked();
        builder.record(wire::authority, pointer(16), type::ns, name(server));
        builder.addresses(wire::additional, name("other.test"), 4);  // optional, and first
        builder.addresses(wire::additional, name(server), 20);
        return builder.opt().build();
    };
    const Result in_domain = fit(referral("ns.Example.test"), 512);
    CHECK(in_domain.fitted.action == UNCUT_FIT_DROPPED);  // the optional record went, the glue stayed
    CHECK(in_domain.fitted.kept[2] == 20);
    CHECK(in_domain.fitted.rebuilt);
    CHECK_FALSE(tc(in_domain.octets));
    const Result sibling = fit(referral("ns.sibling.test"), 512);
    CHECK(sibling.fitted.action == UNCUT_FIT_DROPPED);
    CHECK(sibling.fitted.kept[2] == 4);
    CHECK_FALSE(tc(sibling.octets));
    // Too much glue even alone: TC.
    Builder builder = asked();
    builder.record(wire::authority, pointer(16), type::ns, label(2, 'n') + pointer(16));
    builder.addresses(wire::additional, label(2, 'n') + pointer(16), 40);
    const Result missing = fit(builder.opt().build(), 512);
    CHECK(missing.fitted.action == UNCUT_FIT_TRUNCATED);
    CHECK(tc(missing.octets));
}

TEST_CASE("fit: TC that came in goes out", "[policy]") {
    Bytes response = asked().addresses(wire::answer, pointer(12), 2).build();
    response[2] |= 2;
    CHECK(tc(fit(response, 512).octets));
    Bytes large = large_answer();
    large[2] |= 2;
    // subset is for whole answers: of one that was cut before it cuts no more without saying so.
    CHECK(tc(fit(large, 512, UNCUT_FIT_SUBSET).octets));
}

TEST_CASE("fit: subset turns the addresses round, sets no TC, breaks no pointer", "[policy]") {
    const Bytes response = large_answer();
    std::vector<Bytes> all;
    for (const PlainRecord& record : plain(response).records)
        if (record.type == type::a) all.push_back(record.rdata);
    for (const std::uint32_t rotate : {0u, 1u, 150u, 199u, 200u, 4'294'967'295u}) {
        INFO(rotate);
        const Result result = fit(response, {.limit = 1232, .mode = UNCUT_FIT_SUBSET, .rotate = rotate});
        REQUIRE(result.fitted.action == UNCUT_FIT_SUBSETTED);
        CHECK_FALSE(tc(result.octets));
        const Plain kept = plain(result.octets);
        REQUIRE(kept.records.size() > 60);
        CHECK(kept.records[0].type == type::cname);
        for (std::size_t at = 1; at != kept.records.size(); ++at)
            CHECK(kept.records[at].rdata == all[(rotate % 200 + at - 1) % 200]);
    }
}

TEST_CASE("fit: subset is for addresses alone, without DO and RRSIG", "[policy]") {
    const Bytes text =
        Builder().question(name("t"), type::txt).record(wire::answer, pointer(12), type::txt, Bytes(600)).build();
    CHECK(fit(text, 512, UNCUT_FIT_SUBSET).fitted.action == UNCUT_FIT_TRUNCATED);
    const Bytes dnssec = asked().addresses(wire::answer, pointer(12), 60).opt(4096, true).build();
    CHECK(fit(dnssec, 512, UNCUT_FIT_SUBSET).fitted.action == UNCUT_FIT_TRUNCATED);
    const Bytes with_signature = asked()
                                     .addresses(wire::answer, pointer(12), 60)
                                     .record(wire::answer, pointer(12), type::rrsig, Bytes(18) + Bytes{0} + Bytes(64))
                                     .build();
    CHECK(fit(with_signature, 512, UNCUT_FIT_SUBSET).fitted.action == UNCUT_FIT_TRUNCATED);
}

TEST_CASE("fit: subset keeps an authority section that stands behind the addresses", "[policy]") {
    Builder builder = asked();
    const std::size_t first = builder.offset();
    builder.addresses(wire::answer, label(4, 'n') + pointer(16), 100);
    builder.record(wire::authority, pointer(first), type::ns, label(2, 'm') + pointer(first));
    const Result result = fit(builder.build(), 512, UNCUT_FIT_SUBSET);
    REQUIRE(result.fitted.action == UNCUT_FIT_SUBSETTED);
    const Plain kept = plain(result.octets);
    CHECK(kept.records.size() > 20);
    CHECK(kept.records.back().section == wire::authority);
    CHECK(kept.records.back().owner == label(4, 'n') + name("example.test"));
}

TEST_CASE("fit: an OPT may be replaced, added or taken away", "[policy]") {
    Bytes opt(wire::opt_octets_min);
    wire::write_opt({.udp_payload_size = 1400}, wire::no_extended_error, opt.data());
    for (const std::size_t records : {std::size_t{2}, std::size_t{80}}) {
        const Bytes without = asked().addresses(wire::answer, pointer(12), records).build();
        const Bytes with = asked().addresses(wire::answer, pointer(12), records).opt(512, true, option(3, {1})).build();
        const Bytes between = asked()
                                  .addresses(wire::answer, pointer(12), records)
                                  .opt(512, true, option(3, {1}))
                                  .addresses(wire::additional, name("behind.test"), 2)
                                  .build();
        for (const Bytes& response : {without, with, between}) {
            const Result replaced = fit(response, {.limit = 1232, .opt = opt, .replace_opt = true});
            REQUIRE(replaced.status == UNCUT_OK);
            CHECK(plain(replaced.octets).opt == opt);
            const Result stripped = fit(response, {.limit = 1232, .opt = {}, .replace_opt = true});
            REQUIRE(stripped.status == UNCUT_OK);
            CHECK(plain(stripped.octets).opt.empty());
            if (records == 2) {
                CHECK(plain(stripped.octets).records == plain(response).records);
                CHECK(plain(replaced.octets).records == plain(response).records);
            }
        }
    }
}

TEST_CASE("fit: header, question and OPT over the limit are a limit, and nothing is written", "[policy]") {
    const Bytes response = asked().opt(1232, false, option(3, Bytes(500))).build();
    CHECK(fit(response, 512).status == UNCUT_LIMIT_FIT);
    const Bytes with_tsig = asked()
                                .addresses(wire::answer, pointer(12), 60)
                                .record(wire::additional, name("k"), type::tsig, Bytes(30), 255, 0)
                                .build();
    CHECK(fit(with_tsig, 512).status == UNCUT_LIMIT_FIT);
    CHECK(fit(with_tsig, 4096).octets == with_tsig);
}

TEST_CASE("fit: an output too short says what is needed", "[policy]") {
    const Bytes response = large_answer();
    wire::Message view;
    REQUIRE(wire::parse(response, view) == UNCUT_OK);
    for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY, UNCUT_FIT_SUBSET}) {
        Bytes out(12);
        policy::Fitted fitted;
        REQUIRE(policy::fit(view, {.limit = 1232, .mode = mode}, out, fitted) == UNCUT_MISUSE_SHORT_BUFFER);
        CHECK(out == Bytes(12));
        out.resize(fitted.octets);
        CHECK(policy::fit(view, {.limit = 1232, .mode = mode}, out, fitted) == UNCUT_OK);
    }
}

TEST_CASE("fit: properties over random responses", "[policy]") {
    std::size_t truncated = 0;
    std::size_t dropped = 0;
    std::size_t rebuilt = 0;
    std::size_t subsets = 0;
    for (std::uint32_t seed = 1; seed != 1500; ++seed) {
        INFO("seed " << seed);
        RandomMessage random(seed);
        const Bytes response = random.build();
        const std::uint32_t limit = 512 + static_cast<std::uint32_t>(random.below(2000));
        for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY}) {
            INFO("mode " << mode);
            const Result result = fit(response, limit, mode);
            REQUIRE(result.status == UNCUT_OK);
            if (response.size() <= limit) {
                CHECK(result.octets == response);
                continue;
            }
            check_truncating(response, result.octets, limit, mode);
            CHECK(fit(result.octets, limit, mode).octets == result.octets);  // idempotent
            const Result larger = fit(response, limit + 100, mode);
            CHECK(plain(larger.octets).records.size() >= plain(result.octets).records.size());
            CHECK(result.fitted.kept[0] + result.fitted.kept[1] + result.fitted.kept[2] ==
                  static_cast<int>(plain(result.octets).records.size()));
            truncated += result.fitted.action == UNCUT_FIT_TRUNCATED;
            dropped += result.fitted.action == UNCUT_FIT_DROPPED;
            rebuilt += result.fitted.rebuilt;
        }
        const Result subset = fit(response, {.limit = limit, .mode = UNCUT_FIT_SUBSET, .rotate = seed});
        REQUIRE(subset.status == UNCUT_OK);
        CHECK(subset.octets.size() <= limit);
        if (subset.fitted.action != UNCUT_FIT_SUBSETTED) {
            CHECK(subset.octets == fit(response, limit, UNCUT_FIT_RRSET).octets);
            continue;
        }
        ++subsets;
        CHECK_FALSE(tc(subset.octets));
        const Plain whole = plain(response);
        const Plain kept = plain(subset.octets);
        std::size_t addresses = 0;
        for (const PlainRecord& record : kept.records) {
            CHECK(std::ranges::find(whole.records, record) != whole.records.end());
            addresses += record.section == wire::answer && record.type == whole.question[whole.question.size() - 3];
        }
        CHECK(addresses >= 1);
        for (const PlainRecord& record : whole.records)
            if (record.section != wire::additional && record.type != whole.question[whole.question.size() - 3])
                CHECK(std::ranges::find(kept.records, record) != kept.records.end());
    }
    // The generator reaches what it is for.
    CHECK(truncated > 500);
    CHECK(dropped > 50);
    CHECK(rebuilt > 5);
    CHECK(subsets > 50);
}

TEST_CASE("fit: a rebuilt message has the same records, for whatever has to move", "[policy]") {
    std::size_t moved = 0;
    for (std::uint32_t seed = 1; seed != 1500; ++seed) {
        INFO("seed " << seed);
        const Bytes response = RandomMessage(seed).build();
        const Result stripped = fit(response, {.limit = 65'535, .opt = {}, .replace_opt = true});
        REQUIRE(stripped.status == UNCUT_OK);
        CHECK(plain(stripped.octets).records == plain(response).records);
        CHECK(plain(stripped.octets).opt.empty());
        CHECK(stripped.fitted.action == UNCUT_FIT_UNCHANGED);
        moved += stripped.fitted.rebuilt;
        if (stripped.fitted.rebuilt) CHECK(stripped.octets.size() <= response.size() + 64);
    }
    CHECK(moved > 100);
}
