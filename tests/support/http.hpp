// SPDX-License-Identifier: Apache-2.0
// The smallest HTTP client that the admin API needs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tests/support/net.hpp"

namespace uncut::test {

struct HttpResponse {
    int status = 0;                              ///< 0: no response could be read
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";
    std::string content_type;  ///< empty: none is sent
    std::string body;
    std::map<std::string, std::string> headers;
};

/// Asks on a connection of its own. Throws std::runtime_error if it cannot connect.
HttpResponse http(const Endpoint& server, const HttpRequest& request, Milliseconds timeout = Milliseconds{10'000});

/// PATCH /v1/policies/ZONE with a merge patch.
HttpResponse patch_policy(const Endpoint& admin, std::string_view merge_patch, std::string_view zone = "default");

}  // namespace uncut::test
