// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/upstream/ldns_handles.hpp"

namespace uncut::harness::upstream {

std::expected<WireName, std::string> name_from_text(std::string_view text) {
    if (text.empty()) return std::unexpected("an empty name: expected one such as example.com, or . for the root");
    if (text.find('\0') != std::string_view::npos) return std::unexpected("a name with a NUL in it: write it as \\000");
    ldns_rdf* raw = nullptr;
    const ldns_status status = ldns_str2rdf_dname(&raw, std::string(text).c_str());
    const RdfPtr rdf(raw);
    if (status != LDNS_STATUS_OK) {
        return std::unexpected(fmt::format("\"{}\" is not a domain name: {}", text, ldns_get_errorstr_by_id(status)));
    }
    return WireName(reinterpret_cast<const char*>(ldns_rdf_data(rdf.get())), ldns_rdf_size(rdf.get()));
}

std::string name_to_text(std::string_view name) {
    const RdfPtr rdf(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.size(), name.data()));
    if (!rdf) return {};
    const CharPtr text(ldns_rdf2str(rdf.get()));
    return text ? std::string(text.get()) : std::string();
}

WireName lower(std::string_view name) {
    WireName out(name);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::expected<std::uint16_t, std::string> type_from_text(std::string_view text) {
    std::uint16_t type = 0;
    // TYPE and a number of 16 bits (RFC 3597 section 5); ldns would take any number, and cut it.
    if (text.size() > 4 && lower(text.substr(0, 4)) == "type") {
        const auto [end, error] = std::from_chars(text.data() + 4, text.data() + text.size(), type);
        if (error != std::errc() || end != text.data() + text.size()) type = 0;
    } else {
        type = static_cast<std::uint16_t>(ldns_get_rr_type_by_name(std::string(text).c_str()));
    }
    if (type == 0) {
        return std::unexpected(
            fmt::format("\"{}\" is not a record type: expected one such as A, AAAA or TYPE65", text));
    }
    return type;
}

std::string type_to_text(std::uint16_t type) {
    const CharPtr text(ldns_rr_type2str(static_cast<ldns_rr_type>(type)));
    return text ? std::string(text.get()) : fmt::format("TYPE{}", type);
}

std::string class_to_text(std::uint16_t dns_class) {
    const CharPtr text(ldns_rr_class2str(static_cast<ldns_rr_class>(dns_class)));
    return text ? std::string(text.get()) : fmt::format("CLASS{}", dns_class);
}

}  // namespace uncut::harness::upstream
