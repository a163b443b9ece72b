// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/http.hpp"
#include "harness/admin/json_text.hpp"

namespace uncut::harness {

/// The kinds of error of the admin API. Each has a stable type, which clients may compare.
enum class Problem {
    bad_request,
    malformed_json,
    unauthorized,
    foreign_host,
    foreign_origin,
    not_found,
    method_not_allowed,
    timeout,
    conflict,
    precondition_failed,
    body_too_large,
    unsupported_media_type,
    unknown_field,
    wrong_value,
    header_too_large,
    internal,
    not_ready,
    busy
};

/// An error as problem+json (RFC 9457).
HttpResponse problem(Problem kind, std::string_view detail);

/// An error of a JSON body: 422, its pointer a member of its own. A key that occurs twice counts as a wrong value.
HttpResponse problem(const JsonError& error);

/// A body that is no JSON: 400; or that has a key twice: 422.
HttpResponse problem(const JsonSyntaxError& error);

/// 422s for a parameter of the request's query: its value, or that it is there at all.
HttpResponse wrong_parameter(std::string_view name, std::string_view expected, std::string_view got);
HttpResponse unknown_parameter(std::string_view name, std::string_view expected);

/// 503, with what is not ready.
HttpResponse not_ready(const std::vector<std::string>& what);

/// Names each kind's type, e.g. "urn:uncut:problem:unknown-field".
std::string problem_type(Problem kind);

}  // namespace uncut::harness
