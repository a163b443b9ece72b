// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "harness/admin/router.hpp"

namespace uncut::harness {

/// GET / and a GET for each file of the page.
void add_page_resources(Router& router);

/// Whether a request's target, query included, is a file of the page. Those are open to everybody: the page has to be
/// there before it can ask for a token, and holds nothing that the program's sources do not.
bool is_page(std::string_view target);

}  // namespace uncut::harness
