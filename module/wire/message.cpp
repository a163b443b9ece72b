// SPDX-License-Identifier: Apache-2.0
#include "module/wire/message.hpp"

#include <algorithm>
#include <array>

#include "module/wire/name.hpp"
#include "module/wire/name_reader.hpp"
#include "module/wire/opt.hpp"
#include "module/wire/rdata.hpp"
#include "module/wire/shape.hpp"

namespace uncut::wire {

namespace {

constexpr std::uint32_t question_fixed_octets = 4;  // type, class

// What the data of a record needs.
enum class Care : std::uint8_t {
    none,     // opaque octets
    length,   // an address
    name,     // one name and nothing else
    names,    // whatever its RdataRule says
    special,  // OPT and signatures
};

// By type, in a table: types alternate in hostile messages, and a switch of many targets is then mispredicted.
constexpr auto cares = [] {
    std::array<Care, 256> table{};
    for (std::uint16_t record_type = 0; record_type != table.size(); ++record_type) {
        const RdataRule rule = rdata_rule(record_type);
        Care care = Care::none;
        if (rule.exact_octets != 0) care = Care::length;
        if (rule.names != 0) care = rule.is_one_name ? Care::name : Care::names;
        if (record_type == type::opt || record_type == type::sig || record_type == type::tsig) care = Care::special;
        table[record_type] = care;
    }
    return table;
}();

struct Span {
    const std::uint8_t* begin;
    const std::uint8_t* end;

    std::ptrdiff_t octets() const noexcept { return end - begin; }
};

// The names in RDATA and what stands around them.
[[gnu::noinline]] Status read_names(std::uint32_t record_type, Span rdata, NameReader& names) noexcept {
    const RdataRule rule = rdata_rule(static_cast<std::uint16_t>(record_type));
    std::uint32_t before = 0;
    if (!skip_before_names(rule, rdata.begin, static_cast<std::uint32_t>(rdata.octets()), before))
        return names.fail(UNCUT_WIRE_RDATA, rdata.begin);
    const std::uint8_t* at = rdata.begin + before;
    for (std::uint32_t name = 0; name != rule.names; ++name) {
        const std::uint8_t* const start = at;
        const Status status = names.read(at, rdata.end);
        if (status == UNCUT_WIRE_CUT) return names.fail(UNCUT_WIRE_RDATA, start);  // over RDLENGTH, not over the end
        if (status != UNCUT_OK) return status;
    }
    const std::ptrdiff_t rest = rdata.end - at;
    if (rest < rule.rest_min || (!rule.open_ended && rest != rule.rest_min)) return names.fail(UNCUT_WIRE_RDATA, at);
    return UNCUT_OK;
}

void forget_question(uncut_message_info& view) noexcept {
    view.question_octets = 0;
    view.qtype = 0;
    view.qclass = 0;
}

void forget_opt(uncut_message_info& view) noexcept {
    view.opt_offset = 0;
    view.opt_octets = 0;
    view.udp_payload_size = 0;
    view.edns_flags = 0;
    view.edns_version = 0;
}

// One pass over one message. All of it is inlined into parse, so that its members are registers.
class Parser {
  public:
    Parser(Octets message, uncut_message_info& view, NameReader& names) noexcept
        : data_(message.data()),
          end_(data_ + message.size()),
          at_(data_ + header_octets),
          start_(at_),
          view_(view),
          names_(names) {}

    [[gnu::always_inline]] inline Status run(std::uint32_t& intact_end) noexcept {
        read_header();
        const Status status = read_body();
        view_.facts = facts_;
        if ((facts_ & UNCUT_FACT_QUESTION) == 0) [[unlikely]]
            forget_question(view_);
        if ((facts_ & UNCUT_FACT_OPT) == 0) forget_opt(view_);
        intact_end = offset(start_);
        view_.error_offset = status == UNCUT_OK ? 0 : names_.error_offset();
        return status;
    }

  private:
    std::uint32_t offset(const std::uint8_t* at) const noexcept { return static_cast<std::uint32_t>(at - data_); }

    [[gnu::always_inline]] inline Status read_body() noexcept {
        for (std::uint32_t left = wire::count(data_, question); left != 0; --left)
            if (const Status status = read_question()) return status;
        if (const Status status = read_section<answer>()) return status;
        if (const Status status = read_section<authority>()) return status;
        if (const Status status = read_section<additional>()) return status;
        return at_ == end_ ? Status{UNCUT_OK} : fail(UNCUT_WIRE_TRAILING, at_);
    }

    Status fail(Status status, const std::uint8_t* at) noexcept { return names_.fail(status, at); }

