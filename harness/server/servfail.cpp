// SPDX-License-Identifier: Apache-2.0
#include "harness/server/servfail.hpp"

#include <algorithm>

namespace uncut::harness {
namespace {

constexpr std::size_t header_octets = 12;
constexpr std::uint8_t bit_qr = 0x80;           // octet 2
constexpr std::uint8_t kept_of_octet_2 = 0x79;  // opcode and RD; AA and TC are a response's
constexpr std::uint8_t kept_of_octet_3 = 0x10;  // CD
constexpr std::uint8_t bit_ra = 0x80;           // octet 3
constexpr std::uint8_t rcode_servfail = 2;

// The root, type 41, the payload size that a query may carry without fragmenting, no extended RCODE, version 0.
constexpr std::array<std::uint8_t, 11> opt_record = {0, 0, 41, 1232 >> 8, 1232 & 0xff, 0, 0, 0, 0, 0, 0};
constexpr std::size_t opt_flags_offset = 7;
constexpr std::uint8_t bit_do = 0x80;

}  // namespace

std::size_t write_servfail(const uncut_module& module, std::span<const std::uint8_t> query,
                           std::array<std::uint8_t, servfail_octets_max>& out) {
    uncut_message_info info{};
    info.size = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
    if (module.inspect(query.data(), query.size(), &info) != UNCUT_OK) return 0;
    const std::size_t head = header_octets + info.question_octets;
    if ((info.facts & UNCUT_FACT_QUESTION) == 0 || (info.flags & 0x8000) != 0 || head > query.size() ||
        head + opt_record.size() > out.size()) {
        return 0;
    }
    std::copy_n(query.begin(), head, out.begin());
    out[2] = static_cast<std::uint8_t>((out[2] & kept_of_octet_2) | bit_qr);
    out[3] = static_cast<std::uint8_t>((out[3] & kept_of_octet_3) | bit_ra | rcode_servfail);
    std::fill(out.begin() + 4, out.begin() + header_octets, std::uint8_t{0});
    out[5] = 1;  // one question
    if ((info.facts & UNCUT_FACT_OPT) == 0) return head;
    out[11] = 1;  // and one OPT: RFC 6891 6.1.1, OPT in, OPT out
    const auto opt = std::copy(opt_record.begin(), opt_record.end(), out.begin() + static_cast<std::ptrdiff_t>(head));
    if ((info.facts & UNCUT_FACT_DO) != 0)
        *(opt - static_cast<std::ptrdiff_t>(opt_record.size() - opt_flags_offset)) = bit_do;
    return head + opt_record.size();
}

}  // namespace uncut::harness
