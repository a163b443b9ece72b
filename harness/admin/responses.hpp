// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "harness/admin/http.hpp"

namespace uncut::harness {

/// 200 (or another status) with a JSON body. `tag` is the entity tag without its quotes; "" sends none.
HttpResponse json_response(const boost::json::object& body, std::string_view tag = {}, unsigned status = 200);

/// 204.
HttpResponse no_content(std::string_view tag = {});

/// 412, with the tag that the resource has now.
HttpResponse precondition_failed(std::string_view tag);

/// The body as JSON, or the refusal.
std::expected<boost::json::value, HttpResponse> json_body(const HttpRequest& request);

/// A refusal where an action that takes nothing was sent something: no body will do, and {}.
std::optional<HttpResponse> refuse_body(const HttpRequest& request);

}  // namespace uncut::harness
