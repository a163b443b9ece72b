// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/query_log.hpp"

namespace uncut::harness::upstream {

void QueryLog::add(Transport transport, const Address& client, std::span<const std::uint8_t> octets) {
    const std::uint64_t number = ++seen_;
    if (capacity_ == 0) return;
    const std::size_t index = static_cast<std::size_t>((number - 1) % capacity_);
    if (index == slots_.size()) slots_.emplace_back();
    Slot& slot = slots_[index];
    slot.number = number;
    slot.transport = transport;
    slot.client = client;
    slot.octets.assign(octets.begin(), octets.end());
}

void QueryLog::clear() {
    seen_ = 0;
    slots_.clear();
}

std::vector<SeenQuery> QueryLog::list() const {
    std::vector<SeenQuery> out;
    out.reserve(slots_.size());
    const std::size_t oldest =
        slots_.size() < capacity_ || capacity_ == 0 ? 0 : static_cast<std::size_t>(seen_ % capacity_);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const Slot& slot = slots_[(oldest + i) % slots_.size()];
        SeenQuery seen;
        seen.number = slot.number;
        seen.transport = slot.transport;
        seen.client = slot.client;
        seen.octets = slot.octets;
        if (const auto query = read_query(slot.octets)) {
            seen.id = query->id;
            if (query->has_question) seen.name = name_to_text(query->name);
            seen.type = query->type;
            seen.has_opt = query->has_opt;
            seen.dnssec_ok = query->dnssec_ok;
            if (query->has_opt) seen.udp_payload_size = query->udp_payload_size;
        }
        out.push_back(std::move(seen));
    }
    return out;
}

}  // namespace uncut::harness::upstream
