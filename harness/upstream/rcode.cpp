// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/rcode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/upstream/name.hpp"

namespace uncut::harness::upstream {
namespace {

struct Row {
    std::string_view name;
    std::uint16_t rcode;
};

// IANA's registry of DNS RCODEs. 16 is BADVERS in an OPT (RFC 6891 9); as BADSIG it belongs to TSIG alone.
constexpr std::array<Row, 20> rcodes{{
    {"NOERROR", 0},  {"FORMERR", 1},    {"SERVFAIL", 2}, {"NXDOMAIN", 3},  {"NOTIMP", 4},
    {"REFUSED", 5},  {"YXDOMAIN", 6},   {"YXRRSET", 7},  {"NXRRSET", 8},   {"NOTAUTH", 9},
    {"NOTZONE", 10}, {"DSOTYPENI", 11}, {"BADVERS", 16}, {"BADKEY", 17},   {"BADTIME", 18},
    {"BADMODE", 19}, {"BADNAME", 20},   {"BADALG", 21},  {"BADTRUNC", 22}, {"BADCOOKIE", 23},
}};

}  // namespace

std::optional<std::uint16_t> rcode_from_text(std::string_view text) {
    const std::string wanted = lower(text);
    const auto found = std::ranges::find_if(rcodes, [&](const Row& row) { return lower(row.name) == wanted; });
    return found == rcodes.end() ? std::nullopt : std::optional(found->rcode);
}

std::string rcode_to_text(std::uint16_t rcode) {
    const auto found = std::ranges::find(rcodes, rcode, &Row::rcode);
    return found == rcodes.end() ? fmt::format("RCODE{}", rcode) : std::string(found->name);
}

}  // namespace uncut::harness::upstream
