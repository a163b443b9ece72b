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

// Octets of the UTF-8 character at the front; 0 if there is none.
std::size_t utf8_character(std::string_view text) {
    struct Form {  // RFC 3629 section 4: the first octet, the range of the second, how many in all
        unsigned first_min, first_max, second_min, second_max;
        std::size_t octets;
    };
    static constexpr Form forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    const auto octet = [text](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[at])); };
    for (const Form& form : forms) {
        if (octet(0) < form.first_min || octet(0) > form.first_max) continue;
        if (form.octets == 1) return 1;
        if (text.size() < form.octets || octet(1) < form.second_min || octet(1) > form.second_max) return 0;
        for (std::size_t at = 2; at < form.octets; ++at) {
            if (octet(at) < 0x80 || octet(at) > 0xBF) return 0;
        }
        return form.octets;
    }
    return 0;
}

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

std::string utf8_text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t octets = utf8_character(text);
        out += octets == 0 ? "\xEF\xBF\xBD" : text.substr(0, octets);
        text.remove_prefix(octets == 0 ? 1 : octets);
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
