// SPDX-License-Identifier: Apache-2.0
#include "module/policy/fit.hpp"

#include <algorithm>

#include "module/policy/glue.hpp"
#include "module/policy/subset.hpp"
#include "module/wire/writer.hpp"

namespace uncut::policy {

namespace {

using wire::Message;
using wire::Record;
using wire::Run;

// A prefix of the response: where it ends, and what of answer, authority and additional (OPT aside) is in it.
struct Prefix {
    std::uint32_t end = 0;
    std::uint16_t kept[3] = {};

    void take(int section, const Run& run) noexcept {
        end = run.end;
        kept[section - wire::answer] = static_cast<std::uint16_t>(kept[section - wire::answer] + run.records);
    }
};

class Fitter {
  public:
    Fitter(const Message& response, const FitRequest& request, std::span<std::uint8_t> out, Fitted& fitted) noexcept
        : response_(response),
          data_(response.data),
          request_(request),
          out_(out),
          fitted_(fitted),
          opt_(request.replace_opt ? request.opt : response.opt()),
          question_end_(response.section_offsets[wire::answer]),
          tc_((response.flags & wire::flag::tc) != 0 || request.force_tc) {}

    Status run() noexcept {
        if (octets_with(response_.octets) <= request_.limit) return emit(whole(), UNCUT_FIT_UNCHANGED);
        // A signature covers every octet, and what other opcodes carry is not ours to judge.
        const bool untouchable = response_.has(UNCUT_FACT_SIGNED) || response_.opcode != wire::opcode::query;
        if (untouchable || question_end_ + opt_.size() > request_.limit) return UNCUT_LIMIT_FIT;
        Prefix prefix{question_end_, {}};
        for (int section = wire::answer; section <= wire::authority; ++section) {
            const Run too_long = take_section(section, prefix);
            if (too_long.records != 0) return truncate(prefix, section, too_long);
        }
        return fit_additional(prefix);
    }

  private:
    bool has_opt() const noexcept { return response_.opt_octets != 0; }
    bool includes_opt(std::uint32_t end) const noexcept { return has_opt() && end > response_.opt_offset; }

    // How long the output is when it keeps what stands before `end`.
    std::size_t octets_with(std::uint32_t end) const noexcept {
        return end - (includes_opt(end) ? response_.opt_octets : 0) + opt_.size();
    }

    // The offset that an end may not pass, for records from `offset` on.
    std::uint32_t stop_from(std::uint32_t offset) const noexcept {
        const bool behind_opt = has_opt() && offset > response_.opt_offset;
        return request_.limit - static_cast<std::uint32_t>(opt_.size()) + (behind_opt ? response_.opt_octets : 0);
    }

    Prefix whole() const noexcept {
        const bool opt = has_opt();
        return {response_.octets,
                {response_.counts[wire::answer], response_.counts[wire::authority],
                 static_cast<std::uint16_t>(response_.counts[wire::additional] - (opt ? 1 : 0))}};
    }

    // Extends the prefix by whole RRsets; returns the first that does not fit, or one of no records.
    Run take_section(int section, Prefix& prefix) const noexcept {
        const std::uint32_t stop = stop_from(prefix.end);  // the OPT stands behind answer and authority
        for (std::uint32_t left = response_.counts[section]; left != 0;) {
            const Run run = wire::rrset_run(data_, wire::record_at(data_, prefix.end), left, stop);
            if (run.end > stop) return run;
            prefix.take(section, run);
            left -= run.records;
        }
        return {};
    }

