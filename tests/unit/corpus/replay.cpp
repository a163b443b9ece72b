// SPDX-License-Identifier: Apache-2.0
// Every input of the corpus through everything that reads or writes messages, in buffers that end at a guard page.
#include "module/policy/clamp.hpp"
#include "module/policy/fit.hpp"
#include "module/policy/salvage.hpp"
#include "module/wire/name.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/corpus/folder.hpp"
#include "tests/unit/corpus/guarded.hpp"
#include "tests/unit/records.hpp"
#include "tests/unit/wire/ldns_oracle.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

bool reads(const Bytes& octets) {
    const Guarded input(octets);
    wire::Message view;
    return wire::parse(input.span(), view) == UNCUT_OK;
}

bool tc(const Bytes& octets) {
    return (wire::flags(octets.data()) & wire::flag::tc) != 0;
}

// ldns reads what was written, or why not is understood.
bool ldns_takes(const Bytes& octets) {
    wire::Message view;
    return ldns_reads(octets) != nullptr ||
           (wire::parse(octets, view) == UNCUT_OK && why_accepted(octets, view) != nullptr);
}

Bytes clamp(const wire::Message& view, std::uint32_t bufsize, std::uint32_t edns, policy::Clamped& clamped) {
    const Guarded nothing(std::size_t{0});
    REQUIRE(policy::clamp(view, bufsize, edns, nothing.span(), clamped) == UNCUT_MISUSE_SHORT_BUFFER);
    const Guarded out(clamped.octets);
    REQUIRE(policy::clamp(view, bufsize, edns, out.span(), clamped) == UNCUT_OK);
    return out.first(clamped.octets);
}

void check_clamp(const Bytes& octets, const wire::Message& view, std::uint32_t bufsize, std::uint32_t edns) {
    INFO("bufsize " << bufsize << " edns " << edns);
    policy::Clamped clamped;
    const Bytes out = clamp(view, bufsize, edns, clamped);
    wire::Message after;
    REQUIRE(wire::parse(out, after) == UNCUT_OK);
    CHECK(clamped.bufsize_after <= std::max(bufsize, clamped.bufsize_before));  // never raised
    CHECK(clamped.bufsize_after == (after.has(UNCUT_FACT_OPT) ? after.udp_payload_size : 0));
    policy::Clamped again;
    CHECK(clamp(after, bufsize, edns, again) == out);
    CHECK(again.action == UNCUT_CLAMP_NONE);
    Bytes restored = out;
    if (clamped.action == UNCUT_CLAMP_LOWERED)
        wire::store16(restored.data() + view.opt_offset + 3, view.udp_payload_size);
    if (clamped.action == UNCUT_CLAMP_ADDED) {
        restored.resize(octets.size());
        wire::set_count(restored.data(), wire::additional, view.counts[wire::additional]);
    }
    CHECK(restored == octets);  // nothing but the size has changed
}

// What is left is a sequence of what was there; the rest of the message is as it was.
void check_records(const Bytes& octets, const Bytes& out, const policy::Fitted& fitted) {
    const Plain whole = plain(octets);
    const Plain kept = plain(out);
    CHECK(kept.id == whole.id);
    CHECK(kept.question == whole.question);
    CHECK(kept.opt == whole.opt);
    CHECK((kept.flags & ~wire::flag::tc) == (whole.flags & ~wire::flag::tc));
    CHECK(kept.records.size() == std::size_t{fitted.kept[0]} + fitted.kept[1] + fitted.kept[2]);
    if (fitted.action == UNCUT_FIT_SUBSETTED) return;  // which turns the addresses round
    auto from = whole.records.begin();
    for (const PlainRecord& record : kept.records) {
        from = std::find(from, whole.records.end(), record);
        REQUIRE(from != whole.records.end());
        ++from;
    }
}

