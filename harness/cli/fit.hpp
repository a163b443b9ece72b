// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <string>

namespace uncut::harness {

struct FitOptions {
    std::uint32_t limit = 1232;  ///< octets, 512 to 65,535
    std::string fit = "rrset";   ///< rrset, fill, empty, subset
    std::uint32_t rotate = 0;    ///< subset: which address comes first
    std::string file = "-";      ///< the response; "-" is standard input
};

/// Reads a response, makes it fit the limit, writes it to standard output. Returns the exit code: 0 done, 1 malformed
/// (status and octet on standard error, nothing written), 2 usage or I/O.
int run_fit(const FitOptions& options, const uncut_module& module);

}  // namespace uncut::harness
