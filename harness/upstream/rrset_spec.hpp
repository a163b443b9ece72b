// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/upstream/name.hpp"
#include "harness/upstream/zone.hpp"
#include "harness/upstream/zone_text.hpp"

namespace uncut::harness::upstream {

inline constexpr std::uint32_t answer_ttl_s = 30;  // what short-lived cluster records have
// RFC 2181 8: a TTL has 31 bits.
inline constexpr std::uint32_t ttl_s_max = 2'147'483'647;
// What a response of 65,535 octets has room for, were each record without data.
inline constexpr std::size_t rrset_records_max = 5'000;
// A story has some dozens; a zone that somebody brings along, some hundreds. Each write builds all of them anew.
inline constexpr std::size_t rrsets_max = 4'096;
inline constexpr std::size_t records_max = 65'536;  // of all RRsets: some 20 MB as ldns keeps them

/// So many addresses, none of them anybody's.
struct AddressCount {
    std::uint32_t addresses = 0;
};
/// A response of so many octets, question included, OPT not: exactly for TXT, the most addresses that fit for A, AAAA.
struct ResponseSize {
    std::uint32_t octets = 0;
};
/// The data of each record in zone syntax.
using RecordTexts = std::vector<std::string>;

/// What an RRset of the scripted upstream is made from.
struct RrSetSpec {
    std::uint32_t ttl_s = answer_ttl_s;
    std::variant<RecordTexts, AddressCount, ResponseSize> data;
};

/// An RRset by name and type. Sorted as it is listed: by name in presentation form (lower case, final dot), then type.
struct RrSetKey {
    std::string name;
    std::uint16_t type = 0;

    auto operator<=>(const RrSetKey&) const = default;
};

using Answers = std::map<RrSetKey, RrSetSpec>;

/// The key of a name and a type as people write them; the error says which of the two is wrong with what.
struct KeyError {
    bool of_name = false;  ///< else of the type
    std::string reason;
};
std::expected<RrSetKey, KeyError> rrset_key(std::string_view name, std::string_view type);

/// From the least to the most that a spec may say for this key; most is 0 where the type has no such thing.
struct SpecRange {
    std::uint32_t least = 0;
    std::uint32_t most = 0;
};
SpecRange address_range(const RrSetKey& key);
SpecRange octet_range(const RrSetKey& key);

/// What is wrong with a spec: its record (or none), and why.
struct SpecError {
    std::optional<std::size_t> record;
    std::string reason;
};
/// The records that a spec makes, within its ranges. The error is ldns's word on a record's text.
std::expected<std::vector<RrPtr>, SpecError> make_records(const RrSetKey& key, const RrSetSpec& spec);

/// The spec of records as they are, in one spelling.
RrSetSpec spec_of(std::uint32_t ttl_s, const std::vector<RrPtr>& records);

/// The RRsets of master-file text.
std::expected<Answers, ZoneTextError> answers_of_text(std::string_view zone_text);

/// The zones that the specs make; the error names the RRset, or the limit that is passed.
std::expected<std::shared_ptr<const Zones>, std::string> make_zones(const Answers& answers);

}  // namespace uncut::harness::upstream
