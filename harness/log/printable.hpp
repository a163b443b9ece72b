// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace uncut::harness {

/// The text as UTF-8 (RFC 3629 section 3), which JSON has to be: U+FFFD in place of each octet that is not part of it.
std::string utf8_text(std::string_view text);

/// The text as a terminal may show it: UTF-8, every control character written as an escape (\n, \x1b, \u009b), so that
/// what came over the network neither moves the cursor nor begins a line. A backslash stays one: names have their own.
std::string printable(std::string_view text);

}  // namespace uncut::harness
