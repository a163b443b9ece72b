// SPDX-License-Identifier: Apache-2.0
// A message as plain values, read with no cleverness at all: the second opinion of the tests on what was kept.
#pragma once

#include <algorithm>
#include <compare>
#include <vector>

#include "module/wire/message.hpp"
#include "module/wire/name.hpp"
#include "module/wire/rdata.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

namespace uncut::test {

struct PlainRecord {
    int section;
    Bytes owner;  // expanded, letter case kept
    std::uint16_t type;
    std::uint16_t rclass;
    std::uint32_t ttl;
    Bytes rdata;  // its names expanded

    bool operator==(const PlainRecord&) const = default;
};

struct Plain {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;
    Bytes question;
    std::vector<PlainRecord> records;  // OPT left out
    Bytes opt;
};

inline Bytes expanded(const Bytes& message, std::uint32_t offset) {
    wire::Name name;
    wire::expand_name(message.data(), offset, name);
    return {name.span().begin(), name.span().end()};
}

inline Bytes plain_rdata(const Bytes& message, const wire::Record& record) {
    const wire::RdataRule rule = wire::rdata_rule(record.type);
    std::uint32_t at = record.rdata();
    Bytes octets;
    if (rule.names != 0) {
        REQUIRE(wire::skip_before_names(rule, message.data(), record.end, at));
        octets.assign(message.begin() + record.rdata(), message.begin() + at);
        for (int name = 0; name != rule.names; ++name) {
            octets = octets + expanded(message, at);
            at = wire::skip_name(message.data(), at);
        }
    }
    octets.insert(octets.end(), message.begin() + at, message.begin() + record.end);
    return octets;
}

inline Plain plain(const Bytes& message) {
    wire::Message view;
    REQUIRE(wire::parse(message, view) == UNCUT_OK);
    Plain result{view.id,
                 view.flags,
                 {view.question().begin(), view.question().end()},
                 {},
                 {view.opt().begin(), view.opt().end()}};
    for (int section = wire::answer; section <= wire::additional; ++section) {
        std::uint32_t offset = view.section_offsets[section];
        for (std::uint32_t left = view.counts[section]; left != 0; --left) {
            const wire::Record record = wire::record_at(message.data(), offset);
            offset = record.end;
            if (record.type == wire::type::opt) continue;
            result.records.push_back({section, expanded(message, record.offset), record.type, record.rclass,
                                      wire::load32(message.data() + record.fixed + 4), plain_rdata(message, record)});
        }
    }
    return result;
}

// Whether two records belong to one RRset.
inline bool together(const PlainRecord& one, const PlainRecord& other) {
    return one.section == other.section && one.type == other.type && one.rclass == other.rclass &&
           wire::equal_fold(one.owner, other.owner);
}

}  // namespace uncut::test
