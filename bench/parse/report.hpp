// SPDX-License-Identifier: Apache-2.0
// What was measured, held against what must be reached.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace uncut::bench {

// Collects the CPU time of every repetition; prints nothing by itself.
class Measurements : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context& context) override;
    void ReportRuns(const std::vector<Run>& runs) override;

    bool has(const std::string& name) const { return nanoseconds_.count(name) != 0; }
    // What the ratios are made of: what disturbs a repetition only ever adds to it.
    double best_ns(const std::string& name) const;
    double median_ns(const std::string& name) const;
    std::vector<std::string> names() const;

  private:
    std::map<std::string, std::vector<double>> nanoseconds_;
};

enum class Bound { at_most, at_least };

// (best of `over`, by its octets) : (best of `under`, by its octets). Octets are 1 where they do not matter.
struct Requirement {
    std::string text;
    std::string over;
    std::string under;
    Bound bound = Bound::at_most;
    double limit = 0;
    double over_octets = 1;
    double under_octets = 1;
    std::string excused{};  // a status of the limits band, which counts as reached whatever the ratio
};

// Prints the times, then each requirement with its ratio; false when one is missed. A requirement whose benchmarks
// a filter left out is not judged.
bool print_report(const Measurements& measurements, const std::map<std::string, std::size_t>& octets,
                  const std::vector<Requirement>& requirements, bool json);

}  // namespace uncut::bench
