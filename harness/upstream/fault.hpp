// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "harness/upstream/fault_kind.hpp"
#include "harness/upstream/query.hpp"

namespace uncut::harness::upstream {

// A story has a handful, a tester at play some dozens; each is looked at for every query.
inline constexpr std::size_t faults_max = 256;

/// Which queries a fault strikes; what is left out matches all.
struct FaultMatch {
    std::string name{};  ///< presentation form, letter case ignored; "" is any
    std::optional<std::uint16_t> type{};
    std::optional<Transport> transport{};
};

struct Fault {
    FaultKind kind = FaultKind::drop;
    FaultMatch match{};
    FaultParameters parameters{};
    std::uint32_t times = 0;   ///< how many queries it strikes before it is spent; 0: without end
    double probability = 1.0;  ///< of striking a query that matches
    std::uint32_t seed = 1;    ///< of the fault's own generator, which the probability is drawn from
};

/// What a fault cannot be: its field (as JSON calls it), what was expected there, and what is there.
struct FaultError {
    std::string field;
    std::string expected;
    std::string got;

    /// "rcode: octets: expected X, got Y"
    std::string text(FaultKind kind) const;
};

/// The fault with its parameters' defaults and its name in one spelling; or what is wrong with it.
std::expected<Fault, FaultError> checked(Fault fault);

}  // namespace uncut::harness::upstream
