// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/upstream/query.hpp"
#include "harness/upstream/truncate.hpp"

namespace uncut::harness::upstream {

/// What the upstream does wrong. The first group says what becomes of an answer that is too long, the second what
/// is answered, the third what happens on the way, the fourth what TCP does.
enum class FaultKind : std::uint8_t {
    tc_partial,      ///< value: the limit in octets (0: the one in force); whole RRsets dropped, TC set
    tc_empty,        ///< value: as above; nothing but the question, TC set
    dangling_cname,  ///< value: as above; the chain without its addresses, TC lost
    oversize,        ///< longer than advertised, whole, TC clear
    cut,             ///< value: the octets sent (0: the limit in force); the rest is lost, TC clear
    tc_over_tcp,     ///< what is too long over UDP is so over TCP too, and truncated alike

    rcode,         ///< value: the RCODE, 0 to 4095 (over 15 only towards an OPT); no records
    formerr_edns,  ///< a query with an OPT gets FORMERR without one

    drop,            ///< no answer
    delay,           ///< value: milliseconds before the answer
    wrong_id,        ///< an answer with another ID comes first
    wrong_question,  ///< an answer to another question comes first
    garbage,         ///< octets that are no message come first (UDP)
    duplicate,       ///< the answer comes twice

    tcp_refused,      ///< the TCP port does not listen: for all names alike, whatever the match
    tcp_reset,        ///< RST after the query
    tcp_stall,        ///< value: octets sent, the length included, before nothing more comes
    tcp_close_early,  ///< value: octets sent, the length included, before the connection is closed
};

/// What a kind is called and what its value means; "" where it has none.
struct FaultKindInfo {
    FaultKind kind;
    std::string_view name;
    std::string_view value_unit;
};
std::span<const FaultKindInfo> fault_kinds();
std::string_view fault_name(FaultKind kind);
std::optional<FaultKind> fault_from_name(std::string_view name);

/// Which queries a fault strikes; what is left out matches all.
struct FaultMatch {
    std::string name{};  ///< presentation form, letter case ignored; "" is any
    std::optional<std::uint16_t> type{};
    std::optional<Transport> transport{};
};

struct Fault {
    FaultKind kind = FaultKind::drop;
    FaultMatch match{};
    std::uint32_t value = 0;
    std::uint32_t times = 0;   ///< how many queries it strikes before it is spent; 0: without end
    double probability = 1.0;  ///< of striking a query that matches; drawn from the seeded generator
};

/// All that the faults make of one query.
struct Plan {
    ResponseOptions response;
    std::optional<std::uint16_t> rcode;
    bool shape_over_tcp = false;
    bool formerr_edns = false;
    bool drop = false;
    bool wrong_id = false;
    bool wrong_question = false;
    bool garbage = false;
    bool duplicate = false;
    bool tcp_reset = false;
    std::optional<std::uint32_t> tcp_stall_octets;
    std::optional<std::uint32_t> tcp_close_octets;
    std::uint32_t delay_ms = 0;
};

/// The faults in force. One thread at a time.
class FaultSet {
  public:
    /// Checks them; the error says which fault and what was expected.
    static std::expected<FaultSet, std::string> make(std::vector<Fault> faults, std::uint64_t seed);

    /// Combines all faults that strike this query, counting down those that have a number of times. `limit_octets`
    /// is the size that would be in force without any.
    Plan plan(const Query& query, Transport transport, std::size_t limit_octets);

    /// Whether TCP is not to listen at all.
    bool tcp_refused() const;
    /// As they stand: `times` is what is left of them, the spent ones are gone.
    std::vector<Fault> faults() const;

  private:
    struct Armed {
        Fault fault;
        WireName name;  // in lower case; empty is any
    };
    std::vector<Armed> armed_;
    std::mt19937_64 random_;
};

}  // namespace uncut::harness::upstream
