// SPDX-License-Identifier: Apache-2.0
// What the README shows of the interface is C that compiles.
#include <uncut_paths.hpp>
#include "tests/abi/shell.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::abi_test;

TEST_CASE("the README's ten lines of C compile") {
    // The block's includes, and the rest of it as the body of a function.
    const std::string source = output_of(
        "awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' " UNCUT_SOURCE
        "/README.md | awk '/^#include/ { print; next } { body = body \"\\n\" $0 } END { print \"#include <stdio.h>\\n"
        "void embed(const uint8_t *response, size_t octets);\\nvoid embed(const uint8_t *response, size_t octets) {\\n"
        "uint8_t out[1232];\" body \"\\n}\" }'");
    CHECK(source.find("->fit(") != std::string::npos);
    // Not pedantic: ISO C has no cast from what dlsym returns to a function, POSIX demands it.
    output_of("printf '%s' '" + source +
              "' | cc -std=c11 -Wall -Wextra -Werror -fsyntax-only -I " UNCUT_SOURCE "/abi -x c -");
}
