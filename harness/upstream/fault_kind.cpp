// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/fault_kind.hpp"

#include <algorithm>
#include <array>

#include "harness/upstream/rcode.hpp"
#include "harness/upstream/wire.hpp"

namespace uncut::harness::upstream {
namespace {

constexpr std::int32_t message_max = message_octets_max;
// A test that waits longer than this has a wrong number in it.
constexpr std::int32_t delay_max_ms = 600'000;
// The time between a large answer and the TC behind it (draft-song-atr-large-resp 3).
constexpr std::int32_t atr_delay_ms = 10;
// Answers that wait for each other on one connection; a client that pipelines more gets them in groups.
constexpr std::int32_t reorder_max = 64;
// Connections; the campaign that opens more than this is a load test.
constexpr std::int32_t burst_max = 65'535;
// What fits beside the header, a question and the fixed part of the OPT in the longest message.
constexpr std::int32_t options_octets_max = 65'000;
constexpr std::int32_t garbage_octets_max = 4'096;  // longer than any buffer that clients advertise

using Parameter = FaultParameterInfo;
using P = FaultParameters;
using K = FaultKind;
using G = FaultGroup;

constexpr Parameter none{};

constexpr Parameter limit(std::string_view meaning) {
    return {&P::octets, "octets", "octets", 0, message_max, std::nullopt, false, meaning};
}

constexpr Parameter sent(std::string_view meaning) {
    return {&P::octets, "octets", "octets", 0, message_max + 2, 0, false, meaning};
}

constexpr std::string_view limit_meaning = "the longest response; if left out, the limit that is in force";

constexpr std::array<FaultKindInfo, 38> kinds{{
    {K::tc_partial, "tc_partial", G::size, true, true, true, limit(limit_meaning),
     "a response that is too long loses whole RRsets from its end, TC set"},
    {K::tc_empty, "tc_empty", G::size, true, true, true, limit(limit_meaning),
     "of a response that is too long the question and the OPT are left, TC set"},
    {K::tc_lost, "tc_lost", G::size, true, true, true, limit(limit_meaning),
     "a response that is too long loses whole RRsets from its end, and its TC on the way"},
    {K::dangling_cname, "dangling_cname", G::size, true, true, true, limit(limit_meaning),
     "of a response that is too long the CNAMEs that it begins with are left, TC lost"},
    {K::oversize, "oversize", G::size, true, true, true, none, "a response that is too long is sent whole, TC clear"},
    {K::cut, "cut", G::size, true, true, true,
     limit("where the octets end, also inside a record; if left out, at the limit that is in force"),
     "the octets of a response that is too long end early; its counts and TC say nothing of it"},
    {K::atr,
     "atr",
     G::size,
     true,
     false,
     true,
     {&P::delay_ms, "delay_ms", "ms", 0, delay_max_ms, atr_delay_ms, false, "how long after the answer the TC comes"},
     "the whole answer, however long, and behind it an empty one with TC"},
    {K::size_max, "size_max", G::size, true, true, true, none,
     "the answer grows to 65,535 octets by a TXT record; over UDP to 65,507, the longest datagram, and what is too "
     "long "
     "there is truncated as ever"},
    {K::tc_over_tcp, "tc_over_tcp", G::size, false, true, true, none,
     "what is too long over UDP is so over TCP too, and treated alike"},

    {K::rcode,
     "rcode",
     G::content,
     true,
     true,
     true,
     {&P::rcode, "rcode", "", 0, rcode_max, std::nullopt, true,
      "its name or its number; one over 15 strikes only queries with an OPT, for want of room elsewhere"},
     "a response with this RCODE and no records"},

    {K::lying_counts,
     "lying_counts",
     G::shape,
     true,
     true,
     true,
     {&P::count, "count", "", 0, 65'535, std::nullopt, false,
      "what ANCOUNT says; if left out, one more than there are"},
     "the header counts other answers than there are"},
    {K::pointer_loop, "pointer_loop", G::shape, true, true, true, none,
     "the owner of the first record is a compression pointer to itself"},
    {K::pointer_forward, "pointer_forward", G::shape, true, true, true, none,
     "the owner of the first record is a compression pointer to what is behind it"},
    {K::long_name, "long_name", G::shape, true, true, true, none,
     "the owner of the first record has 257 octets, two more than a name may have"},
    {K::bad_rdlength, "bad_rdlength", G::shape, true, true, true, none,
     "RDLENGTH of the first record says 65,535, past the end of the message"},
    {K::trailing_octets,
     "trailing_octets",
     G::shape,
     true,
     true,
     true,
     {&P::octets, "octets", "octets", 1, message_max, 1, false, "how many"},
     "behind the message come the octets of an address record that no count includes"},

    {K::formerr_edns, "formerr_edns", G::edns, true, true, true, none,
     "a query with an OPT gets FORMERR without one, as from a server that knows no EDNS"},
    {K::two_opts, "two_opts", G::edns, true, true, true, none, "the OPT comes twice"},
    {K::opt_version,
     "opt_version",
     G::edns,
     true,
     true,
     true,
     {&P::version, "version", "", 1, 255, 1, false, "the version of EDNS"},
     "the OPT is of a version that nobody knows"},
    {K::opt_size,
     "opt_size",
     G::edns,
     true,
     true,
     true,
     {&P::octets, "octets", "octets", 0, 65'535, 0, false, "the size that it advertises"},
     "the OPT advertises an absurd UDP payload size"},
    {K::opt_options,
     "opt_options",
     G::edns,
     true,
     true,
     true,
     {&P::octets, "octets", "octets", 4, options_octets_max, 400, false, "of all options together"},
     "the OPT is full of empty options of one unknown code"},

    {K::drop, "drop", G::way, true, true, true, none, "no answer"},
    {K::delay,
     "delay",
     G::way,
     true,
     true,
     true,
     {&P::delay_ms, "delay_ms", "ms", 0, delay_max_ms, std::nullopt, true, "before the answer"},
     "the answer comes later"},
    {K::duplicate, "duplicate", G::way, true, true, true, none, "the answer comes twice"},
    {K::wrong_id, "wrong_id", G::way, true, true, true, none,
     "a forged answer with another ID comes first; its addresses are 198.51.100.66 and 2001:db8::66"},
    {K::wrong_question, "wrong_question", G::way, true, true, true, none,
     "a forged answer to another question comes first"},
    {K::wrong_source, "wrong_source", G::way, true, false, true, none, "a forged answer from another port comes first"},
    {K::garbage,
     "garbage",
     G::way,
     true,
     false,
     true,
     {&P::octets, "octets", "octets", 1, garbage_octets_max, 7, false, "how many"},
     "a datagram with the ID of the query, and then nonsense, comes first"},
    {K::empty_datagram, "empty_datagram", G::way, true, false, true, none, "a datagram without an octet comes first"},

    {K::tcp_refused, "tcp_refused", G::tcp, false, true, false, none,
     "the TCP port does not listen: connections are refused, for all names alike"},
    {K::tcp_reset, "tcp_reset", G::tcp, false, true, true, none, "the connection is reset when the query has come"},
    {K::tcp_stall, "tcp_stall", G::tcp, false, true, true, sent("sent before that, the length included"),
     "the answer stops and the connection stays open"},
    {K::tcp_close, "tcp_close", G::tcp, false, true, true, sent("sent before that, the length included"),
     "the answer stops and the connection is closed"},
    {K::tcp_one_octet, "tcp_one_octet", G::tcp, false, true, true, none, "the answer comes one octet a segment"},
    {K::tcp_wrong_length,
     "tcp_wrong_length",
     G::tcp,
     false,
     true,
     true,
     {&P::difference, "difference", "octets", -message_max, message_max, 1, false,
      "what is added to the true length; not 0"},
     "the length before the message is another than its own"},
    {K::tcp_coalesce, "tcp_coalesce", G::tcp, false, true, true, none,
     "two answers in one segment: those of two queries that came together, else the one answer twice"},
    {K::tcp_reorder,
     "tcp_reorder",
     G::tcp,
     false,
     true,
     true,
     {&P::count, "count", "", 2, reorder_max, 2, false,
      "how many answers wait for each other; they wait half a second at most"},
     "answers to queries on one connection come in the reverse order"},
    {K::tcp_close_burst,
     "tcp_close_burst",
     G::tcp,
     false,
     true,
     false,
     {&P::count, "count", "", 1, burst_max, std::nullopt, true, "how many connections"},
     "the next connections are closed as soon as they are accepted"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (kinds[i].kind != static_cast<FaultKind>(i)) return false;
    }
    return true;
}
static_assert(in_order(), "a row is found by its kind's number");

constexpr std::array<FaultParameterName, 6> parameter_names{{
    {"octets", &P::octets},
    {"delay_ms", &P::delay_ms},
    {"count", &P::count},
    {"rcode", &P::rcode},
    {"version", &P::version},
    {"difference", &P::difference},
}};

}  // namespace

std::span<const FaultKindInfo> fault_kinds() {
    return kinds;
}

const FaultKindInfo& fault_info(FaultKind kind) {
    return kinds[static_cast<std::size_t>(kind)];
}

const FaultKindInfo* find_fault_kind(std::string_view name) {
    const auto found = std::ranges::find(kinds, name, &FaultKindInfo::name);
    return found == kinds.end() ? nullptr : &*found;
}

std::string_view fault_group_name(FaultGroup group) {
    constexpr std::string_view names[] = {"size", "content", "shape", "edns", "way", "tcp"};
    return names[static_cast<std::size_t>(group)];
}

std::span<const FaultParameterName> fault_parameter_names() {
    return parameter_names;
}

}  // namespace uncut::harness::upstream
