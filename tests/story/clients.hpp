// SPDX-License-Identifier: Apache-2.0
// The clients that people use, each in every mode that it has, and what each gets from an upstream that sends no more
// than 512 octets over UDP: before, with the preset coredns-default, and after, with Uncut's defaults.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/story/zones.hpp"
#include "tests/support/namespace.hpp"

namespace uncut::test {

/// How many records of each name of story_names, in that order; `not_asked` where the client cannot ask for them.
using Counts = std::array<int, story_names.size()>;
inline constexpr int not_asked = -1;

struct ClientMode {
    std::string_view client;
    std::string_view mode;
    std::vector<std::string> command;  ///< "{name}" and "{type}" stand for what is asked
    std::vector<std::string> environment;
    Counts before;
    Counts after;
    Counts subset;            ///< with the policy's fit at `subset`
    int dangling_before = 0;  ///< addresses of the chain from an upstream that loses them and TC
    int dangling_after = 0;
};

/// The table.
std::span<const ClientMode> client_modes();

/// The programs in it.
std::set<std::string> client_programs();

/// What came of it.
struct Asked {
    const ClientMode* mode;
    const StoryName* name;
    int count;           ///< different addresses of 10.0.0.0/8, or different texts of the zone, that it printed
    std::string output;  ///< all that it printed
};

/// Asks with every mode for every name that is wanted, several at a time.
std::vector<Asked> ask_all(const Namespace& where,
                           const std::function<bool(const ClientMode&, const StoryName&)>& wanted);

}  // namespace uncut::test
