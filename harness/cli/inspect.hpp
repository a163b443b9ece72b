// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace uncut::harness {

struct InspectOptions {
    std::vector<std::string> files;  ///< "-" is standard input
    bool hex = false;                ///< the files are hexadecimal text (with `framed`: of frames)
    bool framed = false;             ///< each message has its length in two octets before it, as over TCP
    std::string query_file;          ///< the query that the messages answer, in the same form; "" is none
};

/// How one message is to be judged.
struct InspectRequest {
    std::string file;
    std::span<const std::uint8_t> octets;
    std::span<const std::uint8_t> query;  ///< empty: none
    bool tcp = false;
    bool short_frame = false;  ///< the length before it promised more octets than there are
};

struct InspectRow {
    std::string json;  ///< one object, without the end of line
    bool ok = false;
};

/// Reads one message through the ABI.
InspectRow inspect_row(const InspectRequest& request, const uncut_module& module);

/// Prints a row for each message to standard output. Returns the exit code: 0 all parse, 1 some do not, 2 usage or I/O
/// (said on standard error).
int run_inspect(const InspectOptions& options, const uncut_module& module);

}  // namespace uncut::harness
