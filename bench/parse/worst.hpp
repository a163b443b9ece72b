// SPDX-License-Identifier: Apache-2.0
// Messages that ask for as much work an octet as their maker could think of. All are well formed.
#pragma once

#include <string>
#include <vector>

#include "bench/parse/messages.hpp"

namespace uncut::bench {

struct Hostile {
    std::string name;
    Message message;
};

// Each of about 64 KiB, and some short enough for one UDP datagram.
std::vector<Hostile> hostile_messages();

}  // namespace uncut::bench
