// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/clamp.hpp"

#include <fmt/format.h>

#include "harness/cli/input.hpp"
#include "harness/cli/refusal.hpp"

namespace uncut::harness {
namespace {

// The range that the ABI documents for uncut_clamp_options.bufsize.
constexpr std::uint32_t bufsize_min = 512;
constexpr std::uint32_t bufsize_max = 4096;

constexpr std::size_t opt_octets = 11;  // what `add` adds: RFC 6891 6.1.2

int usage(const std::string& message) {
    fmt::print(stderr, "uncut clamp: {}\n", message);
    return 2;
}

}  // namespace

int run_clamp(const ClampOptions& options, const uncut_module& module) {
    if (options.bufsize < bufsize_min || options.bufsize > bufsize_max) {
        return usage(fmt::format("--bufsize {}: expected {} to {}", options.bufsize, bufsize_min, bufsize_max));
    }
    if (options.edns != "keep" && options.edns != "add") {
        return usage(fmt::format("--edns {}: expected keep or add", options.edns));
    }
    auto query = read_input(options.file);
    if (!query) return usage(query.error());
    uncut_clamp_options how{};
    how.size = UNCUT_STRUCT_SIZE(uncut_clamp_options, edns);
    how.bufsize = options.bufsize;
    how.edns = options.edns == "add" ? UNCUT_EDNS_ADD : UNCUT_EDNS_KEEP;
    uncut_clamp_result result{};
    result.size = UNCUT_STRUCT_SIZE(uncut_clamp_result, error_offset);
    const std::size_t octets = query->size();
    query->resize(octets + opt_octets);
    const uncut_status status = module.clamp(query->data(), octets, &how, query->data(), query->size(), &result);
    if (status != UNCUT_OK) return report_refusal("clamp", status, result.error_offset, module);
    if (auto written = write_output({query->data(), result.octets}); !written) return usage(written.error());
    return 0;
}

}  // namespace uncut::harness
