// SPDX-License-Identifier: Apache-2.0
#include "module/policy/zones.hpp"

#include <array>
#include <bit>

namespace uncut::policy {

namespace {

// FNV-1a over the labels from the root upwards, so that one walk over a name gives the hash of each of its suffixes.
// Zones come from the operator, not from the network: nobody can choose them to collide.
constexpr std::uint64_t hash_basis = 0xcbf29ce484222325;
constexpr std::uint64_t hash_prime = 0x100000001b3;

std::uint64_t hash_label(std::uint64_t hash, const std::uint8_t* label) noexcept {
    for (std::size_t at = 0; at <= label[0]; ++at) hash = (hash ^ wire::lower(label[at])) * hash_prime;
    return hash;
}

constexpr std::size_t labels_max = 127;  // of two octets each, and the root's

// Where each label of an uncompressed name begins, the root's left out.
std::size_t label_offsets(Octets name, std::array<std::uint8_t, labels_max>& offsets) noexcept {
    std::size_t labels = 0;
    for (std::size_t at = 0; name[at] != 0; at += name[at] + 1u) offsets[labels++] = static_cast<std::uint8_t>(at);
    return labels;
}

std::uint64_t hash_name(Octets name) noexcept {
    std::array<std::uint8_t, labels_max> offsets;
    std::uint64_t hash = hash_basis;
    for (std::size_t label = label_offsets(name, offsets); label-- != 0;)
        hash = hash_label(hash, name.data() + offsets[label]);
    return hash;
}

}  // namespace

Zones::Zones(const std::vector<ZonePolicy>& entries) {
    entries_.reserve(entries.size());
    buckets_.assign(std::bit_ceil(entries.size() * 2 + 1), 0);
    for (const ZonePolicy& entry : entries) {
        if (entry.zone.length == 1) {
            root_ = entry.policy;
            continue;
        }
        const std::uint64_t hash = hash_name(entry.zone.span());
        if (const ZonePolicy* known = exact(entry.zone.span(), hash)) {
            entries_[static_cast<std::size_t>(known - entries_.data())].policy = entry.policy;
            continue;
        }
        entries_.push_back(entry);
        std::size_t bucket = hash & (buckets_.size() - 1);
        while (buckets_[bucket] != 0) bucket = (bucket + 1) & (buckets_.size() - 1);
        buckets_[bucket] = static_cast<std::uint32_t>(entries_.size());
    }
}

const ZonePolicy* Zones::exact(Octets suffix, std::uint64_t hash) const noexcept {
    for (std::size_t bucket = hash & (buckets_.size() - 1); buckets_[bucket] != 0;
         bucket = (bucket + 1) & (buckets_.size() - 1)) {
        const ZonePolicy& entry = entries_[buckets_[bucket] - 1];
        if (wire::equal_fold(entry.zone.span(), suffix)) return &entry;
    }
    return nullptr;
}

const Policy& Zones::find(Octets name) const noexcept {
    const Policy* longest = &root_;
    if (entries_.empty()) return *longest;
    std::array<std::uint8_t, labels_max> offsets;
    std::uint64_t hash = hash_basis;
    for (std::size_t label = label_offsets(name, offsets); label-- != 0;) {
        hash = hash_label(hash, name.data() + offsets[label]);
        if (const ZonePolicy* entry = exact(name.subspan(offsets[label]), hash)) longest = &entry->policy;
    }
    return *longest;
}

}  // namespace uncut::policy
