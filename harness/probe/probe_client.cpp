// SPDX-License-Identifier: Apache-2.0
#include "harness/probe/probe_client.hpp"

#include <poll.h>
#include <sys/random.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>

#include "harness/net/fd.hpp"
#include "harness/net/socket.hpp"
#include "harness/upstream/ldns_handles.hpp"

namespace uncut::harness {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Waits until the descriptor is ready; false when the time is over.
bool wait_for(int fd, short events, Clock::time_point deadline) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd entry{.fd = fd, .events = events, .revents = 0};
        const int ready = poll(&entry, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

ProbeOutcome outcome_of(int error) {
    switch (error) {
        case ECONNREFUSED:
            return ProbeOutcome::refused;
        case ECONNRESET:
        case EPIPE:
            return ProbeOutcome::reset;
        default:
            return ProbeOutcome::unreachable;
    }
}

void fail(ProbeRow& row, int error) {
    row.outcome = outcome_of(error);
    row.error = std::strerror(error);
}

/// Records of the type asked in the answer section, for ANY all of them. Zero where ldns cannot read the message.
std::uint32_t count_records(std::span<const std::uint8_t> response, std::uint16_t type) {
    ldns_pkt* raw = nullptr;
    if (ldns_wire2pkt(&raw, response.data(), response.size()) != LDNS_STATUS_OK) return 0;
    const upstream::PktPtr packet(raw);
    const ldns_rr_list* answer = ldns_pkt_answer(raw);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(answer); ++i) {
        const ldns_rr_type found = ldns_rr_get_type(ldns_rr_list_rr(answer, i));
        if (type == LDNS_RR_TYPE_ANY || found == static_cast<ldns_rr_type>(type)) ++count;
    }
    return count;
}

std::uint32_t judge(std::span<const std::uint8_t> response, std::span<const std::uint8_t> query, bool tcp,
                    bool kernel_cut, const uncut_module& module) {
    uncut_classify_options options{};
    options.size = UNCUT_STRUCT_SIZE(uncut_classify_options, kernel_cut);
    options.suspect = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;
    options.query = query.data();
    options.query_octets = query.size();
    options.transport = tcp ? UNCUT_TRANSPORT_TCP : UNCUT_TRANSPORT_UDP;
    options.kernel_cut = kernel_cut ? 1 : 0;
    std::uint32_t verdict = UNCUT_VERDICT_MALFORMED;
    if (module.classify(response.data(), response.size(), &options, &verdict) != UNCUT_OK) {
        return UNCUT_VERDICT_MALFORMED;  // over a limit: nothing that a client could read either
    }
    return verdict;
}

void read_answer(std::span<const std::uint8_t> response, std::uint16_t type, std::uint32_t verdict,
                 const uncut_module& module, ProbeRow& row) {
    row = ProbeRow{.tcp = row.tcp, .bufsize = row.bufsize};  // of an earlier datagram nothing stays
    row.outcome = ProbeOutcome::answered;
    row.verdict = verdict;
    row.octets = static_cast<std::uint32_t>(response.size());
    row.message.assign(response.begin(), response.end());
    uncut_message_info info{};
    info.size = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
    const uncut_status status = module.inspect(response.data(), response.size(), &info);
    if (status / 100 == 1 || (info.facts & UNCUT_FACT_HEADER) == 0) return;
    row.tc = (info.flags & 0x0200U) != 0;
    row.rcode = info.rcode;
    row.counts = {info.counts[1], info.counts[2], info.counts[3]};
    if ((info.facts & UNCUT_FACT_OPT) != 0 && row.counts[2] > 0) --row.counts[2];
    row.records = count_records(response, type);
}

/// One try: true when an answer that is ours and can be read has come; another one is kept in `row` meanwhile.
bool try_udp(int fd, std::span<const std::uint8_t> query, std::uint16_t type, Clock::time_point deadline,
             const uncut_module& module, ProbeRow& row) {
    std::uint8_t room[UNCUT_MESSAGE_OCTETS_MAX];
    while (wait_for(fd, POLLIN, deadline)) {
        iovec io{.iov_base = room, .iov_len = sizeof room};
        msghdr message{};
        message.msg_iov = &io;
        message.msg_iovlen = 1;
        const ssize_t count = recvmsg(fd, &message, 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count < 0) {
            fail(row, errno);
            return false;
        }
        const std::span<const std::uint8_t> response(room, static_cast<std::size_t>(count));
        const std::uint32_t verdict = judge(response, query, false, (message.msg_flags & MSG_TRUNC) != 0, module);
        read_answer(response, type, verdict, module, row);
        if (verdict != UNCUT_VERDICT_NOT_OURS && verdict != UNCUT_VERDICT_MALFORMED) return true;
    }
    return false;
}

/// Connects, sends, reads one frame into `response`. Says in `row` what went wrong.
bool exchange_tcp(const Address& server, std::span<const std::uint8_t> query, const ProbeTimeouts& timeouts,
                  Octets& response, ProbeRow& row) {
    const Clock::time_point connect_deadline = Clock::now() + std::chrono::milliseconds(timeouts.connect_ms);
    const auto socket = connect_tcp(server);
    if (!socket) {
        fail(row, socket.error().code);
        return false;
    }
    const int fd = socket->get();
    if (!wait_for(fd, POLLOUT, connect_deadline)) {
        row.outcome = ProbeOutcome::no_connect;
        return false;
    }
    if (const int error = socket_error(fd); error != 0) {
        fail(row, error);
        return false;
    }
    // RFC 7766 8: length and message in one write.
    Octets framed{static_cast<std::uint8_t>(query.size() >> 8U), static_cast<std::uint8_t>(query.size())};
    framed.insert(framed.end(), query.begin(), query.end());
    if (send(fd, framed.data(), framed.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(framed.size())) {
        fail(row, errno);
        return false;
    }
    const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(timeouts.tcp_ms);
    Octets in;
    std::size_t wanted = 2;
    while (in.size() < wanted) {
        if (!wait_for(fd, POLLIN, deadline)) {
            row.outcome = ProbeOutcome::stalled;
            return false;
        }
        std::uint8_t room[16384];
        const ssize_t count = recv(fd, room, sizeof room, 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count < 0) {
            fail(row, errno);
            return false;
        }
        if (count == 0) {
            row.outcome = ProbeOutcome::closed;
            return false;
        }
        in.insert(in.end(), room, room + count);
        if (in.size() >= 2) wanted = 2 + static_cast<std::size_t>(in[0] << 8U | in[1]);
    }
    response.assign(in.begin() + 2, in.begin() + static_cast<std::ptrdiff_t>(wanted));
    return true;
}

}  // namespace

Octets make_query(const ProbeQuestion& question, std::optional<std::uint16_t> bufsize) {
    std::uint8_t id[2] = {};
    // Two octets never block or fail once the system is up (getrandom(2)).
    while (getrandom(id, sizeof id, 0) != static_cast<ssize_t>(sizeof id)) {
    }
    Octets out;
    out.reserve(question.name.size() + 12 + 4 + 11);
    const auto put = [&out](unsigned value) {
        out.push_back(static_cast<std::uint8_t>(value >> 8U));
        out.push_back(static_cast<std::uint8_t>(value));
    };
    put(static_cast<unsigned>(id[0]) << 8U | id[1]);
    put(0x0100);  // RD
    for (const unsigned count : {1U, 0U, 0U, bufsize ? 1U : 0U}) put(count);
    out.insert(out.end(), question.name.begin(), question.name.end());
    put(question.type);
    put(LDNS_RR_CLASS_IN);
    if (bufsize) {
        out.push_back(0);  // the root: RFC 6891 6.1.2
        put(LDNS_RR_TYPE_OPT);
        put(*bufsize);
        put(0);                                // extended RCODE and version
        put(question.dnssec_ok ? 0x8000 : 0);  // RFC 3225 3
        put(0);                                // no options
    }
    return out;
}

ProbeRow ask_udp(const Address& server, const ProbeQuestion& question, std::optional<std::uint16_t> bufsize,
                 const ProbeTimeouts& timeouts, const uncut_module& module) {
    ProbeRow row;
    row.bufsize = bufsize;
    Clock::time_point start = Clock::now();
    for (int tries = 0; tries < timeouts.udp_tries; ++tries) {
        start = Clock::now();
        // A port and an ID of its own for each try: what answers the first must not be taken for the second's.
        const auto socket = connect_udp(server);
        const Octets query = make_query(question, bufsize);
        if (!socket) {
            fail(row, socket.error().code);
            break;
        }
        if (send(socket->get(), query.data(), query.size(), MSG_NOSIGNAL) < 0) {
            fail(row, errno);
            break;
        }
        const Clock::time_point deadline = start + std::chrono::milliseconds(timeouts.udp_ms);
        if (try_udp(socket->get(), query, question.type, deadline, module, row)) break;
        if (row.outcome == ProbeOutcome::refused || row.outcome == ProbeOutcome::unreachable) break;
    }
    row.time_ms = ms_since(start);
    return row;
}

ProbeRow ask_tcp(const Address& server, const ProbeQuestion& question, const ProbeTimeouts& timeouts,
                 const uncut_module& module, std::optional<std::uint16_t> bufsize) {
    ProbeRow row;
    row.tcp = true;
    row.bufsize = bufsize;
    const Clock::time_point start = Clock::now();
    const Octets query = make_query(question, bufsize);
    Octets response;
    const bool whole = exchange_tcp(server, query, timeouts, response, row);
    const double time_ms = ms_since(start);
    if (whole) {
        response.reserve(1);  // an empty frame still needs an address: the ABI takes no NULL
        read_answer(response, question.type, judge(response, query, true, false, module), module, row);
    }
    row.time_ms = time_ms;
    return row;
}

}  // namespace uncut::harness
