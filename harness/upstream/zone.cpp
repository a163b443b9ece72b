// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/upstream/zone_text.hpp"

namespace uncut::harness::upstream {
namespace {

// A loop of CNAMEs must end; real chains have two or three links, and resolvers give up at about this many.
constexpr int chain_links_max = 16;

WireName name_of(const ldns_rdf* rdf) {
    return lower({reinterpret_cast<const char*>(ldns_rdf_data(rdf)), ldns_rdf_size(rdf)});
}

RrPtr clone(const ldns_rr& record, const WireName& owner) {
    RrPtr copy(ldns_rr_clone(&record));
    if (name_of(ldns_rr_owner(copy.get())) == owner) return copy;  // keeps the zone's letter case
    ldns_rdf_deep_free(ldns_rr_owner(copy.get()));                 // a wildcard's record is owned by who asked
    ldns_rr_set_owner(copy.get(), ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, owner.size(), owner.data()));
    return copy;
}

/// The name that a record leads to and whose addresses are worth adding, if it is of such a type.
const ldns_rdf* additional_target(const ldns_rr& record) {
    switch (ldns_rr_get_type(&record)) {
        case LDNS_RR_TYPE_NS:
            return ldns_rr_rdf(&record, 0);
        case LDNS_RR_TYPE_MX:
            return ldns_rr_rdf(&record, 1);
        case LDNS_RR_TYPE_SRV:
            return ldns_rr_rdf(&record, 3);
        default:
            return nullptr;
    }
}

}  // namespace

const Zones::RrSet* Zones::Node::find(std::uint16_t type) const {
    const auto found = std::ranges::find(sets, type, &RrSet::type);
    return found == sets.end() ? nullptr : &*found;
}

Zones::RrSet& Zones::Node::find_or_add(std::uint16_t type) {
    const auto found = std::ranges::find(sets, type, &RrSet::type);
    if (found != sets.end()) return *found;
    sets.emplace_back().type = type;
    return sets.back();
}

