// SPDX-License-Identifier: Apache-2.0
#include "module/engine/transfer.hpp"

#include "module/wire/name.hpp"
#include "module/wire/opt.hpp"

namespace uncut::engine {
namespace {

constexpr std::uint32_t soa_numbers_octets = 20;  // serial, refresh, retry, expire, minimum: RFC 1035 3.3.13

// The octets of the question, 0 where it cannot be read.
std::size_t question_octets(Octets query) noexcept {
    if (query.size() < wire::header_octets || wire::count(query.data(), wire::question) != 1) return 0;
    std::uint32_t end = 0;
    if (wire::check_name(query, wire::header_octets, end) != UNCUT_OK || query.size() - end < 4) return 0;
    return end + 4 - wire::header_octets;
}

// Of an SOA record that has room for its numbers.
std::uint32_t serial_of(const wire::Message& message, const wire::Record& soa) noexcept {
    return wire::load32(message.data + soa.end - soa_numbers_octets);
}

}  // namespace

std::uint16_t query_type(Octets query) noexcept {
    const std::size_t octets = question_octets(query);
    return octets == 0 ? std::uint16_t{0} : wire::load16(query.data() + wire::header_octets + octets - 4);
}

std::size_t write_error(Octets query, std::uint16_t rcode, bool truncated, std::span<std::uint8_t> out) noexcept {
    const std::size_t question = question_octets(query);
    std::memcpy(out.data(), query.data(), wire::header_octets + question);
    constexpr std::uint32_t kept = wire::flag::opcode_mask | wire::flag::rd | wire::flag::cd;
    const std::uint32_t tc = truncated ? std::uint32_t{wire::flag::tc} : 0;
    wire::set_flags(out.data(), wire::flag::qr | (wire::flags(query.data()) & kept) | tc | rcode);
    wire::set_count(out.data(), wire::question, question == 0 ? 0 : 1);
    for (const int section : {wire::answer, wire::authority, wire::additional}) wire::set_count(out.data(), section, 0);
    const std::size_t octets = wire::header_octets + question;
    // RFC 6891 7: an OPT for who sent one.
    wire::Message asked;
    if (wire::parse(query, asked) != UNCUT_OK || !asked.has(UNCUT_FACT_OPT)) return octets;
    wire::set_count(out.data(), wire::additional, 1);
    const wire::OptFields fields{.rcode = rcode, .dnssec_ok = asked.has(UNCUT_FACT_DO)};
    const std::uint8_t* const end = wire::write_opt(fields, wire::no_extended_error, out.data() + octets);
    return static_cast<std::size_t>(end - out.data());
}

void Transfer::begin(Octets query) noexcept {
    *this = {};
    id_ = wire::id(query.data());
    wire::Message asked;
    if (wire::parse(query, asked) != UNCUT_OK || asked.qtype != wire::type::ixfr) return;
    if (asked.counts[wire::authority] == 0) return;
    const wire::Record soa = wire::record_at(asked.data, asked.section_offsets[wire::authority]);
    has_known_ = soa.type == wire::type::soa && soa.rdlength() >= soa_numbers_octets;
    if (has_known_) known_ = serial_of(asked, soa);
}

// RFC 1995 2: to a client whose version is the server's, or newer, the answer is the server's SOA and nothing else.
// Compared as in RFC 1982 3.2.
bool Transfer::is_up_to_date() const noexcept {
    return has_known_ && records_ == 1 && serials_ == 1 && static_cast<std::int32_t>(serial_ - known_) <= 0;
}

// Whether the transfer ends with this record, if it is the last of its message.
bool Transfer::read_record(const wire::Message& message, const wire::Record& record) noexcept {
    const std::uint32_t number = records_++;
    if (record.type != wire::type::soa || record.rdlength() < soa_numbers_octets) return false;
    const std::uint32_t serial = serial_of(message, record);
    if (number == 0) serial_ = serial;
    if (number == 1 && serial != serial_) incremental_ = true;
    if (serial == serial_) ++serials_;
    // AXFR ends with the SOA it began with (RFC 5936 2.2). IXFR has it a time more: at the head of what the last
    // difference adds (RFC 1995 4).
    return serial == serial_ && number > 0 && serials_ == (incremental_ ? 3 : 2);
}

Progress Transfer::read(Octets octets) noexcept {
    if (octets.size() < wire::header_octets || wire::id(octets.data()) != id_) return Progress::foreign;
    const std::uint16_t flags = wire::flags(octets.data());
    if ((flags & wire::flag::qr) == 0) return Progress::foreign;
    if ((flags & wire::flag::rcode_mask) != wire::rcode::noerror) return Progress::last;
    wire::Message message;
    if (lost_ || wire::parse(octets, message) != UNCUT_OK) {
        lost_ = true;
        return Progress::more;
    }
    const std::uint32_t answers = message.counts[wire::answer];
    const bool first = records_ == 0;
    if (first && answers == 0) return Progress::last;  // nothing to transfer
    bool ends = false;
    std::uint32_t at = message.section_offsets[wire::answer];
    for (std::uint32_t index = 0; index < answers; ++index) {
        const wire::Record record = wire::record_at(message.data, at);
        ends = read_record(message, record);
        at = record.end;
    }
    return ends || (first && is_up_to_date()) ? Progress::last : Progress::more;
}

}  // namespace uncut::engine
