// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/rrset_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/upstream/wire.hpp"

namespace uncut::harness::upstream {
namespace {

constexpr std::size_t question_tail_octets = 4;   // type and class
constexpr std::size_t fixed_octets = 10;          // of a record behind its owner
constexpr std::size_t string_octets_max = 255;    // RFC 1035 3.3
constexpr std::size_t text_record_octets = 212;   // as long as the TXT records that one meets, SPF and keys
constexpr std::uint16_t query_types_first = 249;  // RFC 6895 3.1: to 255 they are of queries, not of records

/// What the response to a question has besides its answer.
std::size_t overhead_octets(const WireName& name) {
    return header_octets + name.size() + question_tail_octets;
}

/// Of a record without its data: its owner is a pointer to the question, but for the root, which is shorter.
std::size_t record_octets(const WireName& name) {
    return std::min<std::size_t>(2, name.size()) + fixed_octets;
}

std::size_t address_octets(std::uint16_t type) {
    return type == LDNS_RR_TYPE_A ? 4 : 16;
}

bool is_address(std::uint16_t type) {
    return type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA;
}

WireName wire(const RrSetKey& key) {
    return name_from_text(key.name).value_or(WireName(1, '\0'));
}

/// The documentation blocks (RFC 5737, RFC 3849), and behind the three small ones that of benchmarks (RFC 2544).
std::string address_text(std::uint16_t type, std::uint32_t index) {
    constexpr std::array<const char*, 3> blocks{"192.0.2", "198.51.100", "203.0.113"};
    constexpr std::uint32_t block_hosts = 254;
    if (type == LDNS_RR_TYPE_AAAA) return fmt::format("2001:db8::{:x}", index + 1);
    if (index < blocks.size() * block_hosts) {
        return fmt::format("{}.{}", blocks[index / block_hosts], 1 + index % block_hosts);
    }
    const std::uint32_t rest = index - static_cast<std::uint32_t>(blocks.size()) * block_hosts;
    return fmt::format("198.{}.{}.{}", 18 + rest / 65536, rest / 256 % 256, rest % 256);
}

RecordTexts address_texts(std::uint16_t type, std::size_t count) {
    RecordTexts out;
    for (std::uint32_t i = 0; i < count; ++i) out.push_back(address_text(type, i));
    return out;
}

/// TXT records of one string each that take exactly so many octets on the wire.
RecordTexts text_of_octets(std::size_t octets, std::size_t without_data) {
    RecordTexts out;
    while (octets > 0) {
        std::size_t taken = std::min(octets, text_record_octets);
        // What is left must be able to be a record: it goes along if it fits, else it becomes one.
        const std::size_t left = octets - taken;
        if (left > 0 && left < text_record_octets && taken + left <= without_data + 1 + string_octets_max)
            taken += left;
        std::string text = fmt::format("{:04} ", out.size() + 1);
        text.resize(taken - without_data - 1, 'x');
        out.push_back('"' + text + '"');
        octets -= taken;
    }
    return out;
}

RecordTexts texts_of(const RrSetKey& key, const RrSetSpec& spec) {
    if (const auto* texts = std::get_if<RecordTexts>(&spec.data)) return *texts;
    if (const auto* count = std::get_if<AddressCount>(&spec.data)) return address_texts(key.type, count->addresses);
    const WireName name = wire(key);
    const std::size_t octets = std::get<ResponseSize>(spec.data).octets - overhead_octets(name);
    const std::size_t without_data = record_octets(name);
    if (!is_address(key.type)) return text_of_octets(octets, without_data);
    return address_texts(key.type, octets / (without_data + address_octets(key.type)));
}

}  // namespace

std::expected<RrSetKey, KeyError> rrset_key(std::string_view name, std::string_view type) {
    const auto read_name = name_from_text(name);
    if (!read_name) return std::unexpected(KeyError{true, read_name.error()});
    const auto read_type = type_from_text(type);
    if (!read_type) return std::unexpected(KeyError{false, read_type.error()});
    if (*read_type == LDNS_RR_TYPE_OPT || (*read_type >= query_types_first && *read_type <= 255)) {
        return std::unexpected(KeyError{false, fmt::format("\"{}\" is no type of records in a zone", type)});
    }
    return RrSetKey{name_to_text(lower(*read_name)), *read_type};
}

SpecRange address_range(const RrSetKey& key) {
    if (!is_address(key.type)) return {};
    const WireName name = wire(key);
    const std::size_t room = message_octets_max - overhead_octets(name) - opt_octets;
    return {1, static_cast<std::uint32_t>(room / (record_octets(name) + address_octets(key.type)))};
}

SpecRange octet_range(const RrSetKey& key) {
    if (!is_address(key.type) && key.type != LDNS_RR_TYPE_TXT) return {};
    const WireName name = wire(key);
    const std::size_t data = is_address(key.type) ? address_octets(key.type) : 1;
    return {static_cast<std::uint32_t>(overhead_octets(name) + record_octets(name) + data),
            static_cast<std::uint32_t>(message_octets_max)};
}

std::expected<std::vector<RrPtr>, SpecError> make_records(const RrSetKey& key, const RrSetSpec& spec) {
    std::vector<RrPtr> out;
    const RecordTexts texts = texts_of(key, spec);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto record = read_record(key.name, key.type, spec.ttl_s, texts[i]);
        if (!record) return std::unexpected(SpecError{i, record.error()});
        out.push_back(std::move(*record));
    }
    return out;
}

