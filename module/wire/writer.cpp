// SPDX-License-Identifier: Apache-2.0
#include "module/wire/writer.hpp"

#include <algorithm>

namespace uncut::wire {

namespace {

constexpr std::uint32_t pointer_reach = 0x4000;  // a pointer has 14 bits: RFC 1035 4.1.4
constexpr std::uint16_t pointer_bits = 0xc000;
constexpr std::size_t labels_max = 127;
constexpr std::uint64_t hash_basis = 0xcbf29ce484222325;
constexpr std::uint64_t hash_prime = 0x100000001b3;

std::uint64_t hash_label(std::uint64_t hash, const std::uint8_t* label) noexcept {
    for (std::size_t at = 0; at <= label[0]; ++at) hash = (hash ^ label[at]) * hash_prime;
    return hash;
}

}  // namespace

Writer::Writer(const Message& from, std::span<std::uint8_t> out, std::size_t limit) noexcept
    : from_(from.data),
      out_(out.data()),
      limit_(static_cast<std::uint32_t>(std::min({limit, out.size(), std::size_t{message_octets_max}}))),
      at_(from.section_offsets[answer]) {
    std::memcpy(out_, from_, at_);
    if (from.question_octets == 0) return;
    Name name;
    expand_name(from_, header_octets, name);
    std::array<std::uint8_t, labels_max> offsets;
    std::size_t labels = 0;
    for (std::size_t at = 0; name.octets[at] != 0; at += name.octets[at] + 1u)
        offsets[labels++] = static_cast<std::uint8_t>(at);
    std::uint64_t hash = hash_basis;
    while (labels-- != 0) {
        hash = hash_label(hash, name.octets.data() + offsets[labels]);
        note(hash, header_octets + offsets[labels]);
    }
}

bool Writer::record(const Record& record) noexcept {
    const std::uint32_t start = at_;
    const std::uint32_t budget = budget_left_;
    const RdataRule rule = rdata_rule(record.type);
    const bool fits = put_name(record.offset, true) && put(from_ + record.fixed, 10) && put_rdata(record, rule);
    if (fits) return true;
    at_ = start;
    budget_left_ = budget;
    return false;
}

bool Writer::put(const std::uint8_t* octets, std::size_t count) noexcept {
    if (limit_ - at_ < count) return false;
    std::memcpy(out_ + at_, octets, count);
    at_ += static_cast<std::uint32_t>(count);
    return true;
}

bool Writer::put_rdata(const Record& record, const RdataRule& rule) noexcept {
    const std::uint32_t start = at_;
    std::uint32_t from = record.rdata();
    if (rule.names != 0) {
        skip_before_names(rule, from_, record.end, from);  // parse found them there
        if (!put(from_ + record.rdata(), from - record.rdata())) return false;
        for (std::uint32_t name = 0; name != rule.names; ++name) {
            if (!put_name(from, rule.may_compress)) return false;
            from = skip_name(from_, from);
        }
    }
    if (!put(from_ + from, record.end - from)) return false;
    const std::uint32_t octets = at_ - start;
    if (octets > 0xffff) return false;
    store16(out_ + start - 2, octets);
    return true;
}

// Writes the labels up to the longest suffix that the output has already, then a pointer to that.
bool Writer::put_name(std::uint32_t offset, bool compress) noexcept {
    Name name;
    expand_name(from_, offset, name);
    if (!compress || budget_left_ < name.length) return put(name.octets.data(), name.length);
    budget_left_ -= name.length;
    std::array<std::uint8_t, labels_max> offsets;
    std::array<std::uint64_t, labels_max> hashes;
    std::size_t labels = 0;
    for (std::size_t at = 0; name.octets[at] != 0; at += name.octets[at] + 1u)
        offsets[labels++] = static_cast<std::uint8_t>(at);
    std::uint64_t hash = hash_basis;
    for (std::size_t label = labels; label-- != 0;)
        hashes[label] = hash = hash_label(hash, name.octets.data() + offsets[label]);
    std::size_t own = 0;  // labels that must be written
    std::uint32_t target = 0;
    for (; own != labels; ++own) {
        const Octets suffix = name.span().subspan(offsets[own]);
        // Each comparison is paid for; one that finds nothing most of all.
        if (budget_left_ < suffix.size()) return put(name.octets.data(), name.length);
        target = find(hashes[own], suffix);
        if (target != 0) break;
        budget_left_ -= static_cast<std::uint32_t>(suffix.size());
    }
    const std::uint32_t start = at_;
    const std::size_t own_octets = own == labels ? name.length : offsets[own];
    if (!put(name.octets.data(), own_octets)) return false;
    if (target != 0) {
        std::uint8_t pointer[2];
        store16(pointer, pointer_bits | target);
        if (!put(pointer, sizeof pointer)) return false;
    }
    for (std::size_t label = 0; label != own; ++label) note(hashes[label], start + offsets[label]);
    return true;
}

// The offset in the output of a name that is `suffix`, or 0. Slots may be stale: what they lead to is compared.
std::uint32_t Writer::find(std::uint64_t hash, Octets suffix) const noexcept {
    for (std::size_t probe = 0; probe != probes_max; ++probe) {
        const std::uint32_t offset = table_[(hash + probe) % table_slots];
        if (offset == 0) return 0;
        if (is_name_at(offset, suffix)) return offset;
    }
    return 0;
}

void Writer::note(std::uint64_t hash, std::uint32_t offset) noexcept {
    if (offset >= pointer_reach) return;
    for (std::size_t probe = 0; probe != probes_max; ++probe) {
        std::uint16_t& slot = table_[(hash + probe) % table_slots];
        if (slot == 0 || slot >= at_) {
            slot = static_cast<std::uint16_t>(offset);
            return;
        }
    }
}

// After a rewind a slot may lead to octets that were written over since and are no name: every step is bounded.
bool Writer::is_name_at(std::uint32_t offset, Octets name) const noexcept {
    for (std::size_t at = 0;;) {
        if (offset >= at_) return false;
        const std::uint32_t octet = out_[offset];
        if (octet >= 0xc0) {
            if (offset + 1 >= at_) return false;
            const std::uint32_t target = load16(out_ + offset) & 0x3fffu;
            if (target >= offset) return false;
            offset = target;
            continue;
        }
        if (octet != name[at]) return false;
        if (octet == 0) return true;
        if (at_ - offset <= octet || std::memcmp(out_ + offset + 1, name.data() + at + 1, octet) != 0) return false;
        offset += octet + 1;
        at += octet + 1;
    }
}

}  // namespace uncut::wire
