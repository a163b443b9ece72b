// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/fit.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/cli/input.hpp"
#include "harness/cli/refusal.hpp"

namespace uncut::harness {
namespace {

// The least that the ABI documents for uncut_fit_options.limit.
constexpr std::uint32_t limit_min = 512;

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 4> modes{{
    {"rrset", UNCUT_FIT_RRSET},
    {"fill", UNCUT_FIT_FILL},
    {"empty", UNCUT_FIT_EMPTY},
    {"subset", UNCUT_FIT_SUBSET},
}};

std::optional<std::uint32_t> mode_by_name(std::string_view name) {
    for (const auto& [known, mode] : modes) {
        if (known == name) return mode;
    }
    return std::nullopt;
}

int usage(const std::string& message) {
    fmt::print(stderr, "uncut fit: {}\n", message);
    return 2;
}

}  // namespace

int run_fit(const FitOptions& options, const uncut_module& module) {
    if (options.limit < limit_min || options.limit > UNCUT_MESSAGE_OCTETS_MAX) {
        return usage(fmt::format("--limit {}: expected {} to {}", options.limit, limit_min, UNCUT_MESSAGE_OCTETS_MAX));
    }
    const std::optional<std::uint32_t> mode = mode_by_name(options.fit);
    if (!mode) return usage(fmt::format("--fit {}: expected rrset, fill, empty or subset", options.fit));
    auto response = read_input(options.file);
    if (!response) return usage(response.error());
    uncut_fit_options how{};
    how.size = UNCUT_STRUCT_SIZE(uncut_fit_options, rotate);
    how.limit = options.limit;
    how.mode = *mode;
    how.rotate = options.rotate;
    uncut_fit_result result{};
    result.size = UNCUT_STRUCT_SIZE(uncut_fit_result, rebuilt);
    const std::size_t octets = response->size();
    response->resize(octets + 1);  // a message of no octets still needs an address: the ABI takes no NULL
    Octets out(UNCUT_MESSAGE_OCTETS_MAX);
    const uncut_status status = module.fit(response->data(), octets, &how, out.data(), out.size(), &result);
    if (status != UNCUT_OK) return report_refusal("fit", status, result.error_offset, module);
    if (auto written = write_output({out.data(), result.octets}); !written) return usage(written.error());
    return 0;
}

}  // namespace uncut::harness
