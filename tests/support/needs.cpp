// SPDX-License-Identifier: Apache-2.0
#include "tests/support/needs.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/namespace.hpp"
#include "tests/support/process.hpp"

namespace uncut::test {

namespace {

void say_missing(const std::string& what) {
    if (std::getenv("CI") != nullptr) FAIL("missing, and CI is set: " << what);
    WARN("not tested here: " << what);
}

std::string try_namespace() {
    try {
        const Namespace probe;
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

bool have_programs(std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        if (!find_program(name).empty()) continue;
        say_missing(fmt::format("the program {} is not installed", name));
        return false;
    }
    return true;
}

bool have_namespaces() {
    static const std::string refused = try_namespace();
    if (!refused.empty()) say_missing(fmt::format("no network namespace can be made: {}", refused));
    return refused.empty();
}

bool have_plain_build() {
#if UNCUT_TEST_SANITIZED
    WARN("not measured here: sanitizers allocate and keep memory of their own");
    return false;
#else
    return true;
#endif
}

}  // namespace uncut::test
