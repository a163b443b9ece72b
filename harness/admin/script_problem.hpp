// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/admin/http.hpp"
#include "harness/admin/router.hpp"
#include "harness/admin/script_store.hpp"

namespace uncut::harness {

/// The revision as an entity tag, without quotes.
std::string script_tag(std::uint64_t revision);

/// The refusal of a write that did not happen.
HttpResponse problem_of(const ScriptWriteError& error);

/// 409: this harness has no scripted upstream.
HttpResponse no_script();

/// Adds a route; where there is no store it answers 409 without a look at the request.
void add_script_route(Router& router, const ScriptStore* store, Router::Route route);

}  // namespace uncut::harness