    [[gnu::always_inline]] inline void read_header() noexcept {
        const std::uint8_t* const data = data_;
        const std::uint16_t read_flags = wire::flags(data);
        const std::uint16_t counts[4] = {count(data, question), count(data, answer), count(data, authority),
                                         count(data, additional)};
        view_.id = wire::id(data);
        view_.flags = read_flags;
        std::memcpy(view_.counts, counts, sizeof counts);
        is_query_ = opcode_of(read_flags) == opcode::query;
        view_.opcode = opcode_of(read_flags);
        view_.rcode = read_flags & flag::rcode_mask;
        view_.section_offsets[question] = header_octets;
        for (int section = answer; section <= additional; ++section) view_.section_offsets[section] = 0;
    }

    [[gnu::always_inline]] inline Status read_question() noexcept {
        start_ = at_;
        if (const Status status = names_.read(at_, end_)) return status;
        if (end_ - at_ < question_fixed_octets) return fail(UNCUT_WIRE_CUT, at_);
        if ((facts_ & UNCUT_FACT_QUESTION) == 0) {
            qtype_ = load16(at_);
            view_.qtype = load16(at_);
            view_.qclass = load16(at_ + 2);
            view_.question_octets = static_cast<std::uint32_t>(at_ + question_fixed_octets - start_);
            facts_ |= UNCUT_FACT_QUESTION;
            // The zone of the question is what most names in an answer end with.
            if (wire::count(data_, answer) != 0) names_.remember_labels(start_, at_);
        }
        at_ += question_fixed_octets;
        return UNCUT_OK;
    }

    template <int section>
    [[gnu::always_inline]] inline Status read_section() noexcept {
        view_.section_offsets[section] = offset(at_);
        for (std::uint32_t left = wire::count(data_, section); left != 0; --left)
            if (const Status status = read_record<section>()) return status;
        return UNCUT_OK;
    }

    template <int section>
    [[gnu::always_inline]] inline Status read_record() noexcept {
        start_ = at_;
        if (const Status status = names_.read(at_, end_)) return status;
        if (end_ - at_ < record_fixed_octets) [[unlikely]]
            return fail(UNCUT_WIRE_CUT, at_);
        const std::uint8_t* const fixed = at_;
        const std::uint32_t record_type = load16(fixed);
        const std::ptrdiff_t rdlength = load16(fixed + 8);
        if (end_ - at_ - record_fixed_octets < rdlength) [[unlikely]]
            return fail(UNCUT_WIRE_CUT, fixed + 8);
        at_ += record_fixed_octets + rdlength;
        if (section == additional && record_type == type::opt) return read_opt(fixed);
        note_type<section>(record_type);
        if (record_type == type::a && rdlength == 4) return UNCUT_OK;  // right in any class, and most are that
        const Care care = record_type < cares.size() ? cares[record_type] : Care::none;
        if (care == Care::name && is_query_) return read_one_name(fixed + record_fixed_octets);
        if (care == Care::none) return UNCUT_OK;
        if (record_type == type::opt) [[unlikely]]
            return fail(UNCUT_WIRE_OPT, start_);  // not in the additional section
        const Span rdata{fixed + record_fixed_octets, at_};
        if (care == Care::special) return read_signature<section>(record_type, rdata);
        if (!is_query_) return UNCUT_OK;  // an UPDATE has records without data: RFC 2136 2.4
        if (care == Care::names) return read_names(record_type, rdata, names_);
        // The lengths of A and AAAA are those of class IN (RFC 1035 3.4.1, RFC 3596 2.2).
        const std::ptrdiff_t exact_octets = record_type == type::a ? 4 : 16;
        if (rdlength != exact_octets && load16(fixed + 2) == class_in) return fail(UNCUT_WIRE_RDATA, fixed + 8);
        return UNCUT_OK;
    }

    [[gnu::always_inline]] inline Status read_one_name(const std::uint8_t* rdata) noexcept {
        const std::uint8_t* at = rdata;
        const Status status = names_.read(at, at_);
        if (status == UNCUT_OK) return at == at_ ? Status{UNCUT_OK} : fail(UNCUT_WIRE_RDATA, at);
        return status == UNCUT_WIRE_CUT ? fail(UNCUT_WIRE_RDATA, rdata) : status;
    }

    template <int section>
    [[gnu::always_inline]] inline void note_type(std::uint32_t record_type) noexcept {
        if constexpr (section == answer) {
            if (record_type == type::cname) facts_ |= UNCUT_FACT_CNAME;
            if (record_type == qtype_) facts_ |= UNCUT_FACT_QTYPE;
        } else if constexpr (section == authority) {
            if (record_type == type::soa) facts_ |= UNCUT_FACT_SOA;
        }
    }

