// SPDX-License-Identifier: Apache-2.0
#include "harness/message/text.hpp"

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

constexpr std::array<Named, 7> verdicts{{
    {UNCUT_VERDICT_WHOLE, "whole"},
    {UNCUT_VERDICT_TRUNCATED, "truncated"},
    {UNCUT_VERDICT_CUT, "cut"},
    {UNCUT_VERDICT_OVERSIZE, "oversize"},
    {UNCUT_VERDICT_DANGLING_CNAME, "dangling_cname"},
    {UNCUT_VERDICT_MALFORMED, "malformed"},
    {UNCUT_VERDICT_NOT_OURS, "not_ours"},
}};

constexpr std::array<Named, 24> causes{{
    {UNCUT_CAUSE_NONE, "none"},
    {UNCUT_CAUSE_SHORT, "short"},
    {UNCUT_CAUSE_RESPONSE, "response"},
    {UNCUT_CAUSE_NO_QUESTION, "no_question"},
    {UNCUT_CAUSE_CANCELLED, "cancelled"},
    {UNCUT_CAUSE_SILENCE, "silence"},
    {UNCUT_CAUSE_SOURCE, "source"},
    {UNCUT_CAUSE_ID, "id"},
    {UNCUT_CAUSE_QR, "qr"},
    {UNCUT_CAUSE_OPCODE, "opcode"},
    {UNCUT_CAUSE_QUESTION, "question"},
    {UNCUT_CAUSE_MALFORMED, "malformed"},
    {UNCUT_CAUSE_LATE, "late"},
    {UNCUT_CAUSE_LETTER_CASE, "letter_case"},
    {UNCUT_CAUSE_REFUSED, "refused"},
    {UNCUT_CAUSE_CONNECT_TIMEOUT, "connect_timeout"},
    {UNCUT_CAUSE_RESET, "reset"},
    {UNCUT_CAUSE_CLOSED, "closed"},
    {UNCUT_CAUSE_STALLED, "stalled"},
    {UNCUT_CAUSE_FOREIGN, "foreign"},
    {UNCUT_CAUSE_TC_AGAIN, "tc_again"},
    {UNCUT_CAUSE_HELD_OFF, "held_off"},
    {UNCUT_CAUSE_LIMIT, "limit"},
    {UNCUT_CAUSE_SEND, "send"},
}};

constexpr std::array<Named, 2> transports{{{UNCUT_TRANSPORT_UDP, "udp"}, {UNCUT_TRANSPORT_TCP, "tcp"}}};

template <std::size_t N>
std::string_view find(const std::array<Named, N>& names, std::uint32_t value) {
    for (const auto& [number, name] : names) {
        if (number == value) return name;
    }
    return "unknown";
}

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
    return find(verdicts, verdict);
}

std::string_view cause_text(std::uint32_t cause) {
    return find(causes, cause);
}

std::string_view transport_text(std::uint32_t transport) {
    return find(transports, transport);
}

}  // namespace uncut::harness
