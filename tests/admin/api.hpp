// SPDX-License-Identifier: Apache-2.0
// The admin API as a program uses it.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/http.hpp"

namespace uncut::test {

inline HttpResponse call(const Endpoint& admin, std::string method, std::string target, std::string body = "",
                         std::map<std::string, std::string> headers = {}) {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    if (!body.empty()) request.content_type = "application/json";
    request.body = std::move(body);
    request.headers = std::move(headers);
    return http(admin, request);
}

/// The body of an answer that has this status; no status: 200.
inline boost::json::object json_of(const HttpResponse& response, int status = 200) {
    INFO(response.body);
    REQUIRE(response.status == status);
    return boost::json::parse(response.body).as_object();
}

}  // namespace uncut::test
