// SPDX-License-Identifier: Apache-2.0
// Each generated message is read as the table says it should be; and ldns agrees, or why it does not is understood.
#include <set>

#include "module/exchange/verdict.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/corpus/folder.hpp"
#include "tests/unit/corpus/guarded.hpp"
#include "tests/unit/wire/ldns_oracle.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

constexpr std::uint32_t every_suspicion = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;

}  // namespace

TEST_CASE("corpus: each message has the status and the verdict that it should have", "[corpus]") {
    for (const fuzz::Folder& folder : fuzz::folders()) {
        const auto stored = read_inputs(corpus_folder(folder.name));
        for (const fuzz::Seed& seed : folder.seeds) {
            INFO(folder.name << '/' << seed.name);
            const Guarded input(stored.at(seed.name));
            wire::Message view;
            const Status status = wire::parse(input.span(), view);
            INFO("offset " << view.error_offset);
            CHECK(status == seed.status);
            CHECK(view.error_offset <= input.span().size());
            CHECK(view.intact_end <= input.span().size());
            if (view.has(UNCUT_FACT_HEADER) && (view.flags & wire::flag::qr) != 0)
                CHECK(exchange::judge(view, status, {.suspect = every_suspicion}) == seed.verdict);
        }
    }
}

TEST_CASE("corpus: ldns agrees on each message, but for the differences understood", "[corpus][ldns]") {
    std::set<std::string> reasons;
    std::size_t agreed = 0;
    for_each_input([&](const std::string& input, const Bytes& octets) {
        INFO(input);
        wire::Message view;
        const Status status = wire::parse(octets, view);
        const bool theirs = ldns_reads(octets) != nullptr;
        if ((status == UNCUT_OK) == theirs) {
            ++agreed;
            return;
        }
        const char* reason = status == UNCUT_OK ? why_accepted(octets, view) : why_refused(octets, view, status);
        INFO("status " << status << " offset " << view.error_offset);
        CHECK(reason != nullptr);
        if (reason != nullptr) reasons.insert(reason);
    });
    CHECK(agreed > 150);
    // No reason is kept that nothing needs.
    CHECK(reasons.size() >= 5);
}
