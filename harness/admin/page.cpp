// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/page.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "harness/assets/assets.hpp"

namespace uncut::harness {
namespace {

constexpr std::string_view folder = "web/";
constexpr std::string_view front = "web/index.html";

// Nothing from elsewhere, no script or style inside the document, no text that becomes markup: names in DNS messages
// are whatever an attacker likes. Nobody may frame the page either, since a click in it can change a policy.
constexpr std::string_view content_security_policy =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'";

std::string_view content_type_of(std::string_view path) {
    struct Row {
        std::string_view ending;
        std::string_view type;
    };
    // Modules are refused by browsers unless they come as JavaScript (HTML, "fetch a module script").
    constexpr std::array<Row, 4> rows{{{".html", "text/html; charset=utf-8"},
                                       {".css", "text/css; charset=utf-8"},
                                       {".js", "text/javascript; charset=utf-8"},
                                       {".svg", "image/svg+xml"}}};
    for (const Row& row : rows) {
        if (path.ends_with(row.ending)) return row.type;
    }
    return "application/octet-stream";
}

HttpResponse response_of(const Asset& asset) {
    HttpResponse response;
    response.content_type = content_type_of(asset.path);
    response.headers.push_back({"Content-Security-Policy", std::string(content_security_policy)});
    response.headers.push_back({"Referrer-Policy", "no-referrer"});
    response.body = asset.content;
    return response;
}

void add(Router& router, std::string pattern, const Asset& asset) {
    router.add({"GET", std::move(pattern), "",
                [&asset](const HttpRequest&, const Router::Parameters&) { return response_of(asset); }});
}

}  // namespace

void add_page_resources(Router& router) {
    for (const Asset& asset : assets()) {
        if (!asset.path.starts_with(folder)) continue;
        if (asset.path == front) add(router, "/", asset);
        add(router, fmt::format("/{}", asset.path.substr(folder.size())), asset);
    }
}

bool is_page(std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    if (!path.starts_with('/')) return false;
    if (path == "/") return true;
    return find_asset(fmt::format("{}{}", folder, path.substr(1))) != nullptr;
}

}  // namespace uncut::harness
