// SPDX-License-Identifier: Apache-2.0
#include "module/wire/message.hpp"

#include "module/wire/name.hpp"
#include "module/wire/name_reader.hpp"
#include "module/wire/opt.hpp"
#include "module/wire/rdata.hpp"
#include "module/wire/shape.hpp"

namespace uncut::wire {

namespace {

constexpr std::uint32_t question_fixed_octets = 4;  // type, class
// One pass over one message. `at` is where it stands; it is handed on by reference, and the steps that most records
// take are inline, so that it stays in a register.
class Parser {
  public:
    Parser(Octets message, NameReader& names, Message& view) noexcept
        : data_(message.data()), end_(static_cast<std::uint32_t>(message.size())), names_(names), view_(view) {}

    Status run() noexcept {
        read_header();
        std::uint32_t at = header_octets;
        for (std::uint32_t left = view_.counts[question]; left != 0; --left)
            if (const Status status = read_question(at)) return status;
        if (const Status status = read_section<answer>(at)) return status;
        if (const Status status = read_section<authority>(at)) return status;
        if (const Status status = read_section<additional>(at)) return status;
        return at == end_ ? Status{UNCUT_OK} : fail(UNCUT_WIRE_TRAILING, at);
    }

  private:
    Status fail(Status status, std::uint32_t offset) noexcept {
        view_.error_offset = offset;
        return status;
    }

    void read_header() noexcept {
        view_.facts = UNCUT_FACT_HEADER;
        view_.id = wire::id(data_);
        view_.flags = wire::flags(data_);
        for (int section = question; section <= additional; ++section)
            view_.counts[section] = wire::count(data_, section);
        view_.opcode = opcode_of(view_.flags);
        view_.rcode = view_.flags & flag::rcode_mask;
        view_.section_offsets[question] = header_octets;
    }

    Status read_question(std::uint32_t& at) noexcept {
        const std::uint32_t start = at;
        view_.intact_end = start;
        if (const Status status = names_.read(at, end_)) return fail(status, names_.error_offset());
        if (end_ - at < question_fixed_octets) return fail(UNCUT_WIRE_CUT, at);
        if (start == header_octets) {
            view_.qtype = load16(data_ + at);
            view_.qclass = load16(data_ + at + 2);
            view_.question_octets = at + question_fixed_octets - header_octets;
            view_.facts |= UNCUT_FACT_QUESTION;
        }
        at += question_fixed_octets;
        return UNCUT_OK;
    }

    template <int section>
    [[gnu::always_inline]] Status read_section(std::uint32_t& at) noexcept {
        view_.section_offsets[section] = at;
        std::uint32_t facts = 0;
        Status status = UNCUT_OK;
        for (std::uint32_t left = view_.counts[section]; left != 0;) {
            const std::uint32_t start = at;
            bool repeatable = false;
            status = read_record<section>(at, repeatable, facts);
            if (status != UNCUT_OK) {
                view_.intact_end = start;
                break;
            }
            --left;
            if (repeatable) skip_alike(start, at, left);
        }
        view_.facts |= facts;
        return status;
    }

    // A record shaped like the one before it is as valid as that one: its pointer looks back even further, and
    // its data is opaque and of the same length. This is what most of a long answer is made of.
    [[gnu::always_inline]] void skip_alike(std::uint32_t first, std::uint32_t& at, std::uint32_t& left) noexcept {
        const std::uint32_t octets = at - first;
        const std::uint8_t* pattern = data_ + first;
        while (left != 0 && end_ - at >= octets && same_shape(data_ + at, pattern)) {
            at += octets;
            --left;
        }
    }

    template <int section>
    [[gnu::always_inline]] Status read_record(std::uint32_t& at, bool& repeatable, std::uint32_t& facts) noexcept {
        const std::uint32_t owner = at;
        std::uint32_t fixed = owner;
        if (!names_.is_known_pointer(owner, fixed))
            if (const Status status = names_.read(fixed, end_)) return fail(status, names_.error_offset());
        if (end_ - fixed < record_fixed_octets) return fail(UNCUT_WIRE_CUT, fixed);
        const std::uint16_t record_type = load16(data_ + fixed);
        const std::uint32_t rdlength = load16(data_ + fixed + 8);
        const std::uint32_t rdata = fixed + record_fixed_octets;
        if (end_ - rdata < rdlength) return fail(UNCUT_WIRE_CUT, fixed + 8);
        at = rdata + rdlength;
        if (section == answer && record_type == view_.qtype) facts |= UNCUT_FACT_QTYPE;
        if (section == answer && record_type == type::cname) facts |= UNCUT_FACT_CNAME;
        if (section == authority && record_type == type::soa) facts |= UNCUT_FACT_SOA;
        const RdataRule& rule = rdata_rule(record_type);
        if (rule.names == 0) {
            if (record_type == type::opt) return read_opt(section, owner, fixed, at);
            if (section == additional && record_type == type::tsig) facts |= UNCUT_FACT_SIGNED;
            repeatable = fixed - owner == pointer_octets;
            return rule.exact_octets == 0 ? Status{UNCUT_OK} : check_length(rule, fixed, rdlength);
        }
        if (rule.is_one_name && view_.opcode == opcode::query) return read_one_name(rdata, at);
        if (section == additional && is_sig0(record_type, rdata, rdlength)) facts |= UNCUT_FACT_SIGNED;
        return read_rdata_names(rule, rdata, at);
    }

