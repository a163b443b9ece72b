// SPDX-License-Identifier: Apache-2.0
// Level 1: pure functions on the octets of one message.
#include "module/entry/calls.hpp"
#include "module/entry/guard.hpp"
#include "module/entry/structs.hpp"
#include "module/exchange/match.hpp"
#include "module/exchange/verdict.hpp"
#include "module/policy/clamp.hpp"
#include "module/policy/fit.hpp"
#include "module/wire/name.hpp"
#include "module/wire/opt.hpp"

namespace uncut::entry {
namespace {

constexpr std::uint32_t clamp_bufsize_max = 4096;  // the range of uncut_clamp_options.bufsize
constexpr std::uint32_t flags_offset = 2;          // where QR is: what is at fault with a wrong direction

constexpr std::uint32_t suspect_all = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;

// Whether two spans of the host's, which must have nothing in common, have an octet in common.
bool overlap(const std::uint8_t* one, std::size_t one_octets, const std::uint8_t* other,
             std::size_t other_octets) noexcept {
    const auto a = reinterpret_cast<std::uintptr_t>(one);
    const auto b = reinterpret_cast<std::uintptr_t>(other);
    return a < b ? b - a < one_octets && other_octets != 0 : a - b < other_octets && one_octets != 0;
}

// Parses a message that must go one way: QR set or clear.
Status parse_directed(Octets message, std::uint16_t qr, wire::Message& view) noexcept {
    const Status status = wire::parse(message, view);
    if (status == UNCUT_OK && (view.flags & wire::flag::qr) != qr) {
        view.error_offset = flags_offset;
        return UNCUT_WIRE_DIRECTION;
    }
    return status;
}

// What the answer to this query must look like, and how long it may be.
Status read_query(const uncut_classify_options& options, exchange::Expected& expected,
                  std::uint32_t& advertised_octets) noexcept {
    if (const Status refused = check_message(options.query, options.query_octets)) return refused;
    wire::Message query;
    if (const Status refused = parse_directed({options.query, options.query_octets}, 0, query)) return refused;
    if (query.counts[wire::question] > 1) return UNCUT_WIRE_QUESTION;
    expected = {query.id, query.opcode, query.question()};
    advertised_octets = wire::effective_payload_size(query);
    return UNCUT_OK;
}

Status classify_parsed(const wire::Message& view, Status parsed, const uncut_classify_options& options,
                       std::uint32_t& verdict) noexcept {
    exchange::Expectation expectation{options.suspect, 0,
                                      options.kernel_cut != 0 && options.transport != UNCUT_TRANSPORT_TCP};
    if (options.query != nullptr) {
        exchange::Expected expected;
        std::uint32_t advertised_octets = 0;
        if (const Status refused = read_query(options, expected, advertised_octets)) return refused;
        if (options.transport != UNCUT_TRANSPORT_TCP) expectation.advertised_octets = advertised_octets;
        if (view.has(UNCUT_FACT_HEADER)) {
            const std::uint32_t cause = exchange::match(view, parsed, expected);
            if (cause != UNCUT_CAUSE_NONE) {
                verdict = cause == UNCUT_CAUSE_MALFORMED ? UNCUT_VERDICT_MALFORMED : UNCUT_VERDICT_NOT_OURS;
                return UNCUT_OK;
            }
        }
    }
    verdict = view.has(UNCUT_FACT_HEADER) ? exchange::judge(view, parsed, expectation)
                                          : std::uint32_t{UNCUT_VERDICT_MALFORMED};
    return UNCUT_OK;
}

}  // namespace

Status inspect(const std::uint8_t* message, std::size_t octets, uncut_message_info* info) noexcept {
    return guarded([&]() -> Status {
        if (const Status misuse = check_out(info)) return misuse;
        if (const Status misuse = check_octets(message, octets)) return misuse;
        Result<uncut_message_info> result(info);
        std::uint32_t intact_end;
        const Status status = wire::parse({message, octets}, *result, intact_end);
        result.show();
        return status;
    });
}

Status classify(const std::uint8_t* response, std::size_t octets, const uncut_classify_options* options,
                std::uint32_t* verdict) noexcept {
    return guarded([&]() -> Status {
        if (verdict == nullptr) return UNCUT_MISUSE_NULL;
        uncut_classify_options how{};
        how.suspect = suspect_all;
        if (options != nullptr) {
            if (const Status misuse = copy_in(options, how)) return misuse;
        }
        if (how.suspect > suspect_all || how.transport > UNCUT_TRANSPORT_TCP) return UNCUT_MISUSE_VALUE;
        if (const Status misuse = check_octets(how.query, how.query_octets)) return misuse;
        if (const Status refused = check_message(response, octets)) return refused;

        wire::Message view;
        const Status parsed = wire::parse({response, octets}, view);
        if (parsed / 100 == 3) return parsed;  // over a limit: not known to be well formed or malformed
        std::uint32_t judged = 0;
        if (const Status refused = classify_parsed(view, parsed, how, judged)) return refused;
        put(verdict, judged);
        return UNCUT_OK;
    });
}

Status clamp(const std::uint8_t* query, std::size_t octets, const uncut_clamp_options* options, std::uint8_t* out,
             std::size_t out_capacity, uncut_clamp_result* result) noexcept {
    return guarded([&]() -> Status {
        if (const Status misuse = check_out(result)) return misuse;
        uncut_clamp_options how{};
        if (const Status misuse = copy_in(options, how)) return misuse;
        if (how.bufsize < wire::udp_octets_min || how.bufsize > clamp_bufsize_max || how.edns > UNCUT_EDNS_ADD)
            return UNCUT_MISUSE_VALUE;
        if (const Status misuse = check_octets(out, out_capacity)) return misuse;
        if (const Status misuse = check_octets(query, octets)) return misuse;
        if (out != query && overlap(query, octets, out, out_capacity)) return UNCUT_MISUSE_VALUE;

        policy::Clamped clamped;
        wire::Message view;
        Status status = parse_directed({query, octets}, 0, view);
        if (status == UNCUT_OK) status = policy::clamp(view, how.bufsize, how.edns, {out, out_capacity}, clamped);
        if (is_misuse(status)) {
            if (status == UNCUT_MISUSE_SHORT_BUFFER)
                put_field(result, offsetof(uncut_clamp_result, octets), clamped.octets);
            return status;
        }
        Result<uncut_clamp_result> written(result);
        uncut_clamp_result& to = *written;
        to.action = clamped.action;
        to.bufsize_before = clamped.bufsize_before;
        to.bufsize_after = clamped.bufsize_after;
        to.octets = clamped.octets;
        to.error_offset = status == UNCUT_OK ? 0 : view.error_offset;
        written.show();
        return status;
    });
}

Status fit(const std::uint8_t* response, std::size_t octets, const uncut_fit_options* options, std::uint8_t* out,
           std::size_t out_capacity, uncut_fit_result* result) noexcept {
    return guarded([&]() -> Status {
        if (const Status misuse = check_out(result)) return misuse;
        uncut_fit_options how{};
        if (const Status misuse = copy_in(options, how)) return misuse;
        if (how.limit < wire::udp_octets_min || how.limit > wire::message_octets_max || how.mode > UNCUT_FIT_SUBSET)
            return UNCUT_MISUSE_VALUE;
        if (const Status misuse = check_octets(out, out_capacity)) return misuse;
        if (const Status misuse = check_octets(response, octets)) return misuse;
        if (overlap(response, octets, out, out_capacity)) return UNCUT_MISUSE_VALUE;

        policy::Fitted fitted;
        wire::Message view;
        Status status = parse_directed({response, octets}, wire::flag::qr, view);
        if (status == UNCUT_OK) {
            policy::FitRequest request;
            request.limit = how.limit;
            request.mode = how.mode;
            request.rotate = how.rotate;
            status = policy::fit(view, request, {out, out_capacity}, fitted);
        }
        if (is_misuse(status)) {
            if (status == UNCUT_MISUSE_SHORT_BUFFER)
                put_field(result, offsetof(uncut_fit_result, octets), fitted.octets);
            return status;
        }
        uncut_fit_result written{};
        if (status == UNCUT_OK) {
            written.action = fitted.action;
            written.octets = fitted.octets;
            std::copy(std::begin(fitted.kept), std::end(fitted.kept), written.kept);
            written.rebuilt = fitted.rebuilt ? 1 : 0;
        } else {
            written.error_offset = view.error_offset;
        }
        copy_out(result, written);
        return status;
    });
}

Status name_text(const std::uint8_t* message, std::size_t octets, std::size_t offset, char* out,
                 std::size_t out_capacity, std::size_t* needed) noexcept {
    return guarded([&]() -> Status {
        if (message == nullptr) return UNCUT_MISUSE_NULL;
        if (const Status misuse = check_octets(out, out_capacity)) return misuse;
        if (const Status refused = check_message(message, octets)) return refused;
        if (offset < wire::header_octets || offset >= octets) return UNCUT_MISUSE_VALUE;
        std::uint32_t end = 0;
        const auto begin = static_cast<std::uint32_t>(offset);
        if (const Status malformed = wire::check_name({message, octets}, begin, end)) return malformed;
        wire::Name name;
        wire::expand_name(message, begin, name);
        const std::size_t text_octets = wire::name_to_text(name.span(), out, out_capacity);
        put(needed, text_octets);
        return text_octets > out_capacity ? UNCUT_MISUSE_SHORT_BUFFER : UNCUT_OK;
    });
}

}  // namespace uncut::entry
