// SPDX-License-Identifier: Apache-2.0
// What happened, counted with its cause. One table, in this order, is what counters and counter_info show.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace uncut::exchange {

// One line a counter: identifier, name, cause, help. Counters of one name differ by cause. The order is that of the
// ABI: append only.
#define UNCUT_COUNTERS(X)                                                                                           \
    X(started, "exchanges_started", "", "client queries taken in")                                                  \
    X(delivered, "exchanges_delivered", "", "ended with a response")                                                \
    X(bypassed, "exchanges_bypassed", "", "ended as a bypass: zone transfers")                                      \
    X(dropped_short, "exchanges_dropped", "short", "ended without a response")                                      \
    X(dropped_response, "exchanges_dropped", "response", "ended without a response")                                \
    X(dropped_no_question, "exchanges_dropped", "no_question", "ended without a response")                          \
    X(dropped_cancelled, "exchanges_dropped", "cancelled", "ended without a response")                              \
    X(dropped_silence, "exchanges_dropped", "silence", "ended without a response")                                  \
    X(answered_formerr, "answered_here", "formerr", "responses made without an upstream")                           \
    X(answered_notimp, "answered_here", "notimp", "responses made without an upstream")                             \
    X(answered_badvers, "answered_here", "badvers", "responses made without an upstream")                           \
    X(answered_servfail, "answered_here", "servfail", "responses made without an upstream")                         \
    X(asked_udp, "upstream_asked", "udp", "queries sent upstream")                                                  \
    X(asked_tcp, "upstream_asked", "tcp", "queries sent upstream")                                                  \
    X(udp_timeout, "upstream_udp_failed", "timeout", "UDP tries that brought no answer")                            \
    X(udp_refused, "upstream_udp_failed", "refused", "UDP tries that brought no answer")                            \
    X(udp_send, "upstream_udp_failed", "send", "UDP tries that brought no answer")                                  \
    X(ignored_source, "ignored_datagrams", "source", "datagrams that did not end a wait")                           \
    X(ignored_id, "ignored_datagrams", "id", "datagrams that did not end a wait")                                   \
    X(ignored_qr, "ignored_datagrams", "qr", "datagrams that did not end a wait")                                   \
    X(ignored_opcode, "ignored_datagrams", "opcode", "datagrams that did not end a wait")                           \
    X(ignored_question, "ignored_datagrams", "question", "datagrams that did not end a wait")                       \
    X(ignored_malformed, "ignored_datagrams", "malformed", "datagrams that did not end a wait")                     \
    X(ignored_late, "ignored_datagrams", "late", "datagrams that did not end a wait")                               \
    X(ignored_letter_case, "ignored_datagrams", "letter_case", "datagrams that did not end a wait")                 \
    X(tc_seen, "truncated_responses", "tc", "UDP responses that were not whole")                                    \
    X(suspected_cut, "truncated_responses", "cut", "UDP responses that were not whole")                             \
    X(suspected_oversize, "truncated_responses", "oversize", "UDP responses that were not whole")                   \
    X(suspected_dangling_cname, "truncated_responses", "dangling_cname", "UDP responses that were not whole")       \
    X(suspicion_cleared, "suspicions_cleared", "", "TCP said the same, or could not be asked")                      \
    X(retry_ok, "tcp_retries", "ok", "truncated answers asked for again over TCP, by how that ended")               \
    X(retry_refused, "tcp_retries", "refused", "truncated answers asked for again over TCP, by how that ended")     \
    X(retry_connect_timeout, "tcp_retries", "connect_timeout",                                                      \
      "truncated answers asked for again over TCP, by how that ended")                                              \
    X(retry_reset, "tcp_retries", "reset", "truncated answers asked for again over TCP, by how that ended")         \
    X(retry_closed, "tcp_retries", "closed", "truncated answers asked for again over TCP, by how that ended")       \
    X(retry_stalled, "tcp_retries", "stalled", "truncated answers asked for again over TCP, by how that ended")     \
    X(retry_malformed, "tcp_retries", "malformed", "truncated answers asked for again over TCP, by how that ended") \
    X(retry_foreign, "tcp_retries", "foreign", "truncated answers asked for again over TCP, by how that ended")     \
    X(retry_tc_again, "tcp_retries", "tc_again", "truncated answers asked for again over TCP, by how that ended")   \
    X(retry_held_off, "tcp_retries", "held_off", "truncated answers asked for again over TCP, by how that ended")   \
    X(retry_limit, "tcp_retries", "limit", "truncated answers asked for again over TCP, by how that ended")         \
    X(retry_send, "tcp_retries", "send", "truncated answers asked for again over TCP, by how that ended")           \
    X(retry_abandoned, "tcp_retries", "abandoned", "truncated answers asked for again over TCP, by how that ended") \
    X(clamped, "clamped_queries", "", "queries whose UDP payload size was lowered")                                 \
    X(opt_added, "opt_added", "", "queries that were given an OPT")                                                 \
    X(opt_stripped, "opt_stripped", "", "responses whose OPT was taken away again")                                 \
    X(edns_refused, "edns_refused", "", "asked once more without the OPT that was added")                           \
    X(fit_truncated, "fit_responses", "truncated", "responses that were made to fit")                               \
    X(fit_dropped, "fit_responses", "additional_dropped", "responses that were made to fit")                        \
    X(fit_subset, "fit_responses", "subset", "responses that were made to fit")                                     \
    X(learned_hits, "learned_hits", "truncates", "queries whose name was remembered")                               \
    X(learned_cleared_hits, "learned_hits", "suspicion_cleared", "queries whose name was remembered")               \
    X(shared_retries, "tcp_shared", "", "exchanges that joined a TCP query already in flight")                      \
    X(tcp_connections, "tcp_connections", "opened", "TCP connections to upstreams")                                 \
    X(tcp_reconnects, "tcp_connections", "reopened", "TCP connections to upstreams")                                \
    X(udp_sockets, "udp_sockets", "opened", "source ports bound for upstream queries")

enum class Counter : std::uint32_t {
#define UNCUT_COUNTER(identifier, name, cause, help) identifier,
    UNCUT_COUNTERS(UNCUT_COUNTER)
#undef UNCUT_COUNTER
        count
};

inline constexpr std::uint32_t counter_count = static_cast<std::uint32_t>(Counter::count);

struct CounterText {
    const char* name;
    const char* cause;
    const char* help;
};

inline constexpr std::array<CounterText, counter_count> counter_texts{{
#define UNCUT_COUNTER(identifier, name, cause, help) {name, cause, help},
    UNCUT_COUNTERS(UNCUT_COUNTER)
#undef UNCUT_COUNTER
}};

// Shared by all threads of an instance; each sum is right, a reading of several is not one moment.
class Counters {
  public:
    void add(Counter counter, std::uint64_t by = 1) noexcept {
        values_[static_cast<std::uint32_t>(counter)].fetch_add(by, std::memory_order_relaxed);
    }
    std::uint64_t get(Counter counter) const noexcept { return get(static_cast<std::uint32_t>(counter)); }
    std::uint64_t get(std::uint32_t index) const noexcept { return values_[index].load(std::memory_order_relaxed); }

  private:
    std::array<std::atomic<std::uint64_t>, counter_count> values_{};
};

}  // namespace uncut::exchange
