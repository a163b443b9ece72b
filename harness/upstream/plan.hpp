// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "harness/upstream/fault.hpp"
#include "harness/upstream/mangle.hpp"
#include "harness/upstream/query.hpp"
#include "harness/upstream/truncate.hpp"

namespace uncut::harness::upstream {

/// What TCP does wrong with the answers to one query.
struct TcpManners {
    bool reset = false;
    std::optional<std::uint32_t> stall_octets{};
    std::optional<std::uint32_t> close_octets{};
    bool one_octet = false;
    std::int32_t length_difference = 0;
    bool coalesce = false;
    std::uint32_t reorder_count = 0;  ///< 0: the order is kept
};

/// All that the faults make of one query.
struct Plan {
    ResponseOptions response;
    Defects defects;
    TcpManners tcp;
    std::optional<std::uint16_t> rcode;
    bool formerr_edns = false;
    bool size_max = false;
    bool shape_over_tcp = false;
    bool drop = false;
    bool duplicate = false;
    bool wrong_id = false;
    bool wrong_question = false;
    bool wrong_source = false;
    bool empty_datagram = false;
    std::uint32_t garbage_octets = 0;
    std::uint32_t delay_ms = 0;
    std::optional<std::uint32_t> atr_delay_ms;
};

/// A query, and what its answer would be without faults.
struct Occasion {
    const Query& query;
    Transport transport;
    std::size_t limit_octets;  ///< over UDP
    std::size_t whole_octets;  ///< of the whole response, its OPT included; 0: there are no records to be had
};

/// A fault as it stands in the list.
struct NumberedFault {
    std::uint64_t id = 0;
    std::uint64_t serial = 0;  ///< another one for each change: what is known by it goes on where it was
    Fault fault;
};

struct FaultState {
    std::uint64_t id = 0;
    Fault fault;
    std::uint64_t struck = 0;  ///< queries; of tcp_close_burst: connections
};

/// The faults in force. One thread at a time.
class FaultSet {
  public:
    /// Checks them; the error says which fault and what was expected.
    static std::expected<FaultSet, std::string> make(std::vector<NumberedFault> faults);

    /// Lets those that `before` has too, by their serial, go on where they are there.
    void continue_from(FaultSet&& before);
    /// Combines all faults that strike this query, and counts for each that it has struck.
    Plan plan(const Occasion& occasion);
    /// Whether TCP is not to listen at all.
    bool tcp_refused() const;
    /// Whether a connection that has just been accepted is to be closed.
    bool close_connection();
    std::vector<FaultState> states() const;

  private:
    struct Armed {
        std::uint64_t id;
        std::uint64_t serial;
        Fault fault;
        WireName name;  // in lower case; empty is any
        std::mt19937_64 random;
        std::uint64_t struck = 0;
    };
    static bool strikes(Armed& armed, const Occasion& occasion, const Plan& plan);

    std::vector<Armed> armed_;
};

}  // namespace uncut::harness::upstream
