// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/http.hpp"

namespace uncut::harness {

/// What must hold for a write to happen (If-Match, RFC 9110 13.1.1).
struct Precondition {
    std::optional<std::vector<std::string>> tags;  ///< the current entity tag, without quotes, must be among these

    bool holds(std::string_view current) const { return !tags || std::ranges::find(*tags, current) != tags->end(); }
};

/// The request's; or the refusal of a header that cannot be read.
std::expected<Precondition, HttpResponse> precondition_of(const HttpRequest& request);

}  // namespace uncut::harness
