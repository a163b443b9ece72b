// SPDX-License-Identifier: Apache-2.0
// Subset: fewer addresses instead of TC, for clients that cannot ask over TCP. The one exception to RFC 2181 9.
#pragma once

#include "module/policy/fit.hpp"

namespace uncut::policy {

struct SubsetRequest {
    Octets opt;
    std::uint32_t limit;
    std::uint32_t rotate;
};

// Only for A and AAAA questions without DO and without RRSIG: nobody may check that the RRset is complete.
bool may_subset(const wire::Message& response, Octets opt) noexcept;

// Writes all that is required but addresses, and as many of those as fit, whole, beginning with number `rotate` modulo
// how many there are. TC is clear. False when not even one fits: nothing was decided. With `out` too short
// fitted.octets says what is needed.
bool write_subset(const wire::Message& response, const SubsetRequest& request, std::span<std::uint8_t> out,
                  Fitted& fitted) noexcept;

}  // namespace uncut::policy
