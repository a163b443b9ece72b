// SPDX-License-Identifier: Apache-2.0
// The groups of message seeds, one a file, and the pieces that they share.
#pragma once

#include "fuzz/corpus/seeds.hpp"
#include "module/wire/header.hpp"

namespace uncut::fuzz {

using namespace test;

// Those of the wire's header, and such as only the corpus names.
namespace type {
using namespace wire::type;
inline constexpr std::uint16_t ds = 43, nsec3 = 50, dnskey = 48, unknown = 65'280;  // 65,280: private use, RFC 6895 3.1
}  // namespace type

void add_queries(Seeds& seeds);
void add_options(Seeds& seeds);
void add_other_opcodes(Seeds& seeds);
void add_answers(Seeds& seeds);
void add_delegations(Seeds& seeds);
void add_record_types(Seeds& seeds);
void add_bad_rdata(Seeds& seeds);
void add_compression(Seeds& seeds);
void add_name_lengths(Seeds& seeds);
void add_cuts(Seeds& seeds);
void add_counts(Seeds& seeds);
void add_sizes(Seeds& seeds);

inline constexpr std::uint16_t class_chaos = 3, class_none = 254, class_any = 255;
inline constexpr std::uint16_t query_flags = wire::flag::rd;
inline constexpr std::uint16_t response_flags = wire::flag::qr | wire::flag::rd | wire::flag::ra;
inline constexpr std::uint16_t opcode_shift = 11;

// The names of the story: two CNAMEs lead from the first to 22 addresses, the second has 200 of its own.
inline constexpr std::string_view chain_name = "quote-redis-cluster.default.svc.cluster.local";
inline constexpr std::string_view chain_middle = "quote-redis.elasticache.default.svc.cluster.local";
inline constexpr std::string_view chain_end = "clustercfg.quote-redis.k3v9qz.use1.cache.example.net";
inline constexpr std::string_view large_name = "endpoints.quote-redis-cluster-headless.production.svc.cluster.local";
inline constexpr std::string_view plain_name = "www.example.test";

// Offsets in a message that asks for plain_name.
inline constexpr std::size_t asked_name = 12, asked_parent = 16, asked_top = 24, asked_root = 29;

inline Builder query(std::string_view owner = plain_name, std::uint16_t qtype = type::a) {
    return Builder(0x1234, query_flags).question(name(owner), qtype);
}

inline Builder response(std::string_view owner = plain_name, std::uint16_t qtype = type::a,
                        std::uint16_t flags = response_flags) {
    return Builder(0x1234, flags).question(name(owner), qtype);
}

inline Bytes u32(std::uint32_t value) {
    return u16(value >> 16) + u16(value & 0xffff);
}

inline Bytes text(std::string_view octets) {
    return {octets.begin(), octets.end()};
}

inline Bytes character_string(std::string_view octets) {
    return Bytes{static_cast<std::uint8_t>(octets.size())} + text(octets);
}

// Numbers that look like a signature or a key, the same every time.
inline Bytes noise(std::size_t octets) {
    Bytes result;
    for (std::uint32_t state = 0x9e37; result.size() != octets; state = state * 1'664'525 + 1'013'904'223)
        result.push_back(static_cast<std::uint8_t>(state >> 24));
    return result;
}

inline Bytes soa_data(const Bytes& primary, const Bytes& mailbox) {
    return primary + mailbox + u32(2026'01'01) + u32(7200) + u32(900) + u32(1'209'600) + u32(300);
}

// RFC 4034 3.1: algorithm 13, whose signatures have 64 octets.
inline Bytes rrsig_data(std::uint16_t covered, const Bytes& signer, std::size_t signature_octets = 64) {
    return u16(covered) + Bytes{13, 3} + u32(300) + u32(1'800'000'000) + u32(1'790'000'000) + u16(12'345) + signer +
           noise(signature_octets);
}

inline Bytes shortened(Bytes octets, std::size_t to) {
    octets.resize(to);
    return octets;
}

inline Bytes with_tc(Bytes octets) {
    octets[2] = static_cast<std::uint8_t>(octets[2] | wire::flag::tc >> 8);
    return octets;
}

// The chain of the story, of which `addresses` have room.
inline Builder chain(std::size_t addresses, std::uint16_t flags = response_flags) {
    Builder builder = response(chain_name, type::a, flags);
    const std::size_t middle = builder.offset() + 12;
    builder.record(wire::answer, pointer(12), type::cname, name(chain_middle));
    const std::size_t end = builder.offset() + 12;
    builder.record(wire::answer, pointer(middle), type::cname, name(chain_end));
    return builder.addresses(wire::answer, pointer(end), addresses);
}

}  // namespace uncut::fuzz
