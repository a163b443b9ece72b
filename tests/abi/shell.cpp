// SPDX-License-Identifier: Apache-2.0
#include "tests/abi/shell.hpp"

#include <cstdio>

#include "tests/support/catch.hpp"

#define HEADER(header, function) extern "C" long function();
#include <headers.inc>
#undef HEADER

namespace uncut::abi_test {

std::string output_of(const std::string& command) {
    std::FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string out;
    char part[4096];
    while (const std::size_t octets = std::fread(part, 1, sizeof part, pipe)) out.append(part, octets);
    INFO(command);
    REQUIRE(pclose(pipe) == 0);
    return out;
}

std::vector<std::pair<std::string, long>> headers_alone() {
    return {
#define HEADER(header, function) {header, function()},
#include <headers.inc>
#undef HEADER
    };
}

}  // namespace uncut::abi_test
