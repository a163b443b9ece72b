// SPDX-License-Identifier: Apache-2.0
#include "harness/assets/assets.hpp"

#include <algorithm>

namespace uncut::harness {

const Asset* find_asset(std::string_view path) {
    const auto found = std::ranges::lower_bound(assets(), path, {}, &Asset::path);
    return found == assets().end() || found->path != path ? nullptr : &*found;
}

}  // namespace uncut::harness
