// SPDX-License-Identifier: Apache-2.0
// Fit makes a response fit what the client accepts.
#pragma once

#include "module/wire/message.hpp"

namespace uncut::policy {

struct Fitted {
    std::uint32_t action = UNCUT_FIT_UNCHANGED;  // uncut_fit_action
    std::size_t octets = 0;                      // written, or with UNCUT_MISUSE_SHORT_BUFFER needed
    std::uint16_t kept[3] = {};                  // answer, authority, additional without the OPT
    bool rebuilt = false;
};

struct FitRequest {
    std::uint32_t limit = 512;
    std::uint32_t mode = UNCUT_FIT_RRSET;
    std::uint32_t rotate = 0;
    // The whole OPT record that the output carries instead of the response's own; empty: none. The default span
    // (data() == nullptr) keeps the response's own.
    Octets opt{};
    bool replace_opt = false;
    bool force_tc = false;  // the response is known to be incomplete: TC goes out
};

// `response` was parsed, is not signed, and does not overlap `out`. Where everything fits it is left as it is, the
// OPT aside. Keeps the OPT and the longest prefix, in wire order, of whole RRsets; TC as in RFC 2181 9. `out` of
// min(limit, response + OPT) octets suffices.
Status fit(const wire::Message& response, const FitRequest& request, std::span<std::uint8_t> out,
           Fitted& fitted) noexcept;

}  // namespace uncut::policy
