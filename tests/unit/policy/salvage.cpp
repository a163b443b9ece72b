// SPDX-License-Identifier: Apache-2.0
#include "module/policy/salvage.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/random_message.hpp"
#include "tests/unit/records.hpp"

using namespace uncut;
using namespace uncut::test;

TEST_CASE("salvage: of a response whose octets ran out the complete RRsets are left, TC set", "[policy]") {
    for (std::uint32_t seed = 1; seed != 200; ++seed) {
        RandomMessage random(seed);
        const Bytes whole = random.build();
        const Plain before = plain(whole);
        for (std::size_t octets = 12 + before.question.size(); octets < whole.size(); octets += 1 + random.below(9)) {
            INFO("seed " << seed << " octets " << octets);
            const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets));
            wire::Message view;
            REQUIRE(wire::parse(cut, view) == UNCUT_WIRE_CUT);
            Bytes out(cut.size());
            out.resize(policy::salvage(view, out));
            const Plain kept = plain(out);
            CHECK((kept.flags & wire::flag::tc) != 0);
            CHECK(kept.question == before.question);
            REQUIRE(kept.records.size() <= before.records.size());
            // A prefix of what was there, and no RRset in part.
            CHECK(std::ranges::equal(kept.records, std::span(before.records).first(kept.records.size())));
            if (kept.records.size() != before.records.size() && !kept.records.empty())
                CHECK_FALSE(together(kept.records.back(), before.records[kept.records.size()]));
        }
    }
}
