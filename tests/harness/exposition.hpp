// SPDX-License-Identifier: Apache-2.0
// Prometheus's text exposition format 0.0.4, read strictly: whatever a scraper may trip over is an error.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::harness::test {

struct Sample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
};

struct Exposition {
    std::map<std::string, std::string> types;  ///< of each family
    std::map<std::string, std::string> helps;
    std::vector<Sample> samples;

    /// The sum of all samples of this name that have these labels.
    double sum(std::string_view name, const std::map<std::string, std::string>& labels = {}) const;
};

/// Throws std::runtime_error that names the line.
Exposition parse_exposition(std::string_view text);

}  // namespace uncut::harness::test
