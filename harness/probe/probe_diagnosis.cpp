// SPDX-License-Identifier: Apache-2.0
#include "harness/probe/probe_diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "harness/message/text.hpp"

namespace uncut::harness {
namespace {

constexpr std::uint32_t noerror = 0;
constexpr std::uint32_t formerr = 1;
constexpr std::uint32_t servfail = 2;
constexpr std::uint32_t nxdomain = 3;
constexpr std::uint32_t notimp = 4;
constexpr std::uint32_t refused = 5;

// What crosses an Ethernet of 1500 octets in one piece, less IPv6 and UDP headers: a longer response is fragmented.
constexpr std::uint32_t unfragmented_octets = 1452;

// What servers and clients agreed to keep UDP below (DNS flag day 2020), Uncut's default too.
constexpr std::uint32_t usual_bufsize = 1232;

/// The rows by what the cases below ask of them.
struct Facts {
    std::vector<const ProbeRow*> udp;
    const ProbeRow* tcp = nullptr;
    const ProbeSubject& subject;

    bool any_udp(std::uint32_t verdict) const { return first_udp(verdict) != nullptr; }
    const ProbeRow* first_udp(std::uint32_t verdict) const {
        const auto found = std::ranges::find_if(
            udp, [verdict](const ProbeRow* row) { return row->answered() && row->verdict == verdict; });
        return found == udp.end() ? nullptr : *found;
    }
    bool udp_answered() const {
        return std::ranges::any_of(udp, [](const ProbeRow* row) { return row->answered(); });
    }
    bool tcp_answered() const { return tcp != nullptr && tcp->answered(); }
    /// TCP has an answer that a client can use.
    bool tcp_whole() const { return tcp_answered() && tcp->verdict == UNCUT_VERDICT_WHOLE && tcp->rcode == noerror; }
    /// The first answer in the order of trust: over TCP, then the largest over UDP.
    const ProbeRow* best() const {
        if (tcp_answered()) return tcp;
        const auto found =
            std::ranges::find_if(udp.rbegin(), udp.rend(), [](const ProbeRow* row) { return row->answered(); });
        return found == udp.rend() ? nullptr : *found;
    }
};

using Case = std::optional<Diagnosis>;

std::string all_records(const ProbeRow& row, const ProbeSubject& subject) {
    return row.records == 1 ? fmt::format("the {} record", subject.type)
                            : fmt::format("all {} {} records", row.records, subject.type);
}

/// "without EDNS and with 512, 1232": the sizes for which `holds`.
std::string sizes(const Facts& facts, const std::function<bool(const ProbeRow&)>& holds) {
    std::string with;
    bool without = false;
    for (const ProbeRow* row : facts.udp) {
        if (!holds(*row)) continue;
        if (row->bufsize) {
            with += fmt::format("{}{}", with.empty() ? "with " : ", ", *row->bufsize);
        } else {
            without = true;
        }
    }
    if (!without) return with;
    return with.empty() ? "without EDNS" : "without EDNS and " + with;
}

/// Why TCP is of no use, as the end of a sentence. Nothing if it is.
std::optional<std::string> tcp_fault(const Facts& facts) {
    if (facts.tcp == nullptr) return std::nullopt;
    switch (facts.tcp->outcome) {
        case ProbeOutcome::refused:
            return "TCP is refused";
        case ProbeOutcome::no_connect:
            return "TCP connections get no reaction at all (dropped by a firewall?)";
        case ProbeOutcome::stalled:
            return "TCP connects and then stalls without a whole answer";
        case ProbeOutcome::closed:
            return "TCP is closed before a whole answer has come";
        case ProbeOutcome::reset:
            return "TCP is reset before a whole answer has come";
        case ProbeOutcome::unreachable:
            return fmt::format("TCP cannot be had ({})", facts.tcp->error);
        case ProbeOutcome::no_answer:
            return "TCP gives no answer";
        case ProbeOutcome::answered:
            break;
    }
    if (facts.tcp->verdict == UNCUT_VERDICT_TRUNCATED) return "the answer over TCP is truncated too";
    if (facts.tcp->verdict == UNCUT_VERDICT_MALFORMED || facts.tcp->verdict == UNCUT_VERDICT_CUT) {
        return "the answer over TCP cannot be read";
    }
    if (facts.tcp->verdict == UNCUT_VERDICT_NOT_OURS) return "what comes over TCP answers another question";
    if (facts.tcp->rcode != noerror) return fmt::format("over TCP the server says {}", rcode_text(facts.tcp->rcode));
    return std::nullopt;
}

std::string tcp_code(const Facts& facts) {
    switch (facts.tcp->outcome) {
        case ProbeOutcome::refused:
            return "tcp_refused";
        case ProbeOutcome::no_connect:
            return "tcp_no_connection";
        case ProbeOutcome::stalled:
            return "tcp_stalls";
        case ProbeOutcome::closed:
            return "tcp_closed_early";
        case ProbeOutcome::reset:
            return "tcp_reset";
        case ProbeOutcome::unreachable:
        case ProbeOutcome::no_answer:
            return "tcp_unreachable";
        case ProbeOutcome::answered:
            break;
    }
    return facts.tcp->verdict == UNCUT_VERDICT_TRUNCATED ? "tcp_truncated" : "tcp_bad_answer";
}

std::string tcp_remedy(const Facts& facts) {
    switch (facts.tcp->outcome) {
        case ProbeOutcome::refused:
            return "Make the server listen on TCP at the same port; no client can do without it.";
        case ProbeOutcome::no_connect:
        case ProbeOutcome::unreachable:
            return "Open TCP to the server's port in firewalls and network policies.";
        case ProbeOutcome::answered:
            return facts.tcp->verdict == UNCUT_VERDICT_TRUNCATED ? "Look behind this server: it passes on over TCP "
                                                                   "what it got over UDP from its own upstream; set "
                                                                   "prefer_udp or force_tcp there, or load Uncut there."
                                                                 : "Look at the server's log for this name.";
        default:
            return "Look at the server and at what stands between (proxy, load balancer): its TCP side does not "
                   "answer.";
    }
}

Case gives_nothing(const Facts& facts) {
    if (facts.best() != nullptr) return std::nullopt;
    const bool all_refused =
        facts.tcp != nullptr && facts.tcp->outcome == ProbeOutcome::refused &&
        std::ranges::all_of(facts.udp, [](const ProbeRow* row) { return row->outcome == ProbeOutcome::refused; });
    if (all_refused) {
        return Diagnosis{"nothing_listens",
                         fmt::format("Nothing listens at {}, over UDP or TCP.", facts.subject.server),
                         "Check the address and the port, and that the server runs.", true};
    }
    return Diagnosis{"no_answer", fmt::format("{} gives no answer at all, over UDP or TCP.", facts.subject.server),
                     "Check the address, the route and the firewalls, and whether the server answers others.", true};
}

Case udp_blocked(const Facts& facts) {
    if (facts.udp_answered()) return std::nullopt;
    return Diagnosis{"udp_blocked", "No answer comes over UDP; over TCP the server answers.",
                     "Open UDP to the server's port in firewalls and network policies; until then set force_tcp (in "
                     "Uncut: upstream_transport tcp)."};
}

Case edns_refused(const Facts& facts) {
    const ProbeRow& plain = *facts.udp.front();
    const bool plain_works = plain.answered() && plain.rcode != formerr && plain.rcode != notimp;
    const auto says_no = [](const ProbeRow* row) {
        return row->answered() && (row->rcode == formerr || row->rcode == notimp);
    };
    if (plain_works && facts.udp.size() > 1 && std::all_of(facts.udp.begin() + 1, facts.udp.end(), says_no)) {
        return Diagnosis{
            "edns_refused",
            fmt::format("The server answers {} to queries with EDNS, and answers those without.",
                        rcode_text(facts.udp.back()->rcode)),
            "Update the server; until then ask it without EDNS (in Uncut: upstream_edns keep), over TCP for "
            "answers of more than 512 octets."};
    }
    const auto silent = [](const ProbeRow* row) { return row->outcome == ProbeOutcome::no_answer; };
    if (plain_works && facts.udp.size() > 1 && std::all_of(facts.udp.begin() + 1, facts.udp.end(), silent)) {
        return Diagnosis{"edns_dropped", "Queries with EDNS get no answer over UDP, those without do.",
                         "Something between drops EDNS (an old firewall?): let it pass."};
    }
    return std::nullopt;
}

Case says_no(const Facts& facts) {
    const ProbeRow& best = *facts.best();
    if (best.rcode == noerror || best.verdict == UNCUT_VERDICT_MALFORMED || best.verdict == UNCUT_VERDICT_NOT_OURS) {
        return std::nullopt;
    }
    const std::string who =
        fmt::format("{} answers {} for {}", facts.subject.server, rcode_text(best.rcode), facts.subject.name);
    const bool udp_has_it =
        std::ranges::any_of(facts.udp, [](const ProbeRow* row) { return row->answered() && row->rcode == noerror; });
    if (best.tcp && udp_has_it) return std::nullopt;  // a fault of TCP, said below
    switch (best.rcode) {
        case nxdomain:
            return Diagnosis{"nxdomain", who + ": the name does not exist there. Nothing is truncated.",
                             "Check the spelling, the search list, and whether this server is the one that knows it."};
        case servfail:
            return Diagnosis{"servfail",
                             who + ": it could not get the answer itself. Nothing is truncated on this hop.",
                             "Look at the server's log; then probe its upstream for the same name."};
        case refused:
            return Diagnosis{"refused", who + ": it does not serve this client or this zone.",
                             "Check the server's access rules and zones, or ask another server."};
        default:
            return Diagnosis{"error_rcode", who + ": it does not take this query.", "Look at the server's log."};
    }
}

Case truncated(const Facts& facts) {
    if (!facts.any_udp(UNCUT_VERDICT_TRUNCATED)) return std::nullopt;
    const auto is_truncated = [](const ProbeRow& row) {
        return row.answered() && row.verdict == UNCUT_VERDICT_TRUNCATED;
    };
    const std::string where = sizes(facts, is_truncated);
    if (const auto fault = tcp_fault(facts)) {
        return Diagnosis{
            tcp_code(facts),
            fmt::format("The answer is truncated over UDP (TC, {}), and {}: clients cannot get it.", where, *fault),
            tcp_remedy(facts)};
    }
    const std::string over_tcp =
        fmt::format("over TCP it has {} ({} octets)", all_records(*facts.tcp, facts.subject), facts.tcp->octets);
    const ProbeRow* whole = facts.first_udp(UNCUT_VERDICT_WHOLE);
    if (whole != nullptr && whole->bufsize && whole->octets <= unfragmented_octets) {
        return Diagnosis{"needs_bufsize",
                         fmt::format("Over UDP the answer is truncated (TC) {} and whole with {}; {}.", where,
                                     *whole->bufsize, over_tcp),
                         fmt::format("The server heeds the size that clients advertise: those that take less must "
                                     "advertise {} or more, or go on to TCP; for those that can do neither load Uncut "
                                     "with fit subset.",
                                     *whole->bufsize)};
    }
    const std::string silent = sizes(facts, [](const ProbeRow& row) { return row.outcome == ProbeOutcome::no_answer; });
    return Diagnosis{"passes_truncation_on",
                     fmt::format("This server passes truncation on: over UDP TC is set {}{}{}; {}.", where,
                                 silent.empty() ? "" : " and no answer comes ", silent, over_tcp),
                     facts.tcp->octets > usual_bufsize
                         ? "So long an answer is rightly truncated over UDP, and clients must go on to TCP; for those "
                           "that cannot load Uncut with fit subset."
                         : "A client that does not go on to TCP gets no answer: set prefer_udp, or load Uncut."};
}

Case tc_lost(const Facts& facts) {
    const ProbeRow* dangling = facts.first_udp(UNCUT_VERDICT_DANGLING_CNAME);
    if (dangling == nullptr) return std::nullopt;
    if (facts.tcp_whole() && facts.tcp->records > 0) {
        return Diagnosis{
            "tc_lost",
            fmt::format("The chain ends in a CNAME and TC was lost: over UDP there are {} records and no {} "
                        "among them, over TCP {}.",
                        dangling->counts[0], facts.subject.type, all_records(*facts.tcp, facts.subject)),
            "Load Uncut (suspect dangling_cname asks again over TCP), or set force_tcp on the way to this "
            "server."};
    }
    if (facts.tcp_answered() && facts.tcp->verdict == UNCUT_VERDICT_DANGLING_CNAME) {
        return Diagnosis{"dangling_cname",
                         "The chain ends in a CNAME, over UDP and TCP alike: nothing was truncated on this hop, the "
                         "server does not know where the name leads.",
                         "Probe the server behind it, and check that it resolves the name at the chain's end."};
    }
    return Diagnosis{facts.tcp_answered() ? "tc_lost" : tcp_code(facts),
                     fmt::format("The chain ends in a CNAME (TC was lost, or the server knows no more), and {}.",
                                 tcp_fault(facts).value_or("over TCP there is nothing more")),
                     tcp_remedy(facts)};
}

Case broken_udp(const Facts& facts) {
    const std::string tcp_has =
        facts.tcp_whole() ? fmt::format("; over TCP it has {}", all_records(*facts.tcp, facts.subject)) : "";
    const std::string tcp_fails = tcp_fault(facts) ? fmt::format("; and {}", *tcp_fault(facts)) : "";
    if (const ProbeRow* row = facts.first_udp(UNCUT_VERDICT_OVERSIZE)) {
        return Diagnosis{
            "oversize",
            fmt::format("The server sends {} octets where {} were allowed, without TC{}{}.", row->octets,
                        row->bufsize.value_or(512), tcp_has, tcp_fails),
            "Clients cut or drop such an answer: load Uncut (suspect oversize), or set force_tcp on the way "
            "to this server."};
    }
    if (const ProbeRow* row = facts.first_udp(UNCUT_VERDICT_CUT)) {
        return Diagnosis{"cut",
                         fmt::format("The answer over UDP is cut off after {} octets without TC{}{}.", row->octets,
                                     tcp_has, tcp_fails),
                         "Load Uncut (suspect cut asks again over TCP), or set force_tcp on the way to this server."};
    }
    for (const std::uint32_t verdict : {UNCUT_VERDICT_MALFORMED, UNCUT_VERDICT_NOT_OURS}) {
        if (!facts.any_udp(verdict)) continue;
        return Diagnosis{
            verdict == UNCUT_VERDICT_MALFORMED ? "malformed" : "not_ours",
            fmt::format("What comes over UDP {}{}{}.",
                        verdict == UNCUT_VERDICT_MALFORMED ? "cannot be read as a DNS message"
                                                           : "does not answer the question (a forger, or a "
                                                             "broken server)",
                        tcp_has, tcp_fails),
            "Look at the server and at what stands between; over TCP such answers are rare: force_tcp may "
            "help meanwhile."};
    }
    return std::nullopt;
}

Case fragments_lost(const Facts& facts) {
    const auto lost = [](const ProbeRow& row) { return row.outcome == ProbeOutcome::no_answer; };
    const std::string where = sizes(facts, lost);
    if (where.empty()) return std::nullopt;
    const ProbeRow& best = *facts.best();
    if (facts.udp.back()->answered() || best.octets <= unfragmented_octets) {
        return Diagnosis{
            "udp_lossy", fmt::format("Over UDP some queries get no answer ({}), others do.", where),
            "Packets are lost on the way, or the server limits its rate: probe again, then look at the path."};
    }
    return Diagnosis{"fragments_lost",
                     fmt::format("Over UDP no answer comes {}: it has {} octets and would be fragmented, and fragments "
                                 "are lost on the way.",
                                 where, best.octets),
                     "Advertise 1232 octets at most (in Uncut: upstream_bufsize 1232) and go on to TCP on TC."};
}

Case fewer_over_udp(const Facts& facts) {
    if (!facts.tcp_whole()) return std::nullopt;
    for (const ProbeRow* row : facts.udp) {
        if (row->records >= facts.tcp->records) continue;
        return Diagnosis{"records_missing",
                         fmt::format("Over UDP ({}) there are {} {} records, over TCP {}, and TC is not set.",
                                     row->bufsize ? fmt::format("with {}", *row->bufsize) : "without EDNS",
                                     row->records, facts.subject.type, facts.tcp->records),
                         "The server, or one behind it, leaves records out on purpose or lost TC on the way: probe its "
                         "upstream for the same name."};
    }
    return std::nullopt;
}

Diagnosis whole(const Facts& facts) {
    const ProbeRow& best = *facts.best();
    if (const auto fault = tcp_fault(facts)) {
        return {tcp_code(facts),
                fmt::format("The answer is whole over UDP, but {}: a longer one would be lost.", *fault),
                tcp_remedy(facts)};
    }
    if (best.records == 0) {
        return {"no_data",
                fmt::format("{} exists and has no {} records. Nothing is truncated.", facts.subject.name,
                            facts.subject.type),
                "Check the type asked for."};
    }
    const ProbeRow& largest = *facts.udp.back();
    if (largest.octets > unfragmented_octets) {
        return {"whole_fragmented",
                fmt::format("The answer is whole however it is asked for; with {} it comes in {} octets, as fragments, "
                            "which other paths lose.",
                            largest.bufsize.value_or(512), largest.octets),
                "Advertise 1232 octets at most."};
    }
    return {"whole", fmt::format("The answer is whole however it is asked for: {}.", all_records(best, facts.subject)),
            ""};
}

}  // namespace

Diagnosis diagnose(const std::vector<ProbeRow>& rows, const ProbeSubject& subject) {
    Facts facts{.udp = {}, .tcp = nullptr, .subject = subject};
    for (const ProbeRow& row : rows) {
        if (row.tcp) {
            facts.tcp = &row;
        } else {
            facts.udp.push_back(&row);
        }
    }
    // The first that holds: what stops everything comes before what stops some.
    for (const auto& check : {gives_nothing, udp_blocked, edns_refused, says_no, truncated, tc_lost, broken_udp,
                              fragments_lost, fewer_over_udp}) {
        if (Case found = check(facts)) return *found;
    }
    return whole(facts);
}

}  // namespace uncut::harness
