// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "harness/admin/http.hpp"

namespace uncut::harness {

inline constexpr std::size_t admin_token_octets_min = 16;  // fewer could be guessed over the network
inline constexpr std::size_t admin_token_octets_max = 1024;

/// Who may use the admin API.
struct AccessRules {
    bool loopback = true;  // it listens on loopback alone
    std::string token;     // "": none is asked for
};

/// Nothing if the request may pass; else why not. Checks, in this order: the request has one Host; without a token
/// that Host must be a literal address or localhost (a page that rebinds its own name to our address comes with its
/// own name); an Origin must be our own (no cross-site writes); the token.
std::optional<HttpResponse> refuse_access(const HttpRequest& request, const AccessRules& rules);

/// The first line of a token file. The error names the file and what was expected.
std::expected<std::string, std::string> read_token_file(const std::string& path);

/// Compares in a time that depends on the length of `given` alone.
bool token_equals(std::string_view given, std::string_view token);

}  // namespace uncut::harness
