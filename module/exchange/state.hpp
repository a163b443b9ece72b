// SPDX-License-Identifier: Apache-2.0
// What an exchange remembers between two events, and the step that one event is. For this room alone.
#pragma once

#include <algorithm>
#include <type_traits>

#include "module/exchange/exchange.hpp"
#include "module/exchange/verdict.hpp"

namespace uncut::exchange {

inline constexpr std::uint64_t us_per_ms = 1000;

// An added OPT that is refused costs one more ask, once in an exchange.
inline constexpr std::uint32_t edns_asks_max = 1;
// Over UDP: the tries of the policy, each of which is one more ID to guess (RFC 5452).
inline constexpr std::uint32_t udp_asks_max = UNCUT_UDP_TRIES_MAX + edns_asks_max;
// Over TCP: each upstream once. One that closes every connection gets no second chance from this query.
inline constexpr std::uint32_t tcp_asks_max = UNCUT_UPSTREAMS_MAX + edns_asks_max;
inline constexpr std::uint32_t asks_max = udp_asks_max + tcp_asks_max;

// Until `now` plus so much, without passing the end of time.
inline std::uint64_t later(std::uint64_t now_us, std::uint64_t ms) noexcept {
    const std::uint64_t us = ms * us_per_ms;
    return ~std::uint64_t{0} - now_us < us ? ~std::uint64_t{0} : now_us + us;
}

// One query sent over UDP. It is outstanding until it is answered or refused: a timeout does not end it, because the
// answer may still come.
struct UdpAsk {
    std::uint16_t id;
    std::uint8_t upstream;
    bool outstanding;
    bool counted;    // as having brought no answer
    bool added_opt;  // it carries the OPT that we added
};

struct TcpAsk {
    std::uint16_t id;
    std::uint8_t upstream;
    bool outstanding;
    bool added_opt;
};

// What the client sent and will accept.
struct Client {
    std::uint32_t limit;  // octets of a response
    std::uint16_t id;
    std::uint16_t flags;
    bool tcp;
    bool opt;
    bool dnssec_ok;
};

// A UDP answer that was not whole, while it is asked for again over TCP.
struct Retry {
    std::uint32_t verdict;
    std::uint32_t kept_octets;  // the answer as the client would get it, in `kept`; 0: there is none
    std::uint32_t fit_action;
    std::uint16_t flags;  // of the answer
    std::uint16_t rcode;
    std::uint16_t answers;  // how many records it announced
    std::uint16_t authorities;
    std::uint8_t upstream;
    bool pending;  // asked for again, and how that ends is not known yet
    bool dnssec_ok;
    bool stripped;  // its OPT was taken away for the client
};

enum class Phase : std::uint8_t { udp, tcp, over };

class Exchange {
  public:
    Instance* instance;
    std::uint64_t revision;  // of the snapshot that `policy` is from
    std::uint64_t entropy;
    std::uint64_t deadline_us;
    std::uint64_t until_us;
    std::uint8_t* kept;
    std::size_t kept_capacity;
    policy::Policy policy;
    Client client;
    Retry retry;
    std::uint32_t query_octets;       // of the upstream query, which stands behind this struct
    std::uint32_t question_octets;    // name, type, class; 0 in a transparent exchange
    std::uint32_t advertised_octets;  // what that query allows over UDP, its OPT included
    std::uint32_t last_verdict;
    std::uint32_t last_cause;                     // why the last attempt failed
    std::uint8_t tcp_cause[UNCUT_UPSTREAMS_MAX];  // why the attempt at each upstream failed
    std::uint16_t tcp_asked;                      // a bit for each upstream
    UdpAsk udp[udp_asks_max];
    TcpAsk tcp;
    std::uint8_t udp_asks;
    std::uint8_t udp_tries;  // those of udp_asks that count against the policy's
    std::uint8_t asks;
    std::uint8_t upstream_count;
    std::uint8_t upstream_first;
    Phase phase;
    bool transparent;
    bool opt_added;        // the upstream query ends with an OPT that the client did not send
    bool opt_refused;      // and an upstream would not have it: it is left out from then on
    bool straight_to_tcp;  // learned: UDP was skipped, and is still to be tried

    std::uint8_t* query() noexcept { return reinterpret_cast<std::uint8_t*>(this + 1); }
    const std::uint8_t* query() const noexcept { return reinterpret_cast<const std::uint8_t*>(this + 1); }

    // The client's, in its letter case.
    Octets question() const noexcept {
        return question_octets == 0 ? Octets{} : Octets{query() + wire::header_octets, question_octets};
    }
    LearnedKey learned_key(std::uint32_t upstream) const noexcept { return {question(), client.dnssec_ok, upstream}; }
    void count(Counter counter) const noexcept { instance->counters.add(counter); }
};

static_assert(sizeof(Exchange) <= state_octets_fixed);
static_assert(alignof(Exchange) <= UNCUT_STORAGE_ALIGNMENT);
static_assert(std::is_trivially_destructible_v<Exchange>, "its storage is the host's: nothing runs when it is over");

// One event on its way through the room: what it works on, and where its action and output go.
struct Step {
    Exchange& x;
    std::uint64_t now_us;
    std::span<std::uint8_t> out;
    Action& action;
};

}  // namespace uncut::exchange
