// SPDX-License-Identifier: Apache-2.0
#include "module/policy/glue.hpp"

#include <algorithm>

namespace uncut::policy {

namespace {

bool may_be_referral(const wire::Message& response) noexcept {
    return response.opcode == wire::opcode::query && response.rcode == wire::rcode::noerror &&
           response.counts[wire::answer] == 0 && !response.has(UNCUT_FACT_SOA) &&
           (response.flags & wire::flag::aa) == 0;
}

}  // namespace

Glue::Glue(const wire::Message& response) noexcept : data_(response.data) {
    if (!may_be_referral(response)) return;
    const std::uint32_t addresses = std::max<std::uint32_t>(1, response.counts[wire::additional]);
    const std::uint32_t most = std::min(servers_max, comparisons_max / addresses);
    std::uint32_t offset = response.section_offsets[wire::authority];
    for (std::uint32_t left = response.counts[wire::authority]; left != 0; --left) {
        const wire::Record record = wire::record_at(data_, offset);
        offset = record.end;
        if (record.type != wire::type::ns) continue;
        if (cut_.length == 0) wire::expand_name_lower(data_, record.offset, cut_);
        wire::Name server;
        wire::expand_name_lower(data_, record.rdata(), server);
        if (!wire::at_or_below(server.span(), cut_.span())) continue;
        if (count_ == most) {
            too_many_ = true;
            return;
        }
        servers_[count_++] = record.rdata();
    }
}

bool Glue::is_required(const wire::Record& additional) const noexcept {
    if ((count_ == 0 && !too_many_) || (additional.type != wire::type::a && additional.type != wire::type::aaaa))
        return false;
    if (too_many_) {
        wire::Name owner;
        wire::expand_name_lower(data_, additional.offset, owner);
        return wire::at_or_below(owner.span(), cut_.span());
    }
    for (std::uint32_t server = 0; server != count_; ++server)
        if (wire::names_equal(data_, additional.offset, servers_[server])) return true;
    return false;
}

}  // namespace uncut::policy
