// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/completion.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "harness/assets/assets.hpp"
#include "harness/cli/resolver.hpp"

namespace uncut::harness {

int run_completion(const CompletionOptions& options) {
    if (options.shell != "bash") return refuse(fmt::format("completion {}: expected bash", options.shell));
    const Asset* script = find_asset("cli/uncut.bash");
    if (script == nullptr) return refuse("completion bash: not in this program");
    fmt::print("{}", script->content);
    return std::fflush(stdout) == 0 ? 0 : refuse("standard output cannot be written");
}

}  // namespace uncut::harness
