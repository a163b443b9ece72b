// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/system.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <utility>

#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"
#include "harness/assets/assets.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

HttpResponse get_version(const VersionView& versions) {
    return json_response({{"harness", versions.harness},
                          {"module", versions.module},
                          {"abi", json::object{{"harness", versions.abi_harness},
                                               {"module", versions.abi_module},
                                               {"negotiated", versions.abi_negotiated}}}});
}

HttpResponse get_listeners(const std::vector<ListenerView>& listeners) {
    json::array rows;
    for (const ListenerView& listener : listeners) {
        json::array transports;
        for (const std::string& transport : listener.transports) transports.emplace_back(transport);
        rows.push_back(json::object{
            {"name", listener.name}, {"address", listener.address}, {"transports", std::move(transports)}});
    }
    return json_response({{"listeners", std::move(rows)}});
}

// Whatever can be named without knowing more: paths with a parameter are found through their collections.
HttpResponse get_links(const Router& router) {
    constexpr std::string_view base = "/v1/";
    json::object links;
    for (const Router::Route& route : router.routes()) {
        if (!route.pattern.starts_with(base) || route.pattern.find('{') != std::string::npos) continue;
        links[route.pattern.substr(base.size())] = route.pattern;
    }
    return json_response({{"links", std::move(links)}});
}

HttpResponse get_contract() {
    const Asset* contract = find_asset("admin/openapi.json");
    if (contract == nullptr) return problem(Problem::not_found, "this program was built without its contract");
    HttpResponse response;
    response.content_type = "application/json";
    response.body = std::string(contract->content);
    return response;
}

}  // namespace

void add_system_resources(Router& router, SystemView given) {
    const auto view = std::make_shared<const SystemView>(std::move(given));
    const auto get = [&router](const char* pattern, auto handle) {
        router.add({"GET", pattern, "", [handle](const HttpRequest&, const Parameters&) { return handle(); }});
    };
    get("/health", [] { return json_response({{"status", "ok"}}); });
    get("/v1", [&router] { return get_links(router); });
    get("/v1/openapi.json", get_contract);
    if (!view->versions) return;
    get("/ready", [view] {
        const std::vector<std::string> missing = view->not_ready();
        return missing.empty() ? json_response({{"status", "ready"}}) : not_ready(missing);
    });
    get("/version", [view] { return get_version(view->versions()); });
    get("/v1/listeners", [view] { return get_listeners(view->listeners()); });
}

}  // namespace uncut::harness
