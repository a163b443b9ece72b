// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/upstream/ldns_handles.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness::upstream {

/// One RRset as it goes into a response: its records and behind them the signatures that must go along
/// (RFC 4035 3.1.1).
struct RrSetCopy {
    std::uint16_t type = 0;
    std::vector<RrPtr> records;
};

/// What the zones say to a question. CNAMEs have been followed as far as the loaded zones reach.
struct Lookup {
    std::uint16_t rcode = LDNS_RCODE_NOERROR;
    bool authoritative = true;
    bool referral = false;  ///< the additional section is glue, and so required (RFC 9471)
    std::vector<RrSetCopy> answer;
    std::vector<RrSetCopy> authority;
    std::vector<RrSetCopy> additional;
};

/// The records of any number of zones; every name that owns an SOA is an apex. Immutable once built, hence readable
/// from any thread.
class Zones {
  public:
    /// Reads master-file text (RFC 1035 5; $ORIGIN and $TTL yes, $INCLUDE no). `source` is what errors call it; an
    /// error says "source:line: what ldns said".
    std::expected<void, std::string> add_text(std::string_view text, const std::string& source = "zone text");
    std::expected<void, std::string> add_file(const std::filesystem::path& path);

    void add_records(std::vector<RrPtr> records);

    /// Answers a question of class IN. `dnssec` adds the signatures that the zone has. The name is in lower case.
    Lookup lookup(const WireName& name, std::uint16_t type, bool dnssec) const;

    std::size_t record_count() const { return records_; }

  private:
    struct RrSet {
        std::uint16_t type = 0;
        std::vector<RrPtr> records;
        std::vector<RrPtr> signatures;
    };
    struct Node {
        std::vector<RrSet> sets;
        const RrSet* find(std::uint16_t type) const;
        RrSet& find_or_add(std::uint16_t type);
    };
    /// Where a name stands in the zones.
    struct Place {
        const Node* node = nullptr;        ///< of the name itself, or of the wildcard that covers it
        const Node* apex = nullptr;        ///< of the closest enclosing zone
        const Node* delegation = nullptr;  ///< the highest cut between the apex and the name
        bool is_cut = false;               ///< the name itself is that cut
    };

    void add(RrPtr record);
    void add_empty_non_terminals();
    const Node* find(std::string_view name) const;
    Place place(const WireName& name) const;
    static RrSetCopy copy(const RrSet& set, const WireName& owner, bool dnssec);
    static void add_soa(const Place& place, bool dnssec, Lookup& out);
    void refer(const Node& delegation, bool dnssec, Lookup& out) const;
    void add_additional(const std::vector<RrSetCopy>& from, bool dnssec, Lookup& out) const;

    std::unordered_map<WireName, Node> nodes_;  // names in lower case
    std::size_t records_ = 0;
};

}  // namespace uncut::harness::upstream
