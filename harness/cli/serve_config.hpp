// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "harness/cli/config.hpp"
#include "harness/cli/serve.hpp"

namespace uncut::harness {

/// The config file, checked whole, and on top of it the command line. The error is one line that names the option, or
/// the file and the JSON pointer, and what was expected there.
std::expected<Config, std::string> effective_config(const ServeOptions& options);

}  // namespace uncut::harness