void check_fit(const Bytes& octets, const wire::Message& view, const policy::FitRequest& request) {
    INFO("limit " << request.limit << " mode " << request.mode);
    const Guarded out(std::min<std::size_t>(request.limit, octets.size()));
    policy::Fitted fitted;
    const Status status = policy::fit(view, request, out.span(), fitted);
    if (octets.size() <= request.limit) {
        REQUIRE(status == UNCUT_OK);
        CHECK(fitted.action == UNCUT_FIT_UNCHANGED);
        CHECK(out.first(fitted.octets) == octets);
        return;
    }
    if (status == UNCUT_LIMIT_FIT) {
        const bool bare_is_over = view.section_offsets[wire::answer] + view.opt_octets > request.limit;
        CHECK((bare_is_over || view.has(UNCUT_FACT_SIGNED) || view.opcode != wire::opcode::query));
        return;
    }
    REQUIRE(status == UNCUT_OK);
    const Bytes result = out.first(fitted.octets);
    CHECK(result.size() <= request.limit);
    REQUIRE(reads(result));
    check_records(octets, result, fitted);
    CHECK(tc(result) == (tc(octets) || fitted.action == UNCUT_FIT_TRUNCATED));
    const bool less = fitted.kept[0] != view.counts[wire::answer] || fitted.kept[1] != view.counts[wire::authority];
    if (less) CHECK((tc(result) || fitted.action == UNCUT_FIT_SUBSETTED));  // RFC 2181 9
    wire::Message after;
    REQUIRE(wire::parse(result, after) == UNCUT_OK);
    Bytes again(result.size());
    REQUIRE(policy::fit(after, request, again, fitted) == UNCUT_OK);
    CHECK(again == result);
    if (octets.size() < 8192) CHECK(ldns_takes(result));  // the oracle is slow on long ones
}

void check_salvage(const Bytes& octets, const wire::Message& view) {
    const Guarded out(octets.size());
    const std::size_t written = policy::salvage(view, out.span());
    REQUIRE(written >= wire::header_octets);
    REQUIRE(written <= octets.size());
    const Bytes result = out.first(written);
    CHECK(reads(result));
    CHECK(tc(result));
    CHECK(ldns_takes(result));
}

// Every owner as text and back, and no room for it.
void check_names(const Bytes& octets, const wire::Message& view, Status status) {
    const Guarded text(wire::name_text_max);
    for_each_intact(octets, view, status, [&](const wire::Record& record) {
        wire::Name name;
        wire::expand_name_lower(view.data, record.offset, name);
        const std::size_t needed = wire::name_to_text(name.span(), nullptr, 0);
        REQUIRE(needed <= wire::name_text_max);
        char* const out = reinterpret_cast<char*>(text.span().last(needed).data());
        REQUIRE(wire::name_to_text(name.span(), out, needed) == needed);
        wire::Name back;
        REQUIRE(wire::name_from_text(std::string_view(out, needed - 1), back));
        CHECK(wire::equal_fold(back.span(), name.span()));
    });
}

}  // namespace

TEST_CASE("corpus: every input is clamped, and nothing but a size changes", "[corpus]") {
    for_each_input([](const std::string& input, const Bytes& octets) {
        INFO(input);
        const Guarded guarded(octets);
        wire::Message view;
        if (wire::parse(guarded.span(), view) != UNCUT_OK) return;
        for (const std::uint32_t bufsize : {512u, 1232u, 4096u})
            for (const std::uint32_t edns : {UNCUT_EDNS_KEEP, UNCUT_EDNS_ADD}) check_clamp(octets, view, bufsize, edns);
    });
}

TEST_CASE("corpus: every input is fitted, in the four modes", "[corpus]") {
    std::size_t fitted = 0;
    for_each_input([&](const std::string& input, const Bytes& octets) {
        INFO(input);
        const Guarded guarded(octets);
        wire::Message view;
        if (wire::parse(guarded.span(), view) != UNCUT_OK) return;
        for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY, UNCUT_FIT_SUBSET})
            for (const std::uint32_t limit : {512u, 530u, 700u, 1232u, 4096u, 65'535u}) {
                check_fit(octets, view, {.limit = limit, .mode = mode, .rotate = limit});
                if (octets.size() <= limit) break;  // at a larger limit it fits as well
            }
        fitted += octets.size() > 512;
    });
    CHECK(fitted > 50);
}

TEST_CASE("corpus: of every input that is cut behind its question a message is left, TC set", "[corpus]") {
    std::size_t salvaged = 0;
    for_each_input([&](const std::string& input, const Bytes& octets) {
        INFO(input);
        const Guarded guarded(octets);
        wire::Message view;
        if (wire::parse(guarded.span(), view) != UNCUT_WIRE_CUT || !view.has(UNCUT_FACT_QUESTION)) return;
        check_salvage(octets, view);
        ++salvaged;
    });
    CHECK(salvaged > 30);
}

TEST_CASE("corpus: every owner that was read is text and a name again", "[corpus]") {
    for_each_input([](const std::string& input, const Bytes& octets) {
        INFO(input);
        const Guarded guarded(octets);
        wire::Message view;
        check_names(octets, view, wire::parse(guarded.span(), view));
    });
}
