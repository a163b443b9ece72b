// SPDX-License-Identifier: Apache-2.0
#include "module/policy/glue.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;
namespace type = wire::type;

namespace {

// Whether the last address of a referral is required: one that is of no server, but below the cut.
bool is_stranger_required(std::size_t servers, std::size_t addresses, std::size_t others = 0) {
    Builder builder = Builder().question(name("www.example.test"));
    const Bytes zone = pointer(12 + 4);
    for (std::size_t number = 0; number != servers; ++number)
        builder.record(wire::authority, zone, type::ns, Bytes{2, 'n', static_cast<std::uint8_t>(number)} + zone);
    for (std::size_t number = 0; number != others; ++number) builder.record(wire::additional, {0}, type::txt, {});
    const std::size_t last = builder.offset() + (addresses - 1) * 16;
    const Bytes message = builder.addresses(wire::additional, pointer(12), addresses).build();
    wire::Message view;
    REQUIRE(wire::parse(message, view) == UNCUT_OK);
    return policy::Glue(view).is_required(wire::record_at(message.data(), static_cast<std::uint32_t>(last)));
}

}  // namespace

TEST_CASE("glue: names are compared one by one while that is not too much work", "[policy]") {
    CHECK(!is_stranger_required(13, 26));
    CHECK(!is_stranger_required(64, 64));
    CHECK(is_stranger_required(65, 64));
    CHECK(is_stranger_required(64, 65));
    CHECK(!is_stranger_required(1, 4'000));
    CHECK(is_stranger_required(2, 4'000));
    CHECK(is_stranger_required(1, 1, 5'000));
    CHECK(!is_stranger_required(0, 1, 5'000));
}
