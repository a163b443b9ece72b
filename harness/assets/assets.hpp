// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace uncut::harness {

/// A file that the program carries along, so that it runs from anywhere and offline. Made by embed.cmake.
struct Asset {
    std::string_view path;  ///< as in harness/: "web/index.html"
    std::string_view content;
};

/// All of them, in the order of their paths.
std::span<const Asset> assets();

/// nullptr if there is none of this path.
const Asset* find_asset(std::string_view path);

}  // namespace uncut::harness
