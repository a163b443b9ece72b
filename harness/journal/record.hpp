// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/net/address.hpp"

namespace uncut::harness {

/// One step of an exchange.
struct ExchangeEvent {
    enum class Kind : std::uint8_t {
        query,    ///< came from the client
        ask,      ///< left for an upstream
        answer,   ///< came from an upstream and ended a wait
        ignored,  ///< came, and did not
        failed,   ///< an attempt, for `cause`
        timeout,  ///< of an attempt
        deliver,  ///< left for the client
        drop      ///< nothing is owed to the client
    };

    Kind kind = Kind::query;
    std::uint64_t at_us = 0;          ///< since the exchange began
    std::uint32_t transport = 0;      ///< uncut_transport; 0: none
    std::optional<Address> upstream;  ///< asked, or heard of
    std::optional<std::uint32_t> octets;
    std::optional<bool> tc;
    std::optional<std::uint32_t> verdict;  ///< uncut_verdict
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    bool shared = false;                ///< an ask that joined a TCP query in flight
    std::vector<std::uint8_t> message;  ///< empty where there was none, or no room to keep it
};

/// One client's query, from its arrival to what became of it.
struct ExchangeRecord {
    std::uint64_t number = 0;  ///< given by the journal, ascending from 1, never twice
    std::string server;        ///< which of the program's servers
    std::int64_t time_us = 0;  ///< of its beginning, since 1970
    Address client;
    std::uint32_t transport = 0;  ///< the client's
    std::string name;             ///< the question's, in presentation form with a final dot; "": none could be read
    std::uint64_t revision = 0;   ///< of the policies that it ran under
    std::uint32_t outcome = 0;    ///< uncut_outcome
    std::uint32_t cause = UNCUT_CAUSE_NONE;
    std::optional<std::uint32_t> verdict;  ///< on the first answer that was taken and not whole, else whole
    std::uint32_t upstream_transport = 0;  ///< by which the delivered answer came; 0: none did
    std::uint64_t duration_us = 0;
    std::vector<std::uint8_t> query;     ///< as the client sent it
    std::vector<std::uint8_t> response;  ///< as it was delivered; empty: none was
    std::vector<ExchangeEvent> events;
    std::uint32_t events_omitted = 0;  ///< that had no room

    /// What it takes, nearly.
    std::size_t octets() const;
};

}  // namespace uncut::harness
