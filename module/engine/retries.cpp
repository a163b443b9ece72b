// SPDX-License-Identifier: Apache-2.0
#include "module/engine/retries.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "module/engine/letter_case.hpp"
#include "module/wire/name.hpp"

namespace uncut::engine {
namespace {

// Up to 512 octets for every exchange; larger queries are rare (updates, long signatures) and bounded in all.
std::array<Storage::Class, 8> classes(std::uint32_t in_flight_max) {
    return {{{64, in_flight_max},
             {96, in_flight_max},
             {128, in_flight_max},
             {256, in_flight_max},
             {528, in_flight_max},
             {4352, 256, true},
             {16640, 64, true},
             {65536, 16, true}}};
}

}  // namespace

Retries::Retries(std::uint32_t in_flight_max, std::uint64_t seed)
    : seed_(seed | 1),
      mask_(std::bit_ceil(in_flight_max < 8 ? 8u : in_flight_max) - 1),
      buckets_((std::size_t{mask_} + 1) * sizeof(std::uint32_t)),
      pool_(in_flight_max * 2),
      storage_(classes(in_flight_max)) {}

std::uint64_t Retries::hash(std::uint32_t upstream, Octets query) const noexcept {
    // Folded throughout, which is cheaper than to know where the name ends; equality is judged octet by octet below.
    std::uint64_t mixed = seed_ ^ upstream;
    for (const std::uint8_t octet : query.subspan(2)) {
        mixed = (mixed ^ wire::lower(octet)) * 0x100000001b3u;
        mixed ^= mixed >> 29;
    }
    return mixed * seed_ >> 16;
}

std::uint32_t Retries::find(std::uint32_t upstream, Octets query) noexcept {
    const std::uint64_t wanted = hash(upstream, query);
    const Octets name = question_name(query);
    for (std::uint32_t link = bucket(wanted); link != 0;) {
        const Retry& retry = pool_[link - 1];
        const std::uint32_t found = link - 1;
        link = retry.next_alike;
        if (retry.hash != wanted || retry.upstream != upstream || retry.octets != query.size()) continue;
        const Octets there = retry.message();
        const std::size_t behind = wire::header_octets + name.size();
        if (std::memcmp(there.data() + 2, query.data() + 2, wire::header_octets - 2) != 0) continue;
        if (!wire::equal_fold(there.subspan(wire::header_octets, name.size()), name)) continue;
        if (std::memcmp(there.data() + behind, query.data() + behind, query.size() - behind) != 0) continue;
        return found;
    }
    return none;
}

std::uint32_t Retries::create(std::uint32_t upstream, Octets query, bool keeps_id) noexcept {
    if (query.size() < wire::header_octets) return none;
    const std::uint32_t index = pool_.take();
    if (index == none) return none;
    Retry& retry = pool_[index];
    retry = {};
    if (!storage_.take(query.size(), retry.query)) {
        pool_.give(index);
        return none;
    }
    std::memcpy(retry.query.data, query.data(), query.size());
    retry.octets = static_cast<std::uint32_t>(query.size());
    retry.first_waiter = retry.connection = retry.next_there = retry.previous_there = none;
    retry.upstream = static_cast<std::uint8_t>(upstream);
    retry.keeps_id = keeps_id;
    if (!keeps_id) {
        retry.hash = hash(upstream, query);
        retry.next_alike = bucket(retry.hash);
        bucket(retry.hash) = index + 1;
        retry.joinable = true;
    }
    return index;
}

void Retries::close(std::uint32_t index) noexcept {
    Retry& retry = pool_[index];
    if (!retry.joinable) return;
    retry.joinable = false;
    std::uint32_t* link = &bucket(retry.hash);
    while (*link != index + 1) link = &pool_[*link - 1].next_alike;
    *link = retry.next_alike;
}

void Retries::forget_query(std::uint32_t index) noexcept {
    Retry& retry = pool_[index];
    storage_.give(retry.query.handle);
    retry.query = {};
    retry.octets = 0;
}

void Retries::destroy(std::uint32_t index) noexcept {
    close(index);
    forget_query(index);
    pool_.give(index);
}

}  // namespace uncut::engine