    // The lengths of A and AAAA are those of class IN (RFC 1035 3.4.1, RFC 3596 2.2).
    Status check_length(const RdataRule& rule, std::uint32_t fixed, std::uint32_t rdlength) noexcept {
        const bool applies = view_.opcode == opcode::query && load16(data_ + fixed + 2) == class_in;
        return applies && rdlength != rule.exact_octets ? fail(UNCUT_WIRE_RDATA, fixed + 8) : Status{UNCUT_OK};
    }

    // Names in data end with RDLENGTH: running over that is not running over the end of the message.
    [[gnu::always_inline]] Status read_one_name(std::uint32_t rdata, std::uint32_t rdata_end) noexcept {
        std::uint32_t at = rdata;
        const Status status = names_.read(at, rdata_end);
        if (status == UNCUT_OK && at == rdata_end) return UNCUT_OK;
        if (status == UNCUT_OK || status == UNCUT_WIRE_CUT) return fail(UNCUT_WIRE_RDATA, rdata);
        return fail(status, names_.error_offset());
    }

    [[gnu::noinline]] Status read_rdata_names(const RdataRule& rule, std::uint32_t rdata,
                                              std::uint32_t rdata_end) noexcept {
        if (view_.opcode != opcode::query) return UNCUT_OK;  // an UPDATE has records without data: RFC 2136 2.4
        std::uint32_t at = rdata;
        if (!skip_before_names(rule, data_, rdata_end, at)) return fail(UNCUT_WIRE_RDATA, rdata);
        for (std::uint32_t name = 0; name != rule.names; ++name) {
            const std::uint32_t start = at;
            const Status status = names_.read(at, rdata_end);
            if (status == UNCUT_WIRE_CUT) return fail(UNCUT_WIRE_RDATA, start);
            if (status != UNCUT_OK) return fail(status, names_.error_offset());
        }
        const std::uint32_t rest = rdata_end - at;
        if (rest < rule.rest_min || (!rule.open_ended && rest != rule.rest_min)) return fail(UNCUT_WIRE_RDATA, at);
        return UNCUT_OK;
    }

    // A SIG that covers no type is a SIG(0) (RFC 2931 3).
    bool is_sig0(std::uint16_t record_type, std::uint32_t rdata, std::uint32_t rdlength) const noexcept {
        return record_type == type::sig && rdlength >= 2 && load16(data_ + rdata) == 0;
    }

    // RFC 6891 6.1.1: at most one, in the additional section, owned by the root.
    [[gnu::noinline]] Status read_opt(int section, std::uint32_t owner, std::uint32_t fixed,
                                      std::uint32_t rdata_end) noexcept {
        if (section != additional || data_[owner] != 0 || view_.has(UNCUT_FACT_OPT)) return fail(UNCUT_WIRE_OPT, owner);
        std::uint32_t at = fixed + record_fixed_octets;
        while (at != rdata_end) {
            if (rdata_end - at < 4 || rdata_end - at - 4 < load16(data_ + at + 2)) return fail(UNCUT_WIRE_OPT, at);
            at += 4u + load16(data_ + at + 2);
        }
        view_.opt_offset = owner;
        view_.opt_octets = rdata_end - owner;
        view_.udp_payload_size = load16(data_ + fixed + 2);
        view_.rcode |= std::uint32_t{data_[fixed + 4]} << 4;
        view_.edns_version = data_[fixed + 5];
        view_.edns_flags = load16(data_ + fixed + 6);
        view_.facts |= UNCUT_FACT_OPT;
        if ((view_.edns_flags & edns_do) != 0) view_.facts |= UNCUT_FACT_DO;
        return UNCUT_OK;
    }

    const std::uint8_t* data_;
    std::uint32_t end_;
    NameReader& names_;
    Message& view_;
};

}  // namespace

Status parse(Octets message, Message& view) noexcept {
    static constexpr Message blank;  // copying it takes fewer instructions than clearing a struct field by field
    view = blank;
    view.data = message.data();
    view.octets = static_cast<std::uint32_t>(message.size());
    if (message.size() > message_octets_max) {
        view.octets = message_octets_max;
        return UNCUT_LIMIT_OCTETS;
    }
    if (message.size() < header_octets) {
        view.error_offset = view.octets;
        return UNCUT_WIRE_HEADER;
    }
    NameReader names(message.data(), view.octets);
    return Parser(message, names, view).run();
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
