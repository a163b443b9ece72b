// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/http.hpp"

namespace uncut::harness {

/// Finds who answers a request. Plain values, no sockets. Thread rule: routes are added before the first find.
class Router {
  public:
    /// What stood for the {braces} of the pattern, in their order, percent-decoded.
    using Parameters = std::vector<std::string>;

    struct Route {
        std::string method;
        std::string pattern;     // "/v1/policies/{zone}"
        std::string media_type;  // of the body; "": any
        std::function<HttpResponse(const HttpRequest&, const Parameters&)> handle;
        bool slow = false;  // it takes seconds, and may be handled on any thread
    };
    struct Found {
        const Route* route;
        Parameters parameters;
    };

    void add(Route route) { routes_.push_back(std::move(route)); }
    const std::vector<Route>& routes() const { return routes_; }

    /// The route, with a GET's for HEAD too; or 400, 404, 405 (with Allow) or 415.
    std::expected<Found, HttpResponse> find(const HttpRequest& head) const;

  private:
    std::vector<Route> routes_;
};

}  // namespace uncut::harness
