// SPDX-License-Identifier: Apache-2.0
#include "harness/journal/recorder.hpp"

#include <time.h>

#include <algorithm>
#include <utility>

namespace uncut::harness {
namespace {

using Kind = ExchangeEvent::Kind;

// An exchange asks at most some 27 times; what is more is somebody who floods it with garbage.
constexpr std::size_t events_max = 100;
// Of the messages of one exchange, and of all that are in flight on this thread: past that only sizes are kept.
constexpr std::size_t exchange_octets_max = 512U << 10;
constexpr std::size_t open_octets_max = 32U << 20;
constexpr std::uint32_t no_slot = UINT32_MAX;
constexpr std::uint32_t sockets_max = 1024;         // of an engine, by the ABI
constexpr std::size_t name_text_octets_max = 1025;  // what the ABI says always suffices

std::uint64_t clock_us(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

std::string name_of(std::span<const std::uint8_t> query, const uncut_module& module) {
    uncut_message_info info{};
    info.size = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
    if (query.empty()) return {};
    module.inspect(query.data(), query.size(), &info);
    char name[name_text_octets_max];
    const bool read = (info.facts & UNCUT_FACT_QUESTION) != 0 &&
                      module.name_text(query.data(), query.size(), 12, name, sizeof name, nullptr) == UNCUT_OK;
    return read ? name : "";
}

std::optional<bool> tc_of(const std::uint8_t* message, std::size_t octets) {
    if (octets < 12) return std::nullopt;  // RFC 1035 4.1.1: the header's flags are in its third octet
    return (message[2] & 0x02U) != 0;
}

Kind kind_of(std::uint32_t trace_kind) {
    switch (trace_kind) {
        case UNCUT_TRACE_ASK:
            return Kind::ask;
        case UNCUT_TRACE_ANSWER:
            return Kind::answer;
        case UNCUT_TRACE_FAILED:
            return Kind::failed;
        case UNCUT_TRACE_TIMEOUT:
            return Kind::timeout;
        default:
            return Kind::ignored;
    }
}

}  // namespace

void Recorder::begin(std::uint32_t slot, const Address& client, const uncut_trace_event& start, const Source& source) {
    if (slot >= open_.size()) open_.resize(slot + std::size_t{1});
    Open& open = open_[slot];
    open.record = std::make_unique<ExchangeRecord>();
    open.began_us = start.time_us;
    open.octets = 0;
    ExchangeRecord& record = *open.record;
    record.server = server_;
    record.time_us = static_cast<std::int64_t>(clock_us(CLOCK_REALTIME));
    record.client = client;
    record.transport = start.transport;
    record.query.assign(start.message, start.message + start.octets);
    record.name = name_of(record.query, source.module);
    record.revision = start.revision == 0 ? 0 : start.revision + source.revision_base;
    ExchangeEvent* event = add(open, Kind::query, start.time_us, Place::middle);
    event->transport = start.transport;
    event->octets = static_cast<std::uint32_t>(start.octets);
}

void Recorder::note(std::uint32_t slot, const uncut_trace_event& from, const Source& source) {
    Open* open = find(slot);
    if (open == nullptr) return;
    const Kind kind = kind_of(from.kind);
    if (kind == Kind::ask && from.transport == UNCUT_TRANSPORT_UDP && from.socket < sockets_max) {
        if (from.socket >= asked_last_.size()) asked_last_.resize(from.socket + std::size_t{1}, no_slot);
        asked_last_[from.socket] = slot;
    }
    const bool judged = from.message != nullptr && kind != Kind::ask;
    if (kind == Kind::answer && (!open->record->verdict || *open->record->verdict == UNCUT_VERDICT_WHOLE)) {
        open->record->verdict = from.verdict;
    }
    ExchangeEvent* event = add(*open, kind, from.time_us, Place::middle);
    if (event == nullptr) return;
    event->transport = from.transport;
    if (from.upstream < source.upstreams.size()) event->upstream = source.upstreams[from.upstream];
    event->cause = from.cause;
    event->shared = from.shared != 0;
    if (judged) event->verdict = from.verdict;
    keep(*open, *event, from.message, from.octets);
    if (kind == Kind::ask) event->tc.reset();
}

void Recorder::stray(const uncut_trace_event& from, const Source& source) {
    if (from.socket < asked_last_.size() && asked_last_[from.socket] != no_slot) {
        note(asked_last_[from.socket], from, source);
    }
}

void Recorder::streamed(std::uint32_t slot, const uncut_completion& completion) {
    if (Open* open = find(slot)) {
        open->record->outcome = UNCUT_OUTCOME_STREAM;
        deliver(*open, completion, Place::middle);
    }
}

void Recorder::end(std::uint32_t slot, const uncut_completion& completion) {
    Open* open = find(slot);
    if (open == nullptr) return;
    ExchangeRecord& record = *open->record;
    record.cause = completion.cause;
    record.upstream_transport = completion.transport;
    if (completion.outcome == UNCUT_OUTCOME_DELIVERED) {
        deliver(*open, completion, Place::end);
        record.response.assign(completion.message, completion.message + completion.octets);
    } else if (record.outcome != UNCUT_OUTCOME_STREAM) {
        if (ExchangeEvent* event = add(*open, Kind::drop, clock_us(CLOCK_MONOTONIC), Place::end))
            event->cause = completion.cause;
    }
    if (record.outcome == 0) record.outcome = completion.outcome;
    finish(*open);
}

void Recorder::abandon(std::uint32_t slot) {
    Open* open = find(slot);
    if (open == nullptr) return;
    open->record->outcome = UNCUT_OUTCOME_DROPPED;
    open->record->cause = UNCUT_CAUSE_CANCELLED;
    if (ExchangeEvent* event = add(*open, Kind::drop, clock_us(CLOCK_MONOTONIC), Place::end)) {
        event->cause = UNCUT_CAUSE_CANCELLED;
    }
    finish(*open);
}

// nullptr: it has as many as it may have. The last place is kept for how it ends.
ExchangeEvent* Recorder::add(Open& open, Kind kind, std::uint64_t at_us, Place place) {
    ExchangeRecord& record = *open.record;
    if (record.events.size() >= (place == Place::end ? events_max : events_max - 1)) {
        ++record.events_omitted;
        return nullptr;
    }
    ExchangeEvent& event = record.events.emplace_back();
    event.kind = kind;
    event.at_us = at_us < open.began_us ? 0 : at_us - open.began_us;
    return &event;
}

void Recorder::keep(Open& open, ExchangeEvent& event, const std::uint8_t* message, std::size_t octets) {
    if (message == nullptr) return;
    event.octets = static_cast<std::uint32_t>(octets);
    event.tc = tc_of(message, octets);
    if (open.octets + octets > exchange_octets_max || open_octets_ + octets > open_octets_max) return;
    event.message.assign(message, message + octets);
    open.octets += octets;
    open_octets_ += octets;
}

void Recorder::deliver(Open& open, const uncut_completion& completion, Place place) {
    ExchangeEvent* event = add(open, Kind::deliver, clock_us(CLOCK_MONOTONIC), place);
    if (event == nullptr) return;
    event->transport = open.record->transport;
    event->octets = static_cast<std::uint32_t>(completion.octets);
    event->tc = tc_of(completion.message, completion.octets);
}

void Recorder::finish(Open& open) {
    ExchangeRecord& record = *open.record;
    record.duration_us = record.events.back().at_us;
    open_octets_ -= open.octets;
    journal_.append(std::move(record));
    open.record.reset();
}

Recorder::Open* Recorder::find(std::uint32_t slot) {
    return slot < open_.size() && open_[slot].record ? &open_[slot] : nullptr;
}

}  // namespace uncut::harness
