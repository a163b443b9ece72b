// SPDX-License-Identifier: Apache-2.0
#include "harness/upstream/service.hpp"

#include <algorithm>

namespace uncut::harness::upstream {
namespace {

constexpr std::size_t tcp_message_octets_max = 65535;  // RFC 1035 4.2.2

/// Makes it the answer to another question: another first letter, or another type where there is none.
void spoil_question(std::vector<std::uint8_t>& message) {
    if (message.size() <= header_octets + 2) return;
    if (message[header_octets] == 0) {
        message[header_octets + 2] ^= 0x01;
    } else {
        message[header_octets + 1] = message[header_octets + 1] == 'q' ? 'z' : 'q';
    }
}

}  // namespace

std::vector<std::uint8_t>& Reply::add() {
    if (count == messages.size()) messages.emplace_back();
    return messages[count++];
}

void Reply::clear() {
    count = 0;
    ahead = 0;
    delay_ms = 0;
    tcp_reset = false;
    tcp_stall_octets.reset();
    tcp_close_octets.reset();
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
    Plan plan = faults_.plan(*query, transport, limit_octets(*query));
    if (transport == Transport::tcp && !plan.shape_over_tcp) {
        plan.response.shape = Shape::partial;
        plan.response.limit_octets = tcp_message_octets_max;
    }
    reply.delay_ms = plan.delay_ms;
    if (transport == Transport::tcp) {
        reply.tcp_reset = plan.tcp_reset;
        reply.tcp_stall_octets = plan.tcp_stall_octets;
        reply.tcp_close_octets = plan.tcp_close_octets;
    }
    if (plan.drop || reply.tcp_reset || reply.tcp_stall_octets || reply.tcp_close_octets) ++statistics_.withheld;
    if (!plan.drop) respond(*query, transport, plan, reply);
}

void Service::respond(const Query& query, Transport transport, const Plan& plan, Reply& reply) {
    if (plan.formerr_edns && query.has_opt) {
        // What a server from before EDNS does (RFC 6891 7): it knows no OPT, so it sends none.
        write_error(query, LDNS_RCODE_FORMERR, false, response_);
    } else if (plan.rcode || query.rcode) {
        write_error(query, plan.rcode ? *plan.rcode : *query.rcode, plan.response.opt, response_);
    } else {
        write_response(query, cache_.get(query), plan.response, response_);
    }
    if ((response_[2] & 0x02U) != 0) ++statistics_.truncated;
    if (plan.garbage && transport == Transport::udp) {
        // Ours by its ID, and then nonsense: shorter than a header, so that no parser can like it.
        reply.add().assign({response_[0], response_[1], 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
    }
    if (plan.wrong_id) {
        std::vector<std::uint8_t>& wrong = reply.add();
        wrong = response_;
        wrong[0] = static_cast<std::uint8_t>(~wrong[0]);
    }
    if (plan.wrong_question) {
        std::vector<std::uint8_t>& wrong = reply.add();
        wrong = response_;
        spoil_question(wrong);
    }
    reply.ahead = reply.count;
    reply.add().swap(response_);
    if (plan.duplicate) {
        std::vector<std::uint8_t>& again = reply.add();
        again = reply.messages[reply.count - 2];
    }
}

void Service::clear_statistics() {
    statistics_ = {};
    log_.clear();
}

}  // namespace uncut::harness::upstream
