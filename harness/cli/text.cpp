// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/text.hpp"

#include <fmt/format.h>
#include <uncut.h>

#include <array>
#include <utility>

namespace uncut::harness {
namespace {

using Named = std::pair<std::uint32_t, std::string_view>;

// IANA's registry of DNS parameters.
constexpr std::array<Named, 6> opcodes{
    {{0, "QUERY"}, {1, "IQUERY"}, {2, "STATUS"}, {4, "NOTIFY"}, {5, "UPDATE"}, {6, "DSO"}}};

constexpr std::array<Named, 20> rcodes{{
    {0, "NOERROR"},  {1, "FORMERR"},    {2, "SERVFAIL"}, {3, "NXDOMAIN"},  {4, "NOTIMP"},
    {5, "REFUSED"},  {6, "YXDOMAIN"},   {7, "YXRRSET"},  {8, "NXRRSET"},   {9, "NOTAUTH"},
    {10, "NOTZONE"}, {11, "DSOTYPENI"}, {16, "BADVERS"}, {17, "BADKEY"},   {18, "BADTIME"},
    {19, "BADMODE"}, {20, "BADNAME"},   {21, "BADALG"},  {22, "BADTRUNC"}, {23, "BADCOOKIE"},
}};

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 7> flag_bits{{
    {0x8000, "qr"},
    {0x0400, "aa"},
    {0x0200, "tc"},
    {0x0100, "rd"},
    {0x0080, "ra"},
    {0x0020, "ad"},
    {0x0010, "cd"},
}};

template <std::size_t N>
std::string find(const std::array<Named, N>& names, std::uint32_t value, std::string_view otherwise) {
    for (const auto& [number, name] : names) {
        if (number == value) return std::string(name);
    }
    return fmt::format("{}{}", otherwise, value);
}

}  // namespace

std::string opcode_text(std::uint32_t opcode) {
    return find(opcodes, opcode, "OPCODE");
}

std::string rcode_text(std::uint32_t rcode) {
    return find(rcodes, rcode, "RCODE");
}

std::vector<std::string_view> flag_names(std::uint16_t flags) {
    std::vector<std::string_view> out;
    for (const auto& [bit, name] : flag_bits) {
        if ((flags & bit) != 0) out.push_back(name);
    }
    return out;
}

std::string_view verdict_text(std::uint32_t verdict) {
    switch (verdict) {
        case UNCUT_VERDICT_WHOLE:
            return "whole";
        case UNCUT_VERDICT_TRUNCATED:
            return "truncated";
        case UNCUT_VERDICT_CUT:
            return "cut";
        case UNCUT_VERDICT_OVERSIZE:
            return "oversize";
        case UNCUT_VERDICT_DANGLING_CNAME:
            return "dangling_cname";
        case UNCUT_VERDICT_MALFORMED:
            return "malformed";
        case UNCUT_VERDICT_NOT_OURS:
            return "not_ours";
        default:
            return "unknown";
    }
}

}  // namespace uncut::harness
