// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/service.hpp"

#include <algorithm>

namespace uncut::harness::upstream {
namespace {

// What an IPv4 packet of 65,535 octets has room for behind its header of 20 and UDP's of 8.
constexpr std::size_t datagram_octets_max = 65507;

}  // namespace

ReplyMessage& Reply::add(std::uint32_t delay_ms) {
    if (count == messages.size()) messages.emplace_back();
    ReplyMessage& message = messages[count++];
    message.delay_ms = delay_ms;
    message.other_port = false;
    return message;
}

void Reply::clear() {
    count = 0;
    tcp = {};
}

void Service::set_faults(FaultSet faults) {
    faults.continue_from(std::move(faults_));
    faults_ = std::move(faults);
}

std::size_t Service::limit_octets(const Query& query) const {
    const std::size_t client = query.udp_payload_size;
    return udp_limit_octets_ == 0 ? client : std::min(client, udp_limit_octets_);
}

void Service::handle(std::span<const std::uint8_t> message, Transport transport, const Address& client, Reply& reply) {
    reply.clear();
    ++(transport == Transport::udp ? statistics_.udp_queries : statistics_.tcp_queries);
    log_.add(transport, client, message);
    const std::optional<Query> query = read_query(message);
    if (!query) {
        ++statistics_.ignored;
        return;
    }
    const WireAnswer* answer = query->rcode ? nullptr : &cache_.get(*query);
    const std::size_t opt = query->has_opt ? opt_octets : 0;
    const std::size_t whole_octets = answer == nullptr ? 0 : answer->whole().octets + opt;
    Plan plan = faults_.plan({*query, transport, limit_octets(*query), whole_octets});
    if (transport == Transport::tcp && !plan.shape_over_tcp) {
        plan.response.shape = Shape::partial;
        plan.response.limit_octets = message_octets_max;
    }
    reply.tcp = plan.tcp;
    if (plan.drop || plan.tcp.reset || plan.tcp.stall_octets || plan.tcp.close_octets) ++statistics_.withheld;
    if (!plan.drop) respond(*query, answer, transport, plan, reply);
}

void Service::write(const Query& query, const WireAnswer* answer, Transport transport, const Plan& plan) {
    if (plan.formerr_edns) {
        // What a server from before EDNS does (RFC 6891 7): it knows no OPT, so it sends none.
        return write_error(query, LDNS_RCODE_FORMERR, false, response_);
    }
    if (plan.rcode || answer == nullptr) {
        return write_error(query, plan.rcode ? *plan.rcode : query.rcode.value_or(LDNS_RCODE_SERVFAIL),
                           plan.response.opt, response_);
    }
    if (!plan.size_max) return write_response(query, *answer, plan.response, response_);
    const std::size_t most = transport == Transport::udp ? datagram_octets_max : message_octets_max;
    const std::size_t added = (query.has_opt ? opt_octets : 0) + plan.defects.added_octets(query.has_opt);
    write_response(query, grown(*answer, most - std::min(most, added)), plan.response, response_);
}

void Service::add_forgeries(const Plan& plan, Reply& reply) const {
    if (plan.empty_datagram) reply.add().octets.clear();
    if (plan.garbage_octets != 0) {
        // Ours by its ID, and then nonsense: an opcode and counts that no answer has.
        std::vector<std::uint8_t>& garbage = reply.add().octets;
        garbage.assign(plan.garbage_octets, 0xFF);
        std::copy_n(response_.begin(), std::min<std::size_t>(2, garbage.size()), garbage.begin());
    }
    const auto forge = [&]() -> ReplyMessage& {
        ReplyMessage& forged = reply.add();
        forged.octets = response_;
        forge_addresses(forged.octets);
        return forged;
    };
    if (plan.wrong_id) {
        std::uint8_t& first = forge().octets.front();
        first = static_cast<std::uint8_t>(~first);
    }
    if (plan.wrong_question) change_question(forge().octets);
    if (plan.wrong_source) forge().other_port = true;
}

void Service::respond(const Query& query, const WireAnswer* answer, Transport transport, const Plan& plan,
                      Reply& reply) {
    write(query, answer, transport, plan);
    if ((response_[2] & 0x02U) != 0) ++statistics_.truncated;
    add_forgeries(plan, reply);
    spoil(response_, plan.defects, query.has_opt && !plan.formerr_edns);
    if (plan.response.shape == Shape::cut) {
        response_.resize(std::min(response_.size(), plan.response.limit_octets));
    }
    for (int copies = plan.duplicate ? 2 : 1; copies > 0; --copies) reply.add(plan.delay_ms).octets = response_;
    if (plan.atr_delay_ms && answer != nullptr) {
        ++statistics_.truncated;
        write_response(query, *answer, {.shape = Shape::empty, .limit_octets = 0}, response_);
        reply.add(plan.delay_ms + *plan.atr_delay_ms).octets = response_;
    }
}

void Service::clear_statistics() {
    statistics_ = {};
    log_.clear();
}

}  // namespace uncut::harness::upstream
