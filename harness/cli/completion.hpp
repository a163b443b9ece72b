// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uncut::harness {

struct CompletionOptions {
    std::string shell;  // bash
};

/// Prints the shell's completion of this program. Returns the exit status: 0, or 2 for a shell that has none.
int run_completion(const CompletionOptions& options);

}  // namespace uncut::harness
