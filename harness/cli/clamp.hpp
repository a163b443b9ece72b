// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <string>

namespace uncut::harness {

struct ClampOptions {
    std::uint32_t bufsize = 1232;  ///< octets, 512 to 4096
    std::string edns = "keep";     ///< keep, add
    std::string file = "-";        ///< the query; "-" is standard input
};

/// Reads a query, lowers the UDP payload size that it advertises, writes it to standard output. Returns the exit code:
/// 0 done, 1 malformed (status and octet on standard error, nothing written), 2 usage or I/O.
int run_clamp(const ClampOptions& options, const uncut_module& module);

}  // namespace uncut::harness
