// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/router.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/admin/problem.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

std::optional<unsigned> hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
    return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const auto high = hex_digit(text[i + 1]);
        const auto low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        result += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return result;
}

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

std::optional<Router::Parameters> match(std::string_view pattern, const std::vector<std::string>& path) {
    const auto wanted = segments_of(pattern);
    if (wanted.size() != path.size()) return std::nullopt;
    Router::Parameters parameters;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (is_parameter(wanted[i])) {
            if (path[i].empty()) return std::nullopt;
            parameters.push_back(path[i]);
        } else if (wanted[i] != path[i]) {
            return std::nullopt;
        }
    }
    return parameters;
}

bool same_media_type(std::string_view content_type, std::string_view wanted) {
    content_type = content_type.substr(0, content_type.find(';'));
    while (content_type.ends_with(' ') || content_type.ends_with('\t')) content_type.remove_suffix(1);
    return std::ranges::equal(content_type, wanted, [](char given, char expected) {
        return (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given) == expected;
    });
}

HttpResponse unsupported(const Router::Route& route) {
    HttpResponse response =
        problem(Problem::unsupported_media_type, fmt::format("expected Content-Type: {}", route.media_type));
    // RFC 5789 2.2 for PATCH, RFC 9110 15.5.16 for the rest.
    response.headers.push_back({route.method == "PATCH" ? "Accept-Patch" : "Accept", route.media_type});
    return response;
}

}  // namespace

std::expected<Router::Found, HttpResponse> Router::find(const HttpRequest& head) const {
    if (!head.target.starts_with('/')) {
        return std::unexpected(problem(Problem::bad_request, "expected a target that begins with a slash"));
    }
    const std::string_view target = head.target;
    // Names from here come back in bodies, and JSON is UTF-8 (RFC 8259 8.1).
    const auto whole = percent_decoded(target);
    if (whole && utf8_text(*whole) != *whole) {
        return std::unexpected(
            problem(Problem::bad_request, "expected a target in UTF-8: write other octets of a name as \\DDD"));
    }
    std::vector<std::string> path;
    for (const std::string_view segment : segments_of(target.substr(0, target.find('?')))) {
        auto decoded = percent_decoded(segment);
        if (!decoded) {
            return std::unexpected(problem(Problem::bad_request, "expected two hexadecimal digits behind each %"));
        }
        path.push_back(std::move(*decoded));
    }

    const std::string_view method = head.method == "HEAD" ? std::string_view("GET") : std::string_view(head.method);
    std::set<std::string> allowed;
    for (const Route& route : routes_) {
        auto parameters = match(route.pattern, path);
        if (!parameters) continue;
        if (route.method == method) {
            if (!route.media_type.empty() && !same_media_type(head.header("Content-Type"), route.media_type)) {
                return std::unexpected(unsupported(route));
            }
            return Found{&route, std::move(*parameters)};
        }
        allowed.insert(route.method);
        if (route.method == "GET") allowed.insert("HEAD");
    }
    if (allowed.empty()) return std::unexpected(problem(Problem::not_found, "there is nothing at this path"));
    const std::string allow = fmt::format("{}", fmt::join(allowed, ", "));
    HttpResponse response = problem(Problem::method_not_allowed, fmt::format("expected one of {}", allow));
    response.headers.push_back({"Allow", allow});
    return std::unexpected(std::move(response));
}

}  // namespace uncut::harness
