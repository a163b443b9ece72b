// SPDX-License-Identifier: Apache-2.0
#include "bench/parse/report.hpp"

#include <algorithm>
#include <cstdio>

namespace uncut::bench {

namespace {

struct Judged {
    bool measured = false;
    double ratio = 0;
    bool reached = true;
};

Judged judge(const Measurements& measurements, const Requirement& requirement) {
    if (!measurements.has(requirement.over) || !measurements.has(requirement.under)) return {};
    Judged judged{true, 0, true};
    judged.ratio = measurements.best_ns(requirement.over) / requirement.over_octets /
                   (measurements.best_ns(requirement.under) / requirement.under_octets);
    const bool within =
        requirement.bound == Bound::at_most ? judged.ratio <= requirement.limit : judged.ratio >= requirement.limit;
    judged.reached = within || !requirement.excused.empty();
    return judged;
}

const char* sign(const Requirement& requirement) {
    return requirement.bound == Bound::at_most ? "<=" : ">=";
}

std::string said(const Requirement& requirement, const Judged& judged) {
    if (!judged.measured) return "not measured";
    if (!requirement.excused.empty()) return requirement.excused;
    return judged.reached ? "pass" : "MISS";
}

void print_text(const Measurements& measurements, const std::map<std::string, std::size_t>& octets,
                const std::vector<Requirement>& requirements) {
    std::printf("%-34s %8s %12s %12s %10s\n", "benchmark", "octets", "best ns", "median ns", "ns/octet");
    for (const std::string& name : measurements.names()) {
        const double best = measurements.best_ns(name);
        const auto length = octets.at(name);
        std::printf("%-34s %8zu %12.1f %12.1f %10.3f\n", name.c_str(), length, best, measurements.median_ns(name),
                    best / static_cast<double>(length));
    }
    std::printf("\n%-66s %8s %8s\n", "requirement (CPU time, best repetitions of one run)", "ratio", "bound");
    for (const Requirement& requirement : requirements) {
        const Judged judged = judge(measurements, requirement);
        std::printf("%-66s %8.2f %2s %5.1f  %s\n", requirement.text.c_str(), judged.ratio, sign(requirement),
                    requirement.limit, said(requirement, judged).c_str());
    }
}

// Names and texts are this program's own: nothing in them needs escaping.
void print_json(const Measurements& measurements, const std::map<std::string, std::size_t>& octets,
                const std::vector<Requirement>& requirements) {
    std::printf("{\"benchmarks\":[");
    const char* separator = "";
    for (const std::string& name : measurements.names()) {
        std::printf("%s\n  {\"name\":\"%s\",\"octets\":%zu,\"best_ns\":%.2f,\"median_ns\":%.2f}", separator,
                    name.c_str(), octets.at(name), measurements.best_ns(name), measurements.median_ns(name));
        separator = ",";
    }
    std::printf("],\n \"requirements\":[");
    separator = "";
    for (const Requirement& requirement : requirements) {
        const Judged judged = judge(measurements, requirement);
        std::printf("%s\n  {\"text\":\"%s\",\"ratio\":%.3f,\"bound\":\"%s %.2f\",\"result\":\"%s\"}", separator,
                    requirement.text.c_str(), judged.ratio, sign(requirement), requirement.limit,
                    said(requirement, judged).c_str());
        separator = ",";
    }
    std::printf("]}\n");
}

}  // namespace

bool Measurements::ReportContext(const Context&) {
    return true;
}

void Measurements::ReportRuns(const std::vector<Run>& runs) {
    for (const Run& run : runs) {
        if (run.run_type == Run::RT_Iteration)
            nanoseconds_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
    }
}

double Measurements::best_ns(const std::string& name) const {
    const std::vector<double>& samples = nanoseconds_.at(name);
    return *std::min_element(samples.begin(), samples.end());
}

double Measurements::median_ns(const std::string& name) const {
    std::vector<double> sorted = nanoseconds_.at(name);
    std::sort(sorted.begin(), sorted.end());
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

std::vector<std::string> Measurements::names() const {
    std::vector<std::string> names;
    for (const auto& [name, samples] : nanoseconds_) names.push_back(name);
    return names;
}

bool print_report(const Measurements& measurements, const std::map<std::string, std::size_t>& octets,
                  const std::vector<Requirement>& requirements, bool json) {
    (json ? print_json : print_text)(measurements, octets, requirements);
    return std::all_of(requirements.begin(), requirements.end(),
                       [&](const Requirement& requirement) { return judge(measurements, requirement).reached; });
}

}  // namespace uncut::bench