    // RFC 2181 9: TC only where something required is left out. Additional data is not, but for the glue of a referral.
    Status fit_additional(Prefix prefix) noexcept {
        const Glue glue(response_);
        const Prefix required_end = prefix;
        std::uint32_t left = response_.counts[wire::additional];
        bool optional_kept = false;
        Run run;
        while (left != 0) {
            const Record first = wire::record_at(data_, prefix.end);
            if (has_opt() && first.offset == response_.opt_offset) {
                prefix.end = first.end;
                --left;
                continue;
            }
            const std::uint32_t stop = stop_from(first.offset);
            run = wire::rrset_run(data_, first, left, stop);
            if (run.end > stop) break;
            optional_kept |= !glue.is_required(first);
            prefix.take(wire::additional, run);
            left -= run.records;
        }
        if (!requires_more(glue, prefix.end, left)) return emit(prefix, UNCUT_FIT_DROPPED);
        if (!optional_kept && glue.is_required(wire::record_at(data_, prefix.end)))
            return truncate(prefix, wire::additional, run);
        return rebuild(required_end, &glue, UNCUT_FIT_DROPPED);
    }

    // Whether required glue stands among the `left` additional records from `offset` on.
    bool requires_more(const Glue& glue, std::uint32_t offset, std::uint32_t left) const noexcept {
        for (; left != 0; --left) {
            const Record record = wire::record_at(data_, offset);
            if (glue.is_required(record)) return true;
            offset = record.end;
        }
        return false;
    }

    // Something required is behind the prefix: there begins the first RRset that does not fit, followed as far as to
    // the first record that does not.
    Status truncate(Prefix prefix, int section, const Run& too_long) noexcept {
        if (request_.mode == UNCUT_FIT_SUBSET && !tc_ && may_subset(response_, opt_))
            if (write_subset(response_, {opt_, request_.limit, request_.rotate}, out_, fitted_)) return finish_subset();
        tc_ = true;
        if (request_.mode == UNCUT_FIT_EMPTY) prefix = {question_end_, {}};
        if (request_.mode == UNCUT_FIT_FILL && too_long.records > 1)
            prefix.take(section, {too_long.last, too_long.records - 1, 0});
        return emit(prefix, UNCUT_FIT_TRUNCATED);
    }

    Status finish_subset() noexcept {
        fitted_.action = UNCUT_FIT_SUBSETTED;
        if (out_.size() < fitted_.octets) return UNCUT_MISUSE_SHORT_BUFFER;
        return UNCUT_OK;
    }

    // Writes the prefix and the OPT. Pointers look back, so a cut at the tail breaks none.
    Status emit(const Prefix& prefix, std::uint32_t action) noexcept {
        const std::uint32_t opt_end = response_.opt_offset + response_.opt_octets;
        const bool opt_inside = includes_opt(prefix.end);
        const bool opt_last = opt_inside && opt_end == prefix.end;
        // What follows an OPT may point over it, and even into it.
        if (opt_inside && !opt_last && !std::ranges::equal(opt_, response_.opt()))
            return rebuild(prefix, nullptr, action);
        const std::uint32_t copied = opt_last ? response_.opt_offset : prefix.end;
        fitted_.octets = octets_with(prefix.end);
        if (out_.size() < fitted_.octets) return UNCUT_MISUSE_SHORT_BUFFER;
        std::memcpy(out_.data(), data_, copied);
        // An OPT among other records stays where it is; behind the cut it moves to the end.
        if (!opt_.empty())
            std::memcpy(out_.data() + (opt_inside ? response_.opt_offset : copied), opt_.data(), opt_.size());
        finish(prefix.kept, action);
        return UNCUT_OK;
    }

    void finish(const std::uint16_t (&kept)[3], std::uint32_t action) noexcept {
        fitted_.action = action;
        std::memcpy(fitted_.kept, kept, sizeof kept);
        const auto flags = response_.flags & ~wire::flag::tc;
        wire::set_flags(out_.data(), static_cast<std::uint32_t>(flags) | (tc_ ? wire::flag::tc : 0u));
        wire::set_count(out_.data(), wire::answer, kept[0]);
        wire::set_count(out_.data(), wire::authority, kept[1]);
        wire::set_count(out_.data(), wire::additional, kept[2] + (opt_.empty() ? 0u : 1u));
    }

