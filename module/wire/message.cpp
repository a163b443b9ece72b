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
// One pass over one message.
class Parser {
  public:
    Parser(Octets message, NameReader& names, Message& view) noexcept
        : data_(message.data()), end_(static_cast<std::uint32_t>(message.size())), names_(names), view_(view) {}

    Status run() noexcept {
        read_header();
        for (std::uint32_t left = view_.counts[question]; left != 0; --left)
            if (const Status status = read_question()) return status;
        if (const Status status = read_section<answer>()) return status;
        if (const Status status = read_section<authority>()) return status;
        if (const Status status = read_section<additional>()) return status;
        if (at_ != end_) return fail(UNCUT_WIRE_TRAILING, at_);
        return UNCUT_OK;
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
        at_ = header_octets;
    }

    Status read_question() noexcept {
        const std::uint32_t start = at_;
        view_.intact_end = start;
        if (const Status status = names_.read(at_, end_)) return fail(status, names_.error_offset());
        if (end_ - at_ < question_fixed_octets) return fail(UNCUT_WIRE_CUT, at_);
        if (start == header_octets) {
            view_.qtype = load16(data_ + at_);
            view_.qclass = load16(data_ + at_ + 2);
            view_.question_octets = at_ + question_fixed_octets - header_octets;
            view_.facts |= UNCUT_FACT_QUESTION;
        }
        at_ += question_fixed_octets;
        return UNCUT_OK;
    }

    template <int section>
    Status read_section() noexcept {
        view_.section_offsets[section] = at_;
        for (std::uint32_t left = view_.counts[section]; left != 0;) {
            const std::uint32_t start = at_;
            bool repeatable = false;
            if (const Status status = read_record<section>(repeatable)) {
                view_.intact_end = start;
                return status;
            }
            --left;
            if (repeatable) skip_alike(start, left);
        }
        return UNCUT_OK;
    }

    // A record shaped like the one before it is as valid as that one: its pointer looks back even further, and
    // its data is opaque and of the same length. This is what most of a long answer is made of.
    void skip_alike(std::uint32_t first, std::uint32_t& left) noexcept {
        const std::uint32_t octets = at_ - first;
        const std::uint8_t* pattern = data_ + first;
        while (left != 0 && end_ - at_ >= octets && same_shape(data_ + at_, pattern)) {
            at_ += octets;
            --left;
        }
    }

    template <int section>
    [[gnu::always_inline]] Status read_record(bool& repeatable) noexcept {
        const std::uint32_t owner = at_;
        std::uint32_t at = owner;
        if (const Status status = names_.read(at, end_)) return fail(status, names_.error_offset());
        if (end_ - at < record_fixed_octets) return fail(UNCUT_WIRE_CUT, at);
        const std::uint32_t fixed = at;
        const std::uint16_t record_type = load16(data_ + fixed);
        const std::uint32_t rdlength = load16(data_ + fixed + 8);
        const std::uint32_t rdata = fixed + record_fixed_octets;
        if (end_ - rdata < rdlength) return fail(UNCUT_WIRE_CUT, fixed + 8);
        at_ = rdata + rdlength;
        if (section == answer && record_type == view_.qtype) view_.facts |= UNCUT_FACT_QTYPE;
        if (section == answer && record_type == type::cname) view_.facts |= UNCUT_FACT_CNAME;
        if (section == authority && record_type == type::soa) view_.facts |= UNCUT_FACT_SOA;
        if (record_type == type::opt) return read_opt(section, owner, fixed);
        if (section == additional) note_signature(record_type, rdata, rdlength);
        const RdataRule& rule = rdata_rule(record_type);
        if (rule.names == 0) {
            repeatable = fixed - owner == pointer_octets;
            return rule.exact_octets == 0 ? Status{UNCUT_OK} : check_length(rule, fixed, rdlength);
        }
        if (view_.opcode != opcode::query) return UNCUT_OK;  // an UPDATE has records without data: RFC 2136 2.4
        if (!rule.is_one_name) return read_rdata_names(rule, rdata);
        at = rdata;
        const Status status = names_.read(at, at_);
        if (status == UNCUT_OK && at == at_) return UNCUT_OK;
        if (status == UNCUT_OK || status == UNCUT_WIRE_CUT) return fail(UNCUT_WIRE_RDATA, rdata);
        return fail(status, names_.error_offset());
    }

    // The lengths of A and AAAA are those of class IN (RFC 1035 3.4.1, RFC 3596 2.2).
    Status check_length(const RdataRule& rule, std::uint32_t fixed, std::uint32_t rdlength) noexcept {
        const bool applies = view_.opcode == opcode::query && load16(data_ + fixed + 2) == class_in;
        return applies && rdlength != rule.exact_octets ? fail(UNCUT_WIRE_RDATA, fixed + 8) : Status{UNCUT_OK};
    }

    [[gnu::noinline]] Status read_rdata_names(const RdataRule& rule, std::uint32_t rdata) noexcept {
        const std::uint32_t rdata_end = at_;
        std::uint32_t at = rdata;
        if (!skip_before_names(rule, data_, rdata_end, at)) return fail(UNCUT_WIRE_RDATA, rdata);
        for (std::uint32_t name = 0; name != rule.names; ++name) {
            const std::uint32_t start = at;
            const Status status = names_.read(at, rdata_end);
            if (status == UNCUT_WIRE_CUT) return fail(UNCUT_WIRE_RDATA, start);  // over RDLENGTH, not over the end
            if (status != UNCUT_OK) return fail(status, names_.error_offset());
        }
        const std::uint32_t rest = rdata_end - at;
        if (rest < rule.rest_min || (!rule.open_ended && rest != rule.rest_min)) return fail(UNCUT_WIRE_RDATA, at);
        return UNCUT_OK;
    }

    // A TSIG (RFC 8945 5.1), or a SIG that covers no type, which is a SIG(0) (RFC 2931 3).
    void note_signature(std::uint16_t record_type, std::uint32_t rdata, std::uint32_t rdlength) noexcept {
        const bool sig0 = record_type == type::sig && rdlength >= 2 && load16(data_ + rdata) == 0;
        if (record_type == type::tsig || sig0) view_.facts |= UNCUT_FACT_SIGNED;
    }

    // RFC 6891 6.1.1: at most one, in the additional section, owned by the root.
    [[gnu::noinline]] Status read_opt(int section, std::uint32_t owner, std::uint32_t fixed) noexcept {
        if (section != additional || data_[owner] != 0 || view_.has(UNCUT_FACT_OPT)) return fail(UNCUT_WIRE_OPT, owner);
        std::uint32_t at = fixed + record_fixed_octets;
        while (at != at_) {
            if (at_ - at < 4 || at_ - at - 4 < load16(data_ + at + 2)) return fail(UNCUT_WIRE_OPT, at);
            at += 4u + load16(data_ + at + 2);
        }
        view_.opt_offset = owner;
        view_.opt_octets = at_ - owner;
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
    std::uint32_t at_ = 0;
    NameReader& names_;
    Message& view_;
};

}  // namespace

Status parse(Octets message, Message& view) noexcept {
    view = Message{};
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
