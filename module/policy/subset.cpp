// SPDX-License-Identifier: Apache-2.0
#include "module/policy/subset.hpp"

#include <algorithm>

#include "module/wire/opt.hpp"
#include "module/wire/shape.hpp"
#include "module/wire/writer.hpp"

namespace uncut::policy {

namespace {

using wire::Message;
using wire::Record;

// The addresses of the answer: the run of records of the type asked.
struct Addresses {
    Record first{};
    wire::Run run;
    std::uint32_t before = 0;  // records of the answer in front of them
};

bool find_addresses(const Message& response, Addresses& addresses) noexcept {
    std::uint32_t offset = response.section_offsets[wire::answer];
    for (std::uint32_t left = response.counts[wire::answer]; left != 0; --left) {
        const Record record = wire::record_at(response.data, offset);
        if (record.type == response.qtype) {
            addresses.first = record;
            addresses.run = wire::rrset_run(response.data, record, left, response.octets);
            return true;
        }
        ++addresses.before;
        offset = record.end;
    }
    return false;
}

// Writes the answer with `keep` addresses from number `start` on, round about, then the authority section.
bool write_with(const Message& response, const Addresses& addresses, std::uint32_t start, std::uint32_t keep,
                wire::Writer& writer, std::uint16_t (&kept)[3]) noexcept {
    const auto put = [&](std::uint32_t& offset, std::uint32_t records) {
        for (; records != 0; --records) {
            const Record record = wire::record_at(response.data, offset);
            if (!writer.record(record)) return false;
            offset = record.end;
        }
        return true;
    };
    const std::uint32_t total = addresses.run.records;
    const std::uint32_t behind = response.counts[wire::answer] - addresses.before - total;
    std::uint32_t offset = response.section_offsets[wire::answer];
    if (!put(offset, addresses.before)) return false;
    const std::uint32_t turned = start + keep > total ? start + keep - total : 0;  // those from the front again
    std::uint32_t from = addresses.first.offset;
    std::uint32_t number = 0;
    for (; number != start; ++number) from = wire::record_at(response.data, from).end;
    if (!put(from, keep - turned)) return false;
    from = addresses.first.offset;
    if (!put(from, turned)) return false;
    offset = addresses.run.end;
    if (!put(offset, behind) || !put(offset, response.counts[wire::authority])) return false;
    kept[0] = static_cast<std::uint16_t>(addresses.before + keep + behind);
    kept[1] = response.counts[wire::authority];
    kept[2] = 0;
    return true;
}

bool has_rrsig(const Message& response) noexcept {
    std::uint32_t offset = response.section_offsets[wire::answer];
    for (std::uint32_t left = response.counts[wire::answer]; left != 0; --left) {
        const Record record = wire::record_at(response.data, offset);
        if (record.type == wire::type::rrsig) return true;
        offset = record.end;
    }
    return false;
}

bool has_do(Octets opt) noexcept {
    return !opt.empty() && (wire::load16(opt.data() + 7) & wire::edns_do) != 0;
}

// Where the addresses are alike, their owner stands before them, and nothing behind them is kept, records are copied as
// they are. Returns how many octets that makes, or 0: it cannot be done so.
std::uint32_t copy_alike(const Message& response, const Addresses& addresses, std::uint32_t start, std::size_t room,
                         std::span<std::uint8_t> out, std::uint16_t (&kept)[3]) noexcept {
    const std::uint32_t first = addresses.first.offset;
    const std::uint32_t octets = addresses.first.end - first;
    const std::uint32_t total = addresses.run.records;
    const bool pointed = addresses.first.fixed - first == wire::pointer_octets;
    const bool last =
        response.counts[wire::authority] == 0 && addresses.before + total == response.counts[wire::answer];
    if (!pointed || !last || addresses.run.end - first != octets * total || room < first + octets) return 0;
    for (std::uint32_t number = 1; number != total; ++number)
        if (!wire::same_shape(response.data + first + number * octets, response.data + first)) return 0;
    const std::uint32_t keep = std::min(total, static_cast<std::uint32_t>(room - first) / octets);
    const std::uint32_t to_end = std::min(keep, total - start);
    std::memcpy(out.data(), response.data, first);
    std::memcpy(out.data() + first, response.data + first + start * octets, std::size_t{to_end} * octets);
    std::memcpy(out.data() + first + to_end * octets, response.data + first, std::size_t{keep - to_end} * octets);
    kept[0] = static_cast<std::uint16_t>(addresses.before + keep);
    kept[1] = kept[2] = 0;
    return first + keep * octets;
}

// The same for any other response: as many addresses as fit are found by halving.
std::uint32_t rewrite(const Message& response, const Addresses& addresses, std::uint32_t start, std::size_t room,
                      std::span<std::uint8_t> out, std::uint16_t (&kept)[3]) noexcept {
    const auto attempt = [&](std::uint32_t keep) -> std::uint32_t {
        wire::Writer writer(response, out, room);
        return write_with(response, addresses, start, keep, writer, kept) ? writer.octets() : 0;
    };
    std::uint32_t fits = 0;
    std::uint32_t fails = addresses.run.records + 1;
    while (fails - fits > 1) {
        const std::uint32_t keep = fits + (fails - fits) / 2;
        (attempt(keep) != 0 ? fits : fails) = keep;
    }
    return fits == 0 ? 0 : attempt(fits);  // a later attempt that failed wrote over it
}

}  // namespace

bool may_subset(const Message& response, Octets opt) noexcept {
    return response.opcode == wire::opcode::query && response.rcode == wire::rcode::noerror &&
           (response.qtype == wire::type::a || response.qtype == wire::type::aaaa) &&
           response.qclass == wire::class_in && !response.has(UNCUT_FACT_DO) && !has_do(opt) && !has_rrsig(response);
}

bool write_subset(const Message& response, const SubsetRequest& request, std::span<std::uint8_t> out,
                  Fitted& fitted) noexcept {
    Addresses addresses;
    if (!find_addresses(response, addresses)) return false;
    fitted.octets = request.limit;
    if (out.size() < request.limit) return true;
    const std::uint32_t start = request.rotate % addresses.run.records;
    const std::size_t room = request.limit - request.opt.size();
    std::uint32_t octets = copy_alike(response, addresses, start, room, out, fitted.kept);
    fitted.rebuilt = octets == 0;
    if (fitted.rebuilt) octets = rewrite(response, addresses, start, room, out, fitted.kept);
    if (octets == 0) return fitted.rebuilt = false;
    if (!request.opt.empty()) std::memcpy(out.data() + octets, request.opt.data(), request.opt.size());
    fitted.octets = octets + request.opt.size();
    wire::set_flags(out.data(), response.flags);
    wire::set_count(out.data(), wire::answer, fitted.kept[0]);
    wire::set_count(out.data(), wire::authority, fitted.kept[1]);
    wire::set_count(out.data(), wire::additional, request.opt.empty() ? 0u : 1u);
    return true;
}

}  // namespace uncut::policy
