// SPDX-License-Identifier: Apache-2.0
// Level 2: the exchange, its structs turned into values and back.
#include "module/exchange/exchange.hpp"

#include "module/entry/calls.hpp"
#include "module/entry/guard.hpp"
#include "module/entry/handles.hpp"
#include "module/entry/structs.hpp"

namespace uncut::entry {
namespace {

constexpr std::uint32_t failure_first = UNCUT_CAUSE_REFUSED;  // the causes for which an attempt can fail
constexpr std::uint32_t failure_last = UNCUT_CAUSE_SEND;

bool is_transport(std::uint32_t value) noexcept {
    return value == UNCUT_TRANSPORT_UDP || value == UNCUT_TRANSPORT_TCP;
}

Status read_query(const uncut_exchange_query* from, exchange::Query& to) noexcept {
    uncut_exchange_query given{};
    if (const Status misuse = copy_in(from, given)) return misuse;
    if (!is_transport(given.transport) || given.upstream_count == 0) return UNCUT_MISUSE_VALUE;
    if (given.upstream_count > UNCUT_UPSTREAMS_MAX) return UNCUT_LIMIT_UPSTREAMS;
    if (given.upstream_first >= given.upstream_count) return UNCUT_MISUSE_VALUE;
    if (const Status refused = check_message(given.message, given.octets)) return refused;
    to.message = {given.message, given.octets};
    to.transport = given.transport;
    to.upstream_count = given.upstream_count;
    to.upstream_first = given.upstream_first;
    to.entropy = given.entropy;
    return UNCUT_OK;
}

Status read_storage(const uncut_exchange_storage* from, std::size_t state_octets, exchange::Storage& to) noexcept {
    uncut_exchange_storage given{};
    if (const Status misuse = copy_in(from, given)) return misuse;
    if (given.reserved != 0) return UNCUT_MISUSE_VALUE;
    if (given.state == nullptr) return UNCUT_MISUSE_NULL;
    if (const Status misuse = check_octets(given.kept, given.kept_octets)) return misuse;
    if (reinterpret_cast<std::uintptr_t>(given.state) % UNCUT_STORAGE_ALIGNMENT != 0) return UNCUT_MISUSE_ALIGNMENT;
    if (given.state_octets < state_octets) return UNCUT_MISUSE_SHORT_BUFFER;
    to.state = {static_cast<std::uint8_t*>(given.state), given.state_octets};
    to.kept = {given.kept, given.kept_octets};
    return UNCUT_OK;
}

Status read_event(const uncut_event* from, exchange::Event& to) noexcept {
    uncut_event given{};
    if (const Status misuse = copy_in(from, given)) return misuse;
    switch (given.kind) {
        case UNCUT_EVENT_TIMEOUT:
            break;
        case UNCUT_EVENT_MESSAGE:
            if (!is_transport(given.transport) || given.upstream >= UNCUT_UPSTREAMS_MAX) return UNCUT_MISUSE_VALUE;
            if (const Status refused = check_message(given.message, given.octets)) return refused;
            to.kernel_cut = given.kernel_cut != 0 && given.transport == UNCUT_TRANSPORT_UDP;
            to.message = {given.message, given.octets};
            break;
        case UNCUT_EVENT_FAILED:
            if (!is_transport(given.transport) || given.upstream >= UNCUT_UPSTREAMS_MAX) return UNCUT_MISUSE_VALUE;
            if (given.cause < failure_first || given.cause > failure_last) return UNCUT_MISUSE_VALUE;
            to.cause = given.cause;
            break;
        default:
            return UNCUT_MISUSE_VALUE;
    }
    to.kind = given.kind;
    to.upstream = given.upstream;
    to.transport = given.transport;
    return UNCUT_OK;
}

// What a short output buffer would have to be is all that is written then.
void write_action(Status status, const exchange::Action& from, uncut_action* to) noexcept {
    if (status == UNCUT_OK) {
        copy_out(to, uncut_action{known_octets<uncut_action>, from.kind, from.upstream, from.verdict, from.cause,
                                  from.transport, from.until_us, from.octets});
    } else if (status == UNCUT_MISUSE_SHORT_BUFFER) {
        put_field(to, offsetof(uncut_action, octets), from.octets);
    }
}

}  // namespace

Status exchange_needs(uncut_instance* instance, const uncut_exchange_query* query,
                      uncut_exchange_needs* needs) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr) return UNCUT_MISUSE_NULL;
        if (const Status misuse = check_out(needs)) return misuse;
        exchange::Query value;
        if (const Status refused = read_query(query, value)) return refused;
        const exchange::Needs wanted = exchange::needs(*from_handle(instance), value);
        copy_out(needs,
                 uncut_exchange_needs{known_octets<uncut_exchange_needs>, 0, wanted.state_octets, wanted.kept_octets});
        return UNCUT_OK;
    });
}

Status exchange_start(uncut_instance* instance, const uncut_exchange_query* query,
                      const uncut_exchange_storage* storage, std::uint64_t now_us, std::uint8_t* out,
                      std::size_t out_capacity, uncut_exchange** exchange, uncut_action* action) noexcept {
    return guarded([&]() -> Status {
        if (instance == nullptr || exchange == nullptr) return UNCUT_MISUSE_NULL;
        if (const Status misuse = check_out(action)) return misuse;
        if (const Status misuse = check_octets(out, out_capacity)) return misuse;
        exchange::Query value;
        if (const Status refused = read_query(query, value)) return refused;
        exchange::Storage lent;
        const std::size_t state_octets = exchange::state_octets(value.message.size());
        if (const Status misuse = read_storage(storage, state_octets, lent)) return misuse;

        exchange::Exchange* begun = nullptr;
        exchange::Action next;
        const Status status =
            exchange::start(*from_handle(instance), value, lent, now_us, {out, out_capacity}, begun, next);
        write_action(status, next, action);
        if (status == UNCUT_OK) put(exchange, to_handle(begun));
        return status;
    });
}

Status exchange_on_event(uncut_exchange* exchange, const uncut_event* event, std::uint64_t now_us, std::uint8_t* out,
                         std::size_t out_capacity, uncut_action* action) noexcept {
    return guarded([&]() -> Status {
        if (exchange == nullptr) return UNCUT_MISUSE_NULL;
        if (const Status misuse = check_out(action)) return misuse;
        if (const Status misuse = check_octets(out, out_capacity)) return misuse;
        exchange::Event value;
        if (const Status refused = read_event(event, value)) return refused;
        exchange::Action next;
        const Status status = exchange::on_event(*from_handle(exchange), value, now_us, {out, out_capacity}, next);
        write_action(status, next, action);
        return status;
    });
}

Status exchange_cancel(uncut_exchange* exchange) noexcept {
    return guarded([&]() -> Status {
        return exchange == nullptr ? Status{UNCUT_MISUSE_NULL} : exchange::cancel(*from_handle(exchange));
    });
}

}  // namespace uncut::entry