    // A TSIG (RFC 8945 5.1), or a SIG that covers no type, which is a SIG(0) (RFC 2931 3).
    template <int section>
    [[gnu::always_inline]] inline Status read_signature(std::uint32_t record_type, Span rdata) noexcept {
        const bool covers_nothing = rdata.octets() >= 2 && load16(rdata.begin) == 0;
        if (section == additional && (record_type == type::tsig || covers_nothing)) facts_ |= UNCUT_FACT_SIGNED;
        if (record_type == type::tsig || !is_query_) return UNCUT_OK;
        return read_names(record_type, rdata, names_);
    }

    // RFC 6891 6.1.1: at most one, in the additional section, owned by the root.
    [[gnu::always_inline]] inline Status read_opt(const std::uint8_t* fixed) noexcept {
        if (*start_ != 0 || (facts_ & UNCUT_FACT_OPT) != 0) return fail(UNCUT_WIRE_OPT, start_);
        for (const std::uint8_t* option = fixed + record_fixed_octets; option != at_;) {
            if (at_ - option < 4 || at_ - option - 4 < load16(option + 2)) return fail(UNCUT_WIRE_OPT, option);
            option += 4 + load16(option + 2);
        }
        view_.opt_offset = offset(start_);
        view_.opt_octets = static_cast<std::uint32_t>(at_ - start_);
        view_.udp_payload_size = load16(fixed + 2);
        view_.rcode |= std::uint32_t{fixed[4]} << 4;
        view_.edns_version = fixed[5];
        view_.edns_flags = load16(fixed + 6);
        facts_ |= UNCUT_FACT_OPT;
        if ((view_.edns_flags & edns_do) != 0) facts_ |= UNCUT_FACT_DO;
        return UNCUT_OK;
    }

    const std::uint8_t* data_;
    const std::uint8_t* end_;
    const std::uint8_t* at_;
    const std::uint8_t* start_;  // of the record (or question) being read
    std::uint32_t facts_ = UNCUT_FACT_HEADER;
    std::uint32_t qtype_ = 0;
    bool is_query_ = true;
    uncut_message_info& view_;
    NameReader& names_;
};

// Too short for a header, or too long for anything.
[[gnu::cold]] Status without_header(std::size_t octets, uncut_message_info& view) noexcept {
    const bool is_short = octets < header_octets;
    view.error_offset = is_short ? view.octets : 0;
    view.facts = view.opcode = view.rcode = 0;
    view.id = view.flags = 0;
    std::memset(view.counts, 0, sizeof view.counts);
    std::memset(view.section_offsets, 0, sizeof view.section_offsets);
    forget_question(view);
    forget_opt(view);
    return is_short ? UNCUT_WIRE_HEADER : UNCUT_LIMIT_OCTETS;
}

}  // namespace

Status parse(Octets message, uncut_message_info& info, std::uint32_t& intact_end) noexcept {
    intact_end = 0;
    info.octets = static_cast<std::uint32_t>(message.size());
    if (message.size() - header_octets > message_octets_max - header_octets) [[unlikely]] {
        info.octets = static_cast<std::uint32_t>(std::min<std::size_t>(message.size(), UINT32_MAX));
        return without_header(message.size(), info);
    }
    NameReader names(message.data(), info.octets);
    return Parser(message, info, names).run(intact_end);
}

Record record_at(const std::uint8_t* data, std::uint32_t offset) noexcept {
    const std::uint32_t fixed = skip_name(data, offset);
    return {offset, fixed, fixed + record_fixed_octets + load16(data + fixed + 8), load16(data + fixed),
            load16(data + fixed + 2)};
}

bool same_rrset(const std::uint8_t* data, const Record& one, const Record& other) noexcept {
    return one.type == other.type && one.rclass == other.rclass && names_equal(data, one.offset, other.offset);
}

Run rrset_run(const std::uint8_t* data, const Record& first, std::uint32_t records, std::uint32_t stop) noexcept {
    const bool pointed = first.fixed - first.offset == pointer_octets;
    const std::uint8_t* pattern = data + first.offset;
    const std::uint32_t octets = first.end - first.offset;
    Run run{first.end, 1, first.offset};
    while (run.records != records && run.end <= stop) {
        std::uint32_t end = run.end + octets;
        if (!pointed || !same_shape(data + run.end, pattern)) {
            const Record next = record_at(data, run.end);
            if (!same_rrset(data, first, next)) break;
            end = next.end;
        }
        run.last = run.end;
        run.end = end;
        ++run.records;
    }
    return run;
}

}  // namespace uncut::wire
