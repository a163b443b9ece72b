// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/admin/http.hpp"

namespace uncut::harness {

/// A line of the log for a request that has its response: what it wrote at level info, a refusal at debug, and what it
/// only read at trace. Any thread.
void log_request(const HttpRequest& request, const HttpResponse& response);

}  // namespace uncut::harness
