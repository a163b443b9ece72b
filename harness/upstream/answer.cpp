// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/answer.hpp"

#include <new>
#include <optional>
#include <tuple>

namespace uncut::harness::upstream {
namespace {

PktPtr compose(Lookup& found, const WireName& name, std::uint16_t type) {
    PktPtr packet(ldns_pkt_new());
    RrPtr question(ldns_rr_new());
    if (!packet || !question) return nullptr;
    ldns_rr_set_owner(question.get(), ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.size(), name.data()));
    ldns_rr_set_type(question.get(), static_cast<ldns_rr_type>(type));
    ldns_rr_set_class(question.get(), LDNS_RR_CLASS_IN);
    ldns_rr_set_question(question.get(), true);
    ldns_pkt_push_rr(packet.get(), LDNS_SECTION_QUESTION, question.release());
    const std::pair<ldns_pkt_section, std::vector<RrSetCopy>*> sections[] = {
        {LDNS_SECTION_ANSWER, &found.answer},
        {LDNS_SECTION_AUTHORITY, &found.authority},
        {LDNS_SECTION_ADDITIONAL, &found.additional}};
    for (const auto& [section, sets] : sections) {
        for (RrSetCopy& set : *sets) {
            for (RrPtr& record : set.records) {
                if (!ldns_pkt_push_rr(packet.get(), section, record.get())) return nullptr;
                std::ignore = record.release();  // the packet owns it now; the slot still counts
            }
        }
    }
    return packet;
}

std::optional<std::vector<std::uint8_t>> to_wire(const ldns_pkt& packet) {
    std::uint8_t* raw = nullptr;
    std::size_t octets = 0;
    const ldns_status status = ldns_pkt2wire(&raw, &packet, &octets);
    const std::unique_ptr<std::uint8_t, CallFree<std::free>> owner(raw);
    if (status != LDNS_STATUS_OK) return std::nullopt;
    return std::vector<std::uint8_t>(raw, raw + octets);
}

void find_cuts(const Lookup& found, WireAnswer& out) {
    WireAnswer::Cut cut;
    std::size_t at = header_octets;
    while (out.octets[at] != 0) at += out.octets[at] + std::size_t{1};
    cut.octets = at + 5;  // the root label, type and class
    out.cuts.assign(1, cut);
    const std::vector<RrSetCopy>* sections[] = {&found.answer, &found.authority, &found.additional};
    for (std::size_t section = 0; section < 3; ++section) {
        for (const RrSetCopy& set : *sections[section]) {
            for (std::size_t i = 0; i < set.records.size(); ++i) cut.octets = record_end(out.octets, cut.octets);
            cut.counts[section] = static_cast<std::uint16_t>(cut.counts[section] + set.records.size());
            out.cuts.push_back(cut);
        }
        if (section < 2 || found.referral) out.required_cut = out.cuts.size() - 1;
    }
    for (const RrSetCopy& set : found.answer) {
        if (set.type != LDNS_RR_TYPE_CNAME) break;
        ++out.chain_cut;
    }
}

}  // namespace

WireAnswer build_answer(const Zones& zones, const WireName& name, std::uint16_t type, bool dnssec) {
    Lookup found = zones.lookup(name, type, dnssec);
    PktPtr packet = compose(found, name, type);
    std::optional<std::vector<std::uint8_t>> wire = packet ? to_wire(*packet) : std::nullopt;
    if (!wire) {
        found = Lookup{};
        found.rcode = LDNS_RCODE_SERVFAIL;
        found.authoritative = false;
        packet = compose(found, name, type);
        wire = packet ? to_wire(*packet) : std::nullopt;
    }
    WireAnswer out;
    if (!wire) throw std::bad_alloc();  // a header and a question: nothing but memory can be wanting
    out.octets = std::move(*wire);
    out.rcode = found.rcode;
    out.authoritative = found.authoritative;
    find_cuts(found, out);
    return out;
}

const WireAnswer& AnswerCache::get(const Query& query) {
    key_.assign(query.name);
    key_.push_back(static_cast<char>(query.type >> 8U));
    key_.push_back(static_cast<char>(query.type & 0xFFU));
    key_.push_back(query.dnssec_ok ? '\1' : '\0');
    if (const auto found = answers_.find(key_); found != answers_.end()) return found->second;
    if (answers_.size() >= answers_max || octets_ >= octets_max) {
        answers_.clear();
        octets_ = 0;
    }
    const auto added = answers_.emplace(key_, build_answer(*zones_, query.name, query.type, query.dnssec_ok)).first;
    octets_ += added->second.octets.size();
    return added->second;
}

}  // namespace uncut::harness::upstream
