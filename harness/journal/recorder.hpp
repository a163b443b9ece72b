// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/journal/journal.hpp"

namespace uncut::harness {

/// Writes down what the engines of one thread tell of their submissions, and hands each exchange to the journal when it
/// is over. It allocates: a test instrument, not for a server under load. One thread.
class Recorder {
  public:
    /// What is needed to make sense of what an engine tells.
    struct Source {
        const uncut_module& module;
        const std::vector<Address>& upstreams;
        std::uint64_t revision_base;  // added to the module's revisions
    };

    Recorder(Journal& journal, std::string server) : journal_(journal), server_(std::move(server)) {}

    /// A query in `slot` begins: the START of a trace.
    void begin(std::uint32_t slot, const Address& client, const uncut_trace_event& start, const Source& source);
    /// Anything behind the START, but strays.
    void note(std::uint32_t slot, const uncut_trace_event& event, const Source& source);
    /// A datagram that leads nowhere is told of whoever asked last from the socket that it came to, if that query is
    /// still on its way: whom else would it have been meant for?
    void stray(const uncut_trace_event& event, const Source& source);
    /// A message of a zone transfer has gone to the client.
    void streamed(std::uint32_t slot, const uncut_completion& completion);
    /// It is over. Goes to the journal before the answer leaves.
    void end(std::uint32_t slot, const uncut_completion& completion);
    /// The client has gone: nobody is to be answered any more.
    void abandon(std::uint32_t slot);

  private:
    struct Open {
        std::unique_ptr<ExchangeRecord> record;
        std::uint64_t began_us = 0;  // by the engine's clock
        std::size_t octets = 0;      // of messages kept
    };

    enum class Place : std::uint8_t { middle, end };  // of an event: the messages of a transfer are not its end
    ExchangeEvent* add(Open& open, ExchangeEvent::Kind kind, std::uint64_t at_us, Place place);
    void keep(Open& open, ExchangeEvent& event, const std::uint8_t* message, std::size_t octets);
    void deliver(Open& open, const uncut_completion& completion, Place place);
    void finish(Open& open);
    Open* find(std::uint32_t slot);

    Journal& journal_;
    const std::string server_;
    std::vector<Open> open_;                 // by slot
    std::vector<std::uint32_t> asked_last_;  // by socket of the engine: which slot
    std::size_t open_octets_ = 0;
};

}  // namespace uncut::harness
