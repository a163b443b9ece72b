// SPDX-License-Identifier: Apache-2.0
// The module under measurement, loaded as any host loads it.
#pragma once

#include <uncut.h>

#include <string>

namespace uncut::bench {

// The table of the module at `path`, which stays loaded. Throws std::runtime_error that says what is wrong.
const uncut_module& load_module(const std::string& path);

}  // namespace uncut::bench
