// SPDX-License-Identifier: Apache-2.0
#include "harness/message/rdata_text.hpp"

#include <fmt/format.h>

#include "harness/log/printable.hpp"
#include "harness/message/name_text.hpp"
#include "harness/upstream/ldns_handles.hpp"

namespace uncut::harness {
namespace {

using Octets = std::span<const std::uint8_t>;

// A bitmap of types becomes some seventy characters an octet. What people look at is far shorter: a DNSKEY of 4,096
// bits has 520 octets.
constexpr std::size_t presented_octets_max = 4'096;

// The octets of a field of a fixed length; none for one that reaches to the end or is of a kind of its own.
std::optional<std::size_t> fixed_octets(ldns_rdf_type field) {
    switch (field) {
        case LDNS_RDF_TYPE_INT8:
        case LDNS_RDF_TYPE_ALG:
        case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
        case LDNS_RDF_TYPE_SELECTOR:
        case LDNS_RDF_TYPE_MATCHING_TYPE:
            return 1;
        case LDNS_RDF_TYPE_INT16:
        case LDNS_RDF_TYPE_TYPE:
        case LDNS_RDF_TYPE_CLASS:
        case LDNS_RDF_TYPE_CERT_ALG:
            return 2;
        case LDNS_RDF_TYPE_INT32:
        case LDNS_RDF_TYPE_TIME:
        case LDNS_RDF_TYPE_PERIOD:
        case LDNS_RDF_TYPE_A:
            return 4;
        case LDNS_RDF_TYPE_TSIGTIME:
            return 6;
        default:
            return std::nullopt;
    }
}

// Behind the name that begins at `at`, in its own octets: behind its root label or its first pointer.
std::size_t skip_name(Octets message, std::size_t at) {
    while (at < message.size() && message[at] != 0) {
        if (message[at] >= 0xC0) return at + 2;  // RFC 1035 4.1.4
        at += message[at] + std::size_t{1};
    }
    return at + 1;
}

enum class Names {
    sound,    // none, or all of them parse
    broken,   // one does not
    unknown,  // there may be one where nobody can tell
};

// ldns follows pointers in RDATA as far as there are octets, forwards and in circles, once for each name. So each name
// is read by the module first, which does so at a bounded cost.
Names judge_names(Octets message, const RecordPlace& record, const uncut_module& module) {
    const ldns_rr_descriptor* form = ldns_rr_descript(record.type);
    const std::size_t fields = ldns_rr_descriptor_maximum(form);
    std::size_t at = record.rdata;
    for (std::size_t field = 0; field < fields && at < record.end; ++field) {
        const ldns_rdf_type kind = ldns_rr_descriptor_field_type(form, field);
        if (kind == LDNS_RDF_TYPE_DNAME) {
            if (!name_text(message.first(record.end), at, module)) return Names::broken;
            at = skip_name(message, at);
        } else if (kind == LDNS_RDF_TYPE_STR) {
            at += message[at] + std::size_t{1};
        } else if (const auto octets = fixed_octets(kind)) {
            at += *octets;
        } else {
            // How far it reaches is not known here; most often to the end.
            const bool name_follows =
                field + 1 < fields && ldns_rr_descriptor_field_type(form, field + 1) == LDNS_RDF_TYPE_DNAME;
            return name_follows ? Names::unknown : Names::sound;
        }
    }
    return Names::sound;
}

// As ldns presents it; none if it does not.
std::optional<std::string> presented(Octets message, const RecordPlace& record) {
    std::size_t at = record.offset;
    ldns_rr* raw = nullptr;
    const ldns_status status = ldns_wire2rr(&raw, message.data(), record.end, &at, LDNS_SECTION_ANSWER);
    const upstream::RrPtr rr(raw);
    if (status != LDNS_STATUS_OK || at != record.end || ldns_rr_rd_count(rr.get()) == 0) return std::nullopt;
    std::string text;
    for (std::size_t field = 0; field < ldns_rr_rd_count(rr.get()); ++field) {
        const upstream::CharPtr part(ldns_rdf2str(ldns_rr_rdf(rr.get(), field)));
        if (!part) return std::nullopt;
        if (field > 0) text += ' ';
        text += part.get();
    }
    return utf8_text(text);
}

std::string generic(Octets rdata) {
    const char* const gap = rdata.empty() ? "" : " ";
    return fmt::format("\\# {}{}{}", rdata.size(), gap, hex_text(rdata));
}

}  // namespace

std::optional<std::string> rdata_text(Octets message, const RecordPlace& record, const uncut_module& module) {
    const Octets rdata = message.subspan(record.rdata, record.end - record.rdata);
    const Names names = judge_names(message, record, module);
    if (names == Names::broken) return std::nullopt;
    // A WKS is a bitmap of ports, each of which ldns looks up in a file of the system.
    if (names == Names::sound && rdata.size() <= presented_octets_max && record.type != LDNS_RR_TYPE_WKS) {
        if (auto text = presented(message, record)) return text;
    }
    return generic(rdata);
}

std::string hex_text(Octets octets) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * octets.size());
    for (const std::uint8_t octet : octets) {
        text += digits[octet >> 4U];
        text += digits[octet & 0x0FU];
    }
    return text;
}

}  // namespace uncut::harness
