// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace uncut::harness {

/// The name at an offset of a message in presentation form, with a final dot; none if it does not parse. ASCII alone,
/// and at a bounded cost, whatever the octets are.
inline std::optional<std::string> name_text(std::span<const std::uint8_t> octets, std::size_t offset,
                                            const uncut_module& module) {
    constexpr std::size_t text_octets_max = 1025;  // what the ABI says always suffices
    char text[text_octets_max];
    if (offset >= octets.size()) return std::nullopt;
    if (module.name_text(octets.data(), octets.size(), offset, text, sizeof text, nullptr) != UNCUT_OK)
        return std::nullopt;
    return std::string(text);
}

}  // namespace uncut::harness