RrSetSpec spec_of(std::uint32_t ttl_s, const std::vector<RrPtr>& records) {
    RecordTexts texts;
    for (const RrPtr& record : records) texts.push_back(data_text(*record));
    return {ttl_s, std::move(texts)};
}

std::expected<Answers, ZoneTextError> answers_of_text(std::string_view zone_text) {
    auto records = read_zone_text(zone_text);
    if (!records) return std::unexpected(records.error());
    std::map<RrSetKey, std::pair<std::uint32_t, RecordTexts>> sets;
    for (const RrPtr& record : *records) {
        const RrSetKey key{name_to_text(owner_of(*record)), static_cast<std::uint16_t>(ldns_rr_get_type(record.get()))};
        if (ldns_rr_get_class(record.get()) != LDNS_RR_CLASS_IN) {
            return std::unexpected(ZoneTextError{0, fmt::format("{} {}: expected class IN", key.name, key.type)});
        }
        auto& [ttl_s, texts] = sets.try_emplace(key, ldns_rr_ttl(record.get()), RecordTexts{}).first->second;
        // RFC 2181 5.2: an RRset has one TTL, and where it has several the lowest counts.
        ttl_s = std::min(ttl_s, ldns_rr_ttl(record.get()));
        texts.push_back(data_text(*record));
    }
    Answers answers;
    for (auto& [key, set] : sets) answers.emplace(key, RrSetSpec{set.first, std::move(set.second)});
    return answers;
}

std::expected<std::shared_ptr<const Zones>, std::string> make_zones(const Answers& answers) {
    if (answers.size() > rrsets_max) return std::unexpected(fmt::format("more than {} RRsets", rrsets_max));
    std::vector<RrPtr> all;
    for (const auto& [key, spec] : answers) {
        auto records = make_records(key, spec);
        if (!records) {
            return std::unexpected(fmt::format("{} {}: {}", key.name, type_to_text(key.type), records.error().reason));
        }
        if (all.size() + records->size() > records_max) {
            return std::unexpected(fmt::format("more than {} records in all", records_max));
        }
        std::ranges::move(*records, std::back_inserter(all));
    }
    auto zones = std::make_shared<Zones>();
    zones->add_records(std::move(all));
    return zones;
}

}  // namespace uncut::harness::upstream
