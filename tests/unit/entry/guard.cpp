// SPDX-License-Identifier: Apache-2.0
#include "module/entry/guard.hpp"

#include <stdexcept>

#include "tests/support/catch.hpp"

using uncut::Status;
using uncut::entry::guarded;

TEST_CASE("The guard hands on what the body returns", "[entry]") {
    const Status expected = GENERATE(Status{UNCUT_OK}, Status{UNCUT_MISUSE_NULL}, Status{UNCUT_UNUSABLE_STOPPED});
    CHECK(guarded([&] { return expected; }) == expected);
}

TEST_CASE("The guard turns every exception into a status of the unusable band", "[entry]") {
    CHECK(guarded([]() -> Status { throw std::bad_alloc(); }) == UNCUT_UNUSABLE_MEMORY);
    CHECK(guarded([]() -> Status { throw std::bad_array_new_length(); }) == UNCUT_UNUSABLE_MEMORY);
    CHECK(guarded([]() -> Status { throw std::logic_error("a defect"); }) == UNCUT_UNUSABLE_INTERNAL);
    CHECK(guarded([]() -> Status { throw 7; }) == UNCUT_UNUSABLE_INTERNAL);
}

TEST_CASE("The guard leaves errno as the reason of a system error", "[entry]") {
    errno = 0;
    CHECK(guarded([]() -> Status { throw std::system_error(EMFILE, std::generic_category()); }) ==
          UNCUT_UNUSABLE_SYSTEM);
    CHECK(errno == EMFILE);
}

TEST_CASE("The guard itself is noexcept", "[entry]") {
    const auto body = []() -> Status { throw 7; };
    STATIC_REQUIRE(noexcept(guarded(body)));
}
