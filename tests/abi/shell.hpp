// SPDX-License-Identifier: Apache-2.0
// What the tests of the contract ask of the toolchain: programs' outputs, and the headers compiled one by one.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace uncut::abi_test {

// What a command prints on its standard output. A command that fails fails the test.
std::string output_of(const std::string& command);

// Each header of the contract with the language standard under which it was compiled alone, for each of them.
std::vector<std::pair<std::string, long>> headers_alone();

}  // namespace uncut::abi_test
