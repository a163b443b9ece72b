// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/verdict.hpp"

namespace uncut::exchange {

namespace {

// A chain that ends in a CNAME, from a server that was asked to follow it and offers to: either the addresses were
// lost and TC with them, or there are none, and then a server that knows it says so with an SOA (RFC 2308 2.2).
bool is_dangling_cname(const wire::Message& response) noexcept {
    constexpr std::uint32_t recursion = wire::flag::rd | wire::flag::ra;
    return (response.flags & recursion) == recursion && response.rcode == wire::rcode::noerror &&
           (response.qtype == wire::type::a || response.qtype == wire::type::aaaa) &&
           response.has(UNCUT_FACT_QUESTION) && response.has(UNCUT_FACT_CNAME) && !response.has(UNCUT_FACT_QTYPE) &&
           !response.has(UNCUT_FACT_SOA);
}

}  // namespace

std::uint32_t judge(const wire::Message& response, Status parsed, const Expectation& expectation) noexcept {
    const bool runs_out = parsed == UNCUT_WIRE_CUT || (parsed == UNCUT_OK && expectation.kernel_cut);
    if (runs_out) {
        if (!response.has(UNCUT_FACT_HEADER | UNCUT_FACT_QUESTION)) return UNCUT_VERDICT_MALFORMED;
        // The octets may run out where TC says that they do: that is no suspicion, it is said aloud.
        if (response.tc()) return UNCUT_VERDICT_TRUNCATED;
        return (expectation.suspect & UNCUT_SUSPECT_CUT) != 0 ? UNCUT_VERDICT_CUT : UNCUT_VERDICT_MALFORMED;
    }
    if (parsed != UNCUT_OK) return UNCUT_VERDICT_MALFORMED;
    if (response.tc()) return UNCUT_VERDICT_TRUNCATED;
    if ((expectation.suspect & UNCUT_SUSPECT_OVERSIZE) != 0 && expectation.advertised_octets != 0 &&
        response.octets > expectation.advertised_octets) {
        return UNCUT_VERDICT_OVERSIZE;
    }
    if ((expectation.suspect & UNCUT_SUSPECT_DANGLING_CNAME) != 0 && is_dangling_cname(response)) {
        return UNCUT_VERDICT_DANGLING_CNAME;
    }
    return UNCUT_VERDICT_WHOLE;
}

}  // namespace uncut::exchange
