// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/zone_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace uncut::harness::upstream {
namespace {

constexpr std::uint32_t default_ttl_s = 3600;

/// The line of the entry that begins at or behind `start`. ldns counts lines too, but not those of comments.
std::size_t line_at(std::string_view text, std::size_t start) {
    std::size_t at = start;
    while (at < text.size()) {
        const std::size_t word = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
        if (word == text.size() || text[word] != ';') {
            at = word;
            break;
        }
        at = std::min(text.find('\n', word), text.size());
    }
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

std::unexpected<ZoneTextError> whole_text(std::string reason) {
    return std::unexpected(ZoneTextError{0, std::move(reason)});
}

}  // namespace

std::expected<std::vector<RrPtr>, ZoneTextError> read_zone_text(std::string_view text) {
    if (text.empty()) return whole_text("empty: expected records");
    // ldns drops a last line that does not end.
    std::string ended(text);
    if (ended.back() != '\n') ended.push_back('\n');
    const FilePtr file(::fmemopen(ended.data(), ended.size(), "r"));
    if (!file) return whole_text(std::strerror(errno));
    RdfPtr origin(ldns_dname_new_frm_str("."));
    RdfPtr previous;
    std::uint32_t ttl_s = default_ttl_s;
    std::vector<RrPtr> records;
    while (std::feof(file.get()) == 0) {
        const auto start = static_cast<std::size_t>(std::max(0L, std::ftell(file.get())));
        ldns_rr* raw = nullptr;
        ldns_rdf* raw_origin = origin.release();
        ldns_rdf* raw_previous = previous.release();
        const ldns_status status = ldns_rr_new_frm_fp(&raw, file.get(), &ttl_s, &raw_origin, &raw_previous);
        origin.reset(raw_origin);
        previous.reset(raw_previous);
        switch (status) {
            case LDNS_STATUS_OK:
                records.emplace_back(raw);
                break;
            case LDNS_STATUS_SYNTAX_EMPTY:
            case LDNS_STATUS_SYNTAX_TTL:
            case LDNS_STATUS_SYNTAX_ORIGIN:
                break;
            default: {
                const char* said = status == LDNS_STATUS_SYNTAX_INCLUDE ? "$INCLUDE is not supported"
                                                                        : ldns_get_errorstr_by_id(status);
                return std::unexpected(ZoneTextError{line_at(ended, start), said});
            }
        }
    }
    if (records.empty()) return whole_text("no records");
    return records;
}

std::expected<RrPtr, std::string> read_record(std::string_view name, std::uint16_t type, std::uint32_t ttl_s,
                                              std::string_view data) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; };
    if (std::ranges::any_of(data, is_control)) return std::unexpected("a control character: expected one line");
    const std::string line = fmt::format("{} {} IN {} {}", name, ttl_s, type_to_text(type), data);
    RdfPtr origin(ldns_dname_new_frm_str("."));
    ldns_rr* raw = nullptr;
    const ldns_status status = ldns_rr_new_frm_str(&raw, line.c_str(), ttl_s, origin.get(), nullptr);
    RrPtr record(raw);
    if (status != LDNS_STATUS_OK) return std::unexpected(ldns_get_errorstr_by_id(status));
    return record;
}

std::string data_text(const ldns_rr& record) {
    std::string out;
    for (std::size_t i = 0; i < ldns_rr_rd_count(&record); ++i) {
        const CharPtr text(ldns_rdf2str(ldns_rr_rdf(&record, i)));
        if (i > 0) out += ' ';
        out += text ? text.get() : "";
    }
    return out;
}

WireName owner_of(const ldns_rr& record) {
    const ldns_rdf* owner = ldns_rr_owner(&record);
    return lower({reinterpret_cast<const char*>(ldns_rdf_data(owner)), ldns_rdf_size(owner)});
}

}  // namespace uncut::harness::upstream
