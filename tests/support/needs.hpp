// SPDX-License-Identifier: Apache-2.0
// What a story needs of the machine. Where it is missing the test says so and passes; where the environment variable
// CI is set, everything is there on purpose, and what is missing is a failure.
#pragma once

#include <initializer_list>
#include <string_view>

namespace uncut::test {

/// Whether all these programs are installed.
bool have_programs(std::initializer_list<std::string_view> names);

/// Whether network namespaces can be made: by root, with iproute2.
bool have_namespaces();

/// Whether this build can be measured: sanitizers allocate and keep memory of their own.
bool have_plain_build();

}  // namespace uncut::test
