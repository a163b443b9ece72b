// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <uncut.h>

#include <cstdint>
#include <string_view>

namespace uncut::harness {

/// Says on standard error why the module did not take a message, and which exit code that is: the misuse band is the
/// user's options, all else the message.
inline int report_refusal(std::string_view verb, uncut_status status, std::uint32_t error_offset,
                          const uncut_module& module) {
    if (status / 100 == 2) {
        fmt::print(stderr, "uncut {}: {} at octet {}\n", verb, module.status_name(status), error_offset);
    } else {
        fmt::print(stderr, "uncut {}: {}\n", verb, module.status_name(status));
    }
    return status / 100 == 1 ? 2 : 1;
}

}  // namespace uncut::harness
