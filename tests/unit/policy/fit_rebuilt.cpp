// SPDX-License-Identifier: Apache-2.0
// Fit where an OPT in the middle makes it write everything anew, and TC must still say what is missing.
#include "module/policy/fit.hpp"
#include "module/wire/opt.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records.hpp"

using namespace uncut;
using namespace uncut::test;
namespace type = wire::type;

namespace {

struct Result {
    policy::Fitted fitted;
    Plain message;
    std::size_t octets = 0;
};

// With an OPT of ours in the place of the response's.
Result fit(const Bytes& response, std::uint32_t limit, std::uint32_t mode = UNCUT_FIT_RRSET) {
    wire::Message view;
    REQUIRE(wire::parse(response, view) == UNCUT_OK);
    Bytes opt(wire::opt_octets_min);
    wire::write_opt({}, wire::no_extended_error, opt.data());
    Bytes out(65'535);
    Result result;
    REQUIRE(policy::fit(view, {.limit = limit, .mode = mode, .opt = opt, .replace_opt = true}, out, result.fitted) ==
            UNCUT_OK);
    out.resize(result.fitted.octets);
    REQUIRE(out.size() <= limit);
    result.message = plain(out);
    result.octets = out.size();
    return result;
}

bool tc(const Result& result) {
    return (result.message.flags & wire::flag::tc) != 0;
}

// A referral whose OPT stands before the glue. Its RRSIG has a signer that is compressed, which nobody should do and
// which is written out where the message is written anew: it grows by 13 octets.
Bytes referral(std::size_t addresses, bool extra) {
    Builder builder = Builder().question(name("www.example.test"));
    const Bytes zone = pointer(12 + 4);
    builder.record(wire::authority, zone, type::ns, Bytes{2, 'n', 's'} + zone);
    const std::size_t server = builder.offset() - 5;
    builder.record(wire::authority, zone, type::rrsig, Bytes(18) + zone + Bytes(64, 7));
    builder.opt(4096, false, option(3, Bytes(1)));
    if (extra) builder.record(wire::additional, zone, type::txt, Bytes{3, 'a', 'b', 'c'});
    return builder.addresses(wire::additional, pointer(server), addresses).build();
}

}  // namespace

TEST_CASE("fit: glue that no longer fits where a message had to be written anew is TC", "[policy]") {
    const bool extra = GENERATE(false, true);
    for (std::size_t addresses = 1; addresses != 40; ++addresses) {
        const Bytes response = referral(addresses, extra);
        const auto exact = static_cast<std::uint32_t>(response.size() - 5);  // the option is not in our OPT
        if (exact < 512) continue;
        for (const std::uint32_t limit : {exact, exact + 8, exact + 13, exact + 20}) {
            const Result result = fit(response, limit);
            std::size_t glue = 0;
            for (const PlainRecord& record : result.message.records) glue += record.type == type::a ? 1u : 0u;
            INFO(addresses << ' ' << limit);
            CHECK(tc(result) == (glue != addresses));
            CHECK((result.fitted.action == UNCUT_FIT_TRUNCATED) == (glue != addresses));
        }
    }
}

TEST_CASE("fit: what was truncated is said to be, though it had to be written anew", "[policy]") {
    const std::uint32_t mode = GENERATE(UNCUT_FIT_RRSET, UNCUT_FIT_FILL);
    Builder builder = Builder().question(name("www.example.test"));
    const Bytes zone = pointer(12 + 4);
    builder.record(wire::authority, zone, type::ns, Bytes{3, 'n', 's', '1'} + zone);
    const std::size_t first = builder.offset() - 6;
    builder.record(wire::authority, zone, type::ns, Bytes{3, 'n', 's', '2'} + zone);
    const std::size_t second = builder.offset() - 6;
    builder.opt(4096, false, option(3, Bytes(1)));
    builder.addresses(wire::additional, pointer(first), 2).addresses(wire::additional, pointer(second), 40);
    const Result result = fit(builder.build(), 512, mode);
    CHECK(tc(result));
    CHECK(result.fitted.action == UNCUT_FIT_TRUNCATED);
    CHECK(result.fitted.kept[2] == (mode == UNCUT_FIT_RRSET ? 2 : (512 - 11 - 34 - 18 - 18) / 16));
}
