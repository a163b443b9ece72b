// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace uncut::harness {

std::string whole_number(const std::string& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool padded = text.size() > 1 && text.front() == '0';
    if (error == std::errc() && end == text.data() + text.size() && !padded) return {};
    return fmt::format("{}: expected a whole number", text);
}

}  // namespace uncut::harness
