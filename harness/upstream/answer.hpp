// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "harness/upstream/query.hpp"
#include "harness/upstream/zone.hpp"

namespace uncut::harness::upstream {

/// A response on the wire that lacks only what differs from query to query: ID, flags, letter case, OPT.
struct WireAnswer {
    /// A place between two RRsets where the response may end, and the counts it then has.
    struct Cut {
        std::size_t octets = 0;
        std::array<std::uint16_t, 3> counts{};  ///< answer, authority, additional
    };

    std::vector<std::uint8_t> octets;  ///< header, question, records compressed
    std::vector<Cut> cuts;             ///< ascending; the first is behind the question, the last is the whole
    std::size_t required_cut = 0;      ///< index into cuts: what is behind it is optional (RFC 2181 9)
    std::size_t chain_cut = 0;         ///< index into cuts: where the CNAMEs that the answer begins with end
    std::uint16_t rcode = 0;
    bool authoritative = false;

    const Cut& whole() const { return cuts.back(); }
};

/// Writes what the zones say to a question with ldns, names compressed. SERVFAIL where ldns cannot.
WireAnswer build_answer(const Zones& zones, const WireName& name, std::uint16_t type, bool dnssec);

/// Answers by question, each built once. One thread at a time.
class AnswerCache {
  public:
    explicit AnswerCache(std::shared_ptr<const Zones> zones) : zones_(std::move(zones)) {}

    /// The reference holds until the next call.
    const WireAnswer& get(const Query& query);

    const Zones& zones() const { return *zones_; }

  private:
    // Names that do not exist are cached too, and clients can make up any number: past this it starts anew.
    static constexpr std::size_t answers_max = 8192;
    static constexpr std::size_t octets_max = 64U << 20;  // a wildcard can make each of them 64 KiB

    std::shared_ptr<const Zones> zones_;
    std::unordered_map<std::string, WireAnswer> answers_;
    std::size_t octets_ = 0;
    std::string key_;  // kept for its room
};

}  // namespace uncut::harness::upstream
