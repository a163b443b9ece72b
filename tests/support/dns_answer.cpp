// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dns_answer.hpp"

#include <fmt/format.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace uncut::test {

namespace {

struct Free {
    void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
    void operator()(ldns_rr* record) const { ldns_rr_free(record); }
    void operator()(char* text) const { std::free(text); }
};

std::string text_of(char* owned) {
    const std::unique_ptr<char, Free> text(owned);
    std::string result = text == nullptr ? "" : text.get();
    while (result.ends_with('\n')) result.pop_back();
    return result;
}

std::multiset<std::string> records(const ldns_rr_list* list) {
    std::multiset<std::string> result;
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
        const std::unique_ptr<ldns_rr, Free> record(ldns_rr_clone(ldns_rr_list_rr(list, i)));
        ldns_rr2canonical(record.get());
        result.insert(text_of(ldns_rr2str(record.get())));
    }
    return result;
}

// The options of an OPT, as RFC 6891 6.1.2 lays them out: code, length, data.
std::vector<std::uint16_t> extended_errors(const ldns_rdf* options) {
    constexpr unsigned option_extended_error = 15;
    std::vector<std::uint16_t> result;
    if (options == nullptr) return result;
    const std::uint8_t* data = ldns_rdf_data(options);
    const std::size_t octets = ldns_rdf_size(options);
    const auto u16 = [&](std::size_t at) { return static_cast<unsigned>(data[at] << 8 | data[at + 1]); };
    for (std::size_t at = 0; at + 4 <= octets; at += 4 + u16(at + 2)) {
        if (u16(at) == option_extended_error && u16(at + 2) >= 2 && at + 6 <= octets) {
            result.push_back(static_cast<std::uint16_t>(u16(at + 4)));
        }
    }
    return result;
}

}  // namespace

std::size_t Answer::count(std::string_view type) const {
    const std::string field = fmt::format("\t{}\t", type);
    return static_cast<std::size_t>(
        std::ranges::count_if(answer, [&](const auto& text) { return text.contains(field); }));
}

Answer read_answer(const Octets& message) {
    ldns_pkt* raw = nullptr;
    const ldns_status status = ldns_wire2pkt(&raw, message.data(), message.size());
    if (status != LDNS_STATUS_OK) {
        throw std::runtime_error(
            fmt::format("ldns cannot read {} octets: {}", message.size(), ldns_get_errorstr_by_id(status)));
    }
    const std::unique_ptr<ldns_pkt, Free> packet(raw);
    Answer answer;
    answer.octets = message.size();
    answer.id = ldns_pkt_id(raw);
    answer.opcode = static_cast<int>(ldns_pkt_get_opcode(raw));
    answer.qr = ldns_pkt_qr(raw);
    answer.tc = ldns_pkt_tc(raw);
    answer.rd = ldns_pkt_rd(raw);
    answer.ra = ldns_pkt_ra(raw);
    if (ldns_rr_list_rr_count(ldns_pkt_question(raw)) > 0) {
        const ldns_rr* question = ldns_rr_list_rr(ldns_pkt_question(raw), 0);
        answer.question = fmt::format("{} {}", text_of(ldns_rdf2str(ldns_rr_owner(question))),
                                      text_of(ldns_rr_type2str(ldns_rr_get_type(question))));
    }
    answer.answer = records(ldns_pkt_answer(raw));
    answer.authority = records(ldns_pkt_authority(raw));
    answer.additional = records(ldns_pkt_additional(raw));
    answer.edns = ldns_pkt_edns(raw);
    answer.dnssec_ok = answer.edns && ldns_pkt_edns_do(raw);
    answer.udp_payload_size = answer.edns ? ldns_pkt_edns_udp_size(raw) : std::uint16_t{0};
    answer.rcode =
        static_cast<int>(ldns_pkt_get_rcode(raw)) | (answer.edns ? ldns_pkt_edns_extended_rcode(raw) << 4 : 0);
    answer.extended_errors = extended_errors(ldns_pkt_edns_data(raw));
    return answer;
}

}  // namespace uncut::test
