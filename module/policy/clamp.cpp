// SPDX-License-Identifier: Apache-2.0
#include "module/policy/clamp.hpp"

#include "module/wire/opt.hpp"

namespace uncut::policy {

namespace {

constexpr std::uint32_t opt_size_offset = 3;  // the class field: RFC 6891 6.1.2
constexpr std::uint32_t count_max = 0xffff;

bool can_add_opt(const wire::Message& query) noexcept {
    return query.opcode == wire::opcode::query && !query.has(UNCUT_FACT_SIGNED) &&
           query.counts[wire::additional] != count_max &&
           query.octets + wire::opt_octets_min <= wire::message_octets_max;
}

}  // namespace

Status clamp(const wire::Message& query, std::uint32_t bufsize, std::uint32_t edns, std::span<std::uint8_t> out,
             Clamped& clamped) noexcept {
    const bool has_opt = query.has(UNCUT_FACT_OPT);
    const bool lower = has_opt && query.udp_payload_size > bufsize && !query.has(UNCUT_FACT_SIGNED);
    const bool add = !has_opt && edns == UNCUT_EDNS_ADD && can_add_opt(query);
    clamped.octets = query.octets + (add ? wire::opt_octets_min : 0);
    if (out.size() < clamped.octets) return UNCUT_MISUSE_SHORT_BUFFER;
    if (out.data() != query.data) std::memcpy(out.data(), query.data, query.octets);
    clamped.bufsize_before = clamped.bufsize_after = has_opt ? query.udp_payload_size : 0u;
    if (lower) {
        wire::store16(out.data() + query.opt_offset + opt_size_offset, bufsize);
        clamped.action = UNCUT_CLAMP_LOWERED;
        clamped.bufsize_after = bufsize;
    } else if (add) {
        wire::write_opt({.udp_payload_size = static_cast<std::uint16_t>(bufsize)}, wire::no_extended_error,
                        out.data() + query.octets);
        wire::set_count(out.data(), wire::additional, query.counts[wire::additional] + 1u);
        clamped.action = UNCUT_CLAMP_ADDED;
        clamped.bufsize_after = bufsize;
    }
    return UNCUT_OK;
}

}  // namespace uncut::policy
