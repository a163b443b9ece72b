// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/admin/page.hpp"
#include "harness/admin/problem.hpp"

namespace uncut::harness {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& letter : result) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return result;
}

bool is_localhost(std::string_view host) {
    if (!host.starts_with("localhost")) return false;
    host.remove_prefix(std::string_view("localhost").size());
    if (host.empty()) return true;
    return host.starts_with(':') && std::ranges::all_of(host.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

// A name that is no address resolves to whatever its owner likes, our address too (DNS rebinding).
bool is_own_host(std::string_view host, bool loopback) {
    if (is_localhost(host)) return true;
    if (host.find_first_of("#%") != std::string_view::npos) return false;  // the address parser's own additions
    const auto address = Address::parse(host, 80);
    return address && !address->is_any() && (address->is_loopback() || !loopback);
}

// An origin is scheme://authority (RFC 6454 7.1); ours is the authority that the client asked for.
bool is_own_origin(std::string_view origin, std::string_view host) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (origin.starts_with(scheme)) return origin.substr(scheme.size()) == host;
    }
    return false;
}

// A probe carries no token, and learns no more than that the process lives; the page asks its user for the token.
bool is_open(std::string_view target) {
    return target == "/health" || target == "/ready" || is_page(target);
}

bool has_token(const HttpRequest& request, std::string_view token) {
    const std::string_view value = request.header("Authorization");
    constexpr std::string_view scheme = "bearer ";
    if (request.count("Authorization") != 1 || value.size() < scheme.size()) return false;
    if (lower(value.substr(0, scheme.size())) != scheme) return false;
    return token_equals(value.substr(scheme.size()), token);
}

}  // namespace

std::optional<HttpResponse> refuse_access(const HttpRequest& request, const AccessRules& rules) {
    // One Host, no more and no less: RFC 9112 3.2.
    if (request.count("Host") != 1) return problem(Problem::bad_request, "expected exactly one Host header");
    const std::string host = lower(request.header("Host"));
    if (rules.token.empty() && !is_own_host(host, rules.loopback)) {
        return problem(Problem::foreign_host, "expected localhost or a literal address of this server in Host");
    }
    if (request.count("Origin") > 1 ||
        (request.count("Origin") == 1 && !is_own_origin(lower(request.header("Origin")), host))) {
        return problem(Problem::foreign_origin, "expected no Origin, or that of this server");
    }
    if (!rules.token.empty() && !is_open(request.target) && !has_token(request, rules.token)) {
        HttpResponse response = problem(Problem::unauthorized, "expected Authorization: Bearer TOKEN");
        response.headers.push_back({"WWW-Authenticate", "Bearer"});
        return response;
    }
    return std::nullopt;
}

std::expected<std::string, std::string> read_token_file(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
    std::string text(admin_token_octets_max + 2, '\0');  // with an end of line
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return std::unexpected(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    text.resize(static_cast<std::size_t>(file.gcount()));
    text.resize(std::min(text.find('\n'), text.size()));
    if (text.ends_with('\r')) text.pop_back();
    const bool visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
    if (!visible || text.size() < admin_token_octets_min || text.size() > admin_token_octets_max) {
        return std::unexpected(fmt::format("{}: expected a first line of {} to {} visible ASCII characters", path,
                                           admin_token_octets_min, admin_token_octets_max));
    }
    return text;
}

bool token_equals(std::string_view given, std::string_view token) {
    if (token.empty()) return false;
    // Every octet is looked at, whatever the ones before were; volatile keeps the compiler from leaving early.
    volatile unsigned difference = given.size() == token.size() ? 0U : 1U;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto one = static_cast<unsigned char>(given[i]);
        const auto other = static_cast<unsigned char>(token[i % token.size()]);
        difference = difference | static_cast<unsigned>(one ^ other);
    }
    return difference == 0;
}

}  // namespace uncut::harness
