// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/access_log.hpp"

#include <string>

#include "harness/log/log.hpp"

namespace uncut::harness {
namespace {

LogLevel level_of(const HttpRequest& request, const HttpResponse& response) {
    if (response.status == 500) return LogLevel::error;
    if (response.status >= 400) return LogLevel::debug;
    return request.method == "GET" || request.method == "HEAD" ? LogLevel::trace : LogLevel::info;
}

// The ETag without its quotes; "-" where the response has none.
std::string revision_of(const HttpResponse& response) {
    for (const HttpHeader& header : response.headers) {
        if (header.name == "ETag" && header.value.size() > 2) return header.value.substr(1, header.value.size() - 2);
    }
    return "-";
}

}  // namespace

void log_request(const HttpRequest& request, const HttpResponse& response) {
    log(level_of(request, response), response.status < 400 ? "request" : "request refused",
        {{"method", request.method},
         {"target", request.target},
         {"status", response.status},
         {"revision", revision_of(response)},
         {"client", request.client}});
}

}  // namespace uncut::harness
