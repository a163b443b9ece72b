// SPDX-License-Identifier: Apache-2.0
// The built program `uncut`, as a server that a test runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <uncut_paths.hpp>

#include "tests/support/namespace.hpp"
#include "tests/support/net.hpp"
#include "tests/support/process.hpp"

namespace uncut::test {

struct UncutOptions {
    const Namespace* where = nullptr;  ///< null: where the test is
    std::vector<std::string> environment;
    std::string program = UNCUT_BIN;
};

/// Runs, and listens, from the constructor to the destructor.
class UncutProgram {
  public:
    /// `arguments` begin with "serve" or "demo". Throws std::runtime_error, with what it said, if it does not come up.
    explicit UncutProgram(std::vector<std::string> arguments, const UncutOptions& options = {});

    /// Where it says that it listens.
    const Endpoint& dns() const { return dns_; }
    const Endpoint& before() const { return before_; }
    const Endpoint& upstream() const { return upstream_; }
    const Endpoint& admin() const { return admin_; }

    Process& process() { return process_; }

  private:
    Process process_;
    Endpoint dns_;
    Endpoint before_;
    Endpoint upstream_;
    Endpoint admin_;
};

/// `uncut serve` in front of `upstream`, at any free port, with an admin API; more arguments at the end.
std::vector<std::string> serve_arguments(const Endpoint& upstream, std::vector<std::string> more = {});

/// Runs `uncut` to its end.
Ended run_uncut(const std::vector<std::string>& arguments, Milliseconds timeout = patience);

}  // namespace uncut::test