std::expected<void, std::string> Zones::add_file(const std::filesystem::path& path) {
    const FilePtr file(std::fopen(path.c_str(), "rb"));
    std::string text;
    char room[16384];
    for (std::size_t count = 1; file && count > 0;) {
        count = std::fread(room, 1, sizeof room, file.get());
        text.append(room, count);
    }
    if (!file || std::ferror(file.get()) != 0) {
        return std::unexpected(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    }
    return add_text(text, path.string());
}

std::expected<void, std::string> Zones::add_text(std::string_view text, const std::string& source) {
    auto records = read_zone_text(text);
    if (!records && records.error().line == 0) return std::unexpected(source + ": " + records.error().reason);
    if (!records) {
        return std::unexpected(fmt::format("{}:{}: {}", source, records.error().line, records.error().reason));
    }
    add_records(std::move(*records));
    return {};
}

void Zones::add_records(std::vector<RrPtr> records) {
    for (RrPtr& record : records) add(std::move(record));
    add_empty_non_terminals();
}

void Zones::add(RrPtr record) {
    Node& node = nodes_[owner_of(*record)];
    ++records_;
    if (ldns_rr_get_type(record.get()) == LDNS_RR_TYPE_RRSIG) {
        const auto covered = ldns_rdf2native_int16(ldns_rr_rrsig_typecovered(record.get()));
        node.find_or_add(covered).signatures.push_back(std::move(record));
        return;
    }
    node.find_or_add(static_cast<std::uint16_t>(ldns_rr_get_type(record.get()))).records.push_back(std::move(record));
}

// RFC 4592 2.2.2: a name that owns nothing but has names below it exists; asked for, it is NODATA.
void Zones::add_empty_non_terminals() {
    std::vector<WireName> missing;
    for (const auto& [name, node] : nodes_) {
        std::vector<WireName> above;
        for (std::string_view up = name; up.front() != 0;) {
            const Node* at = find(up);
            if (at != nullptr && at->find(LDNS_RR_TYPE_SOA) != nullptr) {
                missing.insert(missing.end(), above.begin(), above.end());
                break;
            }
            if (at == nullptr) above.emplace_back(up);
            up = parent(up);
        }
    }
    for (const WireName& name : missing) nodes_.try_emplace(name);
}

const Zones::Node* Zones::find(std::string_view name) const {
    const auto found = nodes_.find(WireName(name));
    return found == nodes_.end() ? nullptr : &found->second;
}

Zones::Place Zones::place(const WireName& name) const {
    Place out;
    const Node* closest = nullptr;  // the closest encloser: RFC 4592 3.3.1
    std::string_view closest_name;
    for (std::string_view up = name;; up = parent(up)) {
        if (const Node* at = find(up); at != nullptr) {
            if (closest == nullptr) {
                closest = at;
                closest_name = up;
            }
            if (at->find(LDNS_RR_TYPE_SOA) != nullptr) {
                out.apex = at;
                break;
            }
            if (at->find(LDNS_RR_TYPE_NS) != nullptr) {
                out.delegation = at;
                out.is_cut = up.size() == name.size();
            }
        }
        if (up.front() == 0) break;
    }
    if (out.apex == nullptr) out.delegation = nullptr;  // NS records without a zone around them delegate nothing
    if (closest != nullptr && closest_name.size() == name.size()) {
        out.node = closest;
    } else if (closest != nullptr) {
        out.node = find(WireName("\1*") + WireName(closest_name));
    }
    return out;
}

RrSetCopy Zones::copy(const RrSet& set, const WireName& owner, bool dnssec) {
    RrSetCopy out;
    out.type = set.type;
    for (const RrPtr& record : set.records) out.records.push_back(clone(*record, owner));
    if (dnssec) {
        for (const RrPtr& record : set.signatures) out.records.push_back(clone(*record, owner));
    }
    return out;
}

void Zones::add_soa(const Place& place, bool dnssec, Lookup& out) {
    const RrSet* soa = place.apex == nullptr ? nullptr : place.apex->find(LDNS_RR_TYPE_SOA);
    if (soa == nullptr || soa->records.empty()) return;
    RrSetCopy set = copy(*soa, name_of(ldns_rr_owner(soa->records.front().get())), dnssec);
    // RFC 2308 3: the TTL of a negative answer is the lower of the SOA's TTL and its MINIMUM field.
    const std::uint32_t minimum_s = ldns_rdf2native_int32(ldns_rr_rdf(soa->records.front().get(), 6));
    for (const RrPtr& record : set.records) {
        ldns_rr_set_ttl(record.get(), std::min(minimum_s, ldns_rr_ttl(record.get())));
    }
    out.authority.push_back(std::move(set));
}

void Zones::refer(const Node& delegation, bool dnssec, Lookup& out) const {
    const RrSet& ns = *delegation.find(LDNS_RR_TYPE_NS);
    const WireName owner = name_of(ldns_rr_owner(ns.records.front().get()));
    out.authority.push_back(copy(ns, owner, false));  // not authoritative here, hence never signed: RFC 4035 2.2
    if (const RrSet* ds = delegation.find(LDNS_RR_TYPE_DS); dnssec && ds != nullptr) {
        out.authority.push_back(copy(*ds, owner, true));
    }
    out.authoritative = false;
    out.referral = true;
    add_additional(out.authority, false, out);
}

void Zones::add_additional(const std::vector<RrSetCopy>& from, bool dnssec, Lookup& out) const {
    for (const RrSetCopy& set : from) {
        for (const RrPtr& record : set.records) {
            const ldns_rdf* target = additional_target(*record);
            const WireName name = target == nullptr ? WireName() : name_of(target);
            const Node* node = target == nullptr ? nullptr : find(name);
            if (node == nullptr) continue;
            for (const auto type : {std::uint16_t{LDNS_RR_TYPE_A}, std::uint16_t{LDNS_RR_TYPE_AAAA}}) {
                if (const RrSet* found = node->find(type)) out.additional.push_back(copy(*found, name, dnssec));
            }
        }
    }
}

Lookup Zones::lookup(const WireName& question, std::uint16_t type, bool dnssec) const {
    Lookup out;
    WireName name = question;
    for (int link = 0; link < chain_links_max; ++link) {
        const Place at = place(name);
        if (at.apex == nullptr && at.node == nullptr) {
            if (link == 0) {
                out.rcode = LDNS_RCODE_REFUSED;
                out.authoritative = false;
            }
            return out;  // the chain leaves what is loaded
        }
        // RFC 4035 3.1.4.1: a DS is the parent's.
        if (at.delegation != nullptr && !(at.is_cut && type == LDNS_RR_TYPE_DS)) {
            refer(*at.delegation, dnssec, out);
            return out;
        }
        if (at.node == nullptr) {
            out.rcode = LDNS_RCODE_NXDOMAIN;  // of the last name in the chain: RFC 6604 3
            add_soa(at, dnssec, out);
            return out;
        }
        if (type == LDNS_RR_TYPE_ANY) {
            for (const RrSet& set : at.node->sets) out.answer.push_back(copy(set, name, dnssec));
            return out;
        }
        if (const RrSet* set = at.node->find(type); set != nullptr && !set->records.empty()) {
            out.answer.push_back(copy(*set, name, dnssec));
            std::vector<RrSetCopy> last;
            last.push_back(copy(*set, name, false));
            add_additional(last, dnssec, out);
            return out;
        }
        const RrSet* cname = at.node->find(LDNS_RR_TYPE_CNAME);
        if (cname == nullptr || cname->records.empty()) {
            add_soa(at, dnssec, out);
            return out;
        }
        out.answer.push_back(copy(*cname, name, dnssec));
        name = name_of(ldns_rr_rdf(cname->records.front().get(), 0));
    }
    return out;
}

}  // namespace uncut::harness::upstream
