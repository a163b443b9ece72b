// SPDX-License-Identifier: Apache-2.0
// NSD, Knot DNS and BIND, as Debian packages them, started by a test in a folder of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/namespace.hpp"
#include "tests/support/net.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace uncut::test {

enum class Software { nsd, knot, bind };

inline constexpr Software all_software[] = {Software::nsd, Software::knot, Software::bind};

/// The program's name: "nsd", "knotd", "named".
std::string_view program_of(Software software);

struct ServedZone {
    std::string origin;
    std::string text;  ///< presentation form
};

struct RealUpstreamOptions {
    const Namespace* where = nullptr;  ///< null: where the test is
    Endpoint listen{"127.0.0.1", 0};   ///< port 0: a free one
    std::string more;                  ///< appended to its configuration
    unsigned udp_limit = 1232;         ///< octets it sends over UDP at most; Knot takes no less than 1,232
};

/// Runs, and answers, from the constructor to the destructor.
class RealUpstream {
  public:
    /// Throws std::runtime_error, with what the server said, if it does not come up.
    RealUpstream(Software software, std::vector<ServedZone> zones, const RealUpstreamOptions& options);

    const Endpoint& endpoint() const { return endpoint_; }

  private:
    std::vector<std::string> configure(const std::vector<ServedZone>& zones, const RealUpstreamOptions& options) const;
    bool ready(const ServedZone& zone, const Namespace* where) const;

    Software software_;
    TempDir folder_;
    Endpoint endpoint_;
    std::optional<Process> process_;  // ends before the folder goes
};

}  // namespace uncut::test
