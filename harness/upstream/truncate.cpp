// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/truncate.hpp"

#include <algorithm>
#include <array>

namespace uncut::harness::upstream {
namespace {

constexpr unsigned flag_qr = 0x8000;
constexpr unsigned flag_aa = 0x0400;
constexpr unsigned flag_tc = 0x0200;
constexpr unsigned flag_rd = 0x0100;
constexpr unsigned flag_ra = 0x0080;
constexpr unsigned flag_cd = 0x0010;

void write_header(const Query& query, unsigned flags, std::uint16_t rcode, const std::array<std::uint16_t, 3>& counts,
                  std::vector<std::uint8_t>& out) {
    // It acts as a recursive upstream, so RA is set; an answer to a query without RD does not claim to have recursed.
    const unsigned recursion = query.recursion_desired() ? flag_rd | flag_ra : 0U;
    const unsigned kept = query.flags & (flag_cd | 0x7800U);
    put_u16(out, 0, query.id);
    put_u16(out, 2, flag_qr | flags | recursion | kept | (rcode & 0x0FU));
    put_u16(out, 4, query.has_question ? 1 : 0);
    for (std::size_t i = 0; i < 3; ++i) put_u16(out, 6 + 2 * i, counts[i]);
}

void append_opt(const Query& query, std::uint16_t rcode, std::vector<std::uint8_t>& out) {
    const std::size_t at = out.size();
    out.resize(at + opt_octets, 0);
    put_u16(out, at + 1, LDNS_RR_TYPE_OPT);
    put_u16(out, at + 3, advertised_octets);
    out[at + 5] = static_cast<std::uint8_t>(rcode >> 4U);  // the upper 8 of 12 bits: RFC 6891 6.1.3
    out[at + 7] = query.dnssec_ok ? 0x80 : 0;              // DO is copied: RFC 3225 3
    put_u16(out, 10, get_u16(out, 10) + 1U);
}

/// The last cut that leaves the response within `octets`; the first if none does.
std::size_t last_cut_within(const WireAnswer& answer, std::size_t octets) {
    const auto past = std::ranges::upper_bound(answer.cuts, octets, {}, &WireAnswer::Cut::octets);
    return past == answer.cuts.begin() ? 0 : static_cast<std::size_t>(past - answer.cuts.begin()) - 1;
}

}  // namespace

void write_response(const Query& query, const WireAnswer& answer, const ResponseOptions& options,
                    std::vector<std::uint8_t>& out) {
    const std::size_t reserved = query.has_opt && options.opt ? opt_octets : 0;
    const bool fits = answer.whole().octets + reserved <= options.limit_octets;
    std::size_t cut = answer.cuts.size() - 1;
    bool tc = false;
    if (!fits && (options.shape == Shape::partial || options.shape == Shape::tc_lost)) {
        cut = last_cut_within(answer, options.limit_octets - std::min(reserved, options.limit_octets));
        tc = options.shape == Shape::partial && cut < answer.required_cut;
    } else if (!fits && options.shape == Shape::empty) {
        cut = 0;
        tc = true;
    } else if (!fits && options.shape == Shape::dangling_cname) {
        cut = answer.chain_cut;
    }
    const WireAnswer::Cut& end = answer.cuts[cut];
    out.assign(answer.octets.begin(), answer.octets.begin() + static_cast<std::ptrdiff_t>(end.octets));
    write_header(query, (answer.authoritative ? flag_aa : 0U) | (tc ? flag_tc : 0U), answer.rcode, end.counts, out);
    // The client's letter case comes back (RFC 4343 4.1, and 0x20 needs it); records point at the question's name.
    std::ranges::copy(query.question, out.begin() + header_octets);
    if (reserved != 0) append_opt(query, answer.rcode, out);
}

void write_error(const Query& query, std::uint16_t rcode, bool opt, std::vector<std::uint8_t>& out) {
    out.assign(header_octets, 0);
    out.insert(out.end(), query.question.begin(), query.question.end());
    write_header(query, 0, rcode, {}, out);
    if (query.has_opt && opt) append_opt(query, rcode, out);
}

}  // namespace uncut::harness::upstream
