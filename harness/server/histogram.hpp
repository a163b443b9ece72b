// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace uncut::harness {

// The sizes at which answers meet a limit: RFC 1035's, the field's defaults, a common MTU, BIND's and Unbound's old
// default, and the most that there is.
inline constexpr std::array<std::uint64_t, 8> response_octets_bounds = {128,   256,   512,    1'232,
                                                                        1'400, 4'096, 16'384, 65'535};
// From an answer on the same machine to glibc's patience.
inline constexpr std::array<std::uint64_t, 15> latency_us_bounds = {100,     250,     500,       1'000,     2'500,
                                                                    5'000,   10'000,  25'000,    50'000,    100'000,
                                                                    250'000, 500'000, 1'000'000, 2'500'000, 5'000'000};

/// How often a value fell where, between upper bounds that each belong to what is below them. No allocation.
template <const auto& Bounds>
struct Histogram {
    std::array<std::uint64_t, Bounds.size() + 1> counts{};  ///< the last: above all bounds
    std::uint64_t sum = 0;

    void observe(std::uint64_t value) {
        std::size_t bucket = 0;
        while (bucket < Bounds.size() && value > Bounds[bucket]) ++bucket;
        ++counts[bucket];
        sum += value;
    }
    Histogram& operator+=(const Histogram& other) {
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
        sum += other.sum;
        return *this;
    }
};

/// The responses of the engines to the clients of one transport; zone transfers aside.
struct ResponseHistograms {
    Histogram<response_octets_bounds> octets;
    Histogram<latency_us_bounds> latency_us;  ///< from the query's round of the loop to the answer's

    void observe(std::uint64_t response_octets, std::uint64_t response_latency_us) {
        octets.observe(response_octets);
        latency_us.observe(response_latency_us);
    }
    ResponseHistograms& operator+=(const ResponseHistograms& other) {
        octets += other.octets;
        latency_us += other.latency_us;
        return *this;
    }
};

}  // namespace uncut::harness