    // Writes the records anew, where some of them have to move: those before prefix.end, and of the additional ones
    // behind it those that `glue` (may be null) requires. What does not fit after all ends it. `action` is what was
    // done to have that prefix.
    Status rebuild(const Prefix& prefix, const Glue* glue, std::uint32_t action) noexcept {
        fitted_.octets = std::min<std::size_t>(request_.limit, response_.octets + opt_.size());
        if (out_.size() < fitted_.octets) return UNCUT_MISUSE_SHORT_BUFFER;
        wire::Writer writer(response_, out_, fitted_.octets - opt_.size());
        std::uint16_t kept[3] = {};
        const bool complete = rewrite(writer, prefix, glue, kept);
        if (!complete) action = UNCUT_FIT_TRUNCATED;
        if (action != UNCUT_FIT_TRUNCATED)
            action = std::ranges::equal(kept, whole().kept) ? UNCUT_FIT_UNCHANGED : UNCUT_FIT_DROPPED;
        if (!complete) tc_ = true;
        if (!complete && request_.mode == UNCUT_FIT_EMPTY) {
            writer.rewind(question_end_);
            kept[0] = kept[1] = kept[2] = 0;
        }
        if (!opt_.empty()) std::memcpy(out_.data() + writer.octets(), opt_.data(), opt_.size());
        fitted_.octets = writer.octets() + opt_.size();
        fitted_.rebuilt = true;
        finish(kept, action);
        return UNCUT_OK;
    }

    // False: something required was left out.
    bool rewrite(wire::Writer& writer, const Prefix& prefix, const Glue* glue, std::uint16_t (&kept)[3]) noexcept {
        std::uint32_t offset = question_end_;
        for (int section = wire::answer; section <= wire::additional; ++section) {
            for (std::uint32_t left = response_.counts[section]; left != 0;) {
                const Record first = wire::record_at(data_, offset);
                const Run run = wire::rrset_run(data_, first, left, response_.octets);
                const bool is_opt = has_opt() && offset == response_.opt_offset;
                const bool wanted = !is_opt && (offset < prefix.end || (glue != nullptr && glue->is_required(first)));
                std::uint16_t& kept_here = kept[section - wire::answer];
                const std::uint32_t written = writer.octets();
                const std::uint16_t kept_before = kept_here;
                if (wanted && !rewrite_rrset(writer, first, run, kept_here)) {
                    if (section != wire::additional || requires_more(Glue(response_), offset, left)) return false;
                    // No RRset in part where no TC says so: RFC 2181 9.
                    writer.rewind(written);
                    kept_here = kept_before;
                    return true;
                }
                left -= run.records;
                offset = run.end;
            }
        }
        return true;
    }

    bool rewrite_rrset(wire::Writer& writer, Record record, const Run& run, std::uint16_t& kept) noexcept {
        const std::uint32_t start = writer.octets();
        for (std::uint32_t written = 0;; ++written) {
            if (!writer.record(record)) {
                if (request_.mode == UNCUT_FIT_FILL)
                    kept = static_cast<std::uint16_t>(kept + written);
                else
                    writer.rewind(start);
                return false;
            }
            if (record.end == run.end) {
                kept = static_cast<std::uint16_t>(kept + written + 1);
                return true;
            }
            record = wire::record_at(data_, record.end);
        }
    }

    const Message& response_;
    const std::uint8_t* data_;
    const FitRequest& request_;
    std::span<std::uint8_t> out_;
    Fitted& fitted_;
    Octets opt_;
    std::uint32_t question_end_;
    bool tc_;
};

}  // namespace

Status fit(const Message& response, const FitRequest& request, std::span<std::uint8_t> out, Fitted& fitted) noexcept {
    fitted = {};
    return Fitter(response, request, out, fitted).run();
}

}  // namespace uncut::policy
