// SPDX-License-Identifier: Apache-2.0
#include "module/engine/loop.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace uncut::engine {
namespace {

// What epoll hands back: the kind in the top octet, then 24 bits of generation, then the index.
enum Kind : std::uint32_t { kind_timer = 0, kind_udp = 1, kind_tcp = 2, kind_relay = 3 };
constexpr std::uint64_t tag_of(Kind kind) {
    return std::uint64_t{kind} << 56;
}

// Descriptors that one call reports, and such calls in one process(): under load timers have their turn too. What is
// left is reported again.
constexpr int events_max = 256;
constexpr int rounds_max = 8;

// How often one process() sends what the failures of the sends before brought up. More is left for the next one, so
// that a host which submits from completions cannot keep it here.
constexpr int flushes_max = 16;

// Room in the outbox for every exchange with a query of 512 octets and its OPT, and for some that are larger.
constexpr std::size_t outbox_octets_each = 576;
constexpr std::size_t outbox_octets_large = std::size_t{4} << 20;

// The last 4,096 UDP queries that ended: enough to tell a late answer from a stray one.
constexpr std::size_t late_entries = 4096;

constexpr std::size_t datagram_octets = 65'536;

// The state of exchanges: for queries of up to 512 octets there is always room, for larger ones while they are few.
std::array<Storage::Class, 9> state_classes(std::uint32_t in_flight_max) {
    constexpr std::uint32_t usual = (exchange::state_octets(512) + 15) / 16 * 16;
    return {{{384, in_flight_max},
             {416, in_flight_max},
             {448, in_flight_max},
             {512, in_flight_max},
             {640, in_flight_max},
             {usual, in_flight_max},
             {4864, 256, true},
             {16896, 64, true},
             {66048, 16, true}}};
}

// Truncated UDP answers. Past 4,096 octets not everybody has room; the exchange then does with less.
std::array<Storage::Class, 4> kept_classes(std::uint32_t in_flight_max) {
    return {{{512, in_flight_max}, {1232, in_flight_max}, {4096, in_flight_max}, {65536, 256, true}}};
}

// The queries of zone transfers, to be answered when the upstream fails.
constexpr std::array<Storage::Class, 3> query_classes{{{512, 1024}, {4096, 64, true}, {65536, 16, true}}};

std::uint64_t seed(Random& random) {
    std::uint64_t value = 0;
    if (!random.next64(value)) throw std::system_error(errno, std::generic_category(), "getrandom");
    return value;
}

Fd checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return Fd(fd);
}

std::size_t outbox_octets(const Config& config) {
    return config.in_flight_max * outbox_octets_each + outbox_octets_large;
}

}  // namespace

Status Engine::create(exchange::Instance& instance, const Config& config, std::unique_ptr<Engine>& engine) noexcept {
    engine.reset();
    try {
        engine = std::make_unique<Loop>(instance, config);
        return UNCUT_OK;
    } catch (const std::system_error& error) {
        errno = error.code().value();
        return UNCUT_UNUSABLE_SYSTEM;
    } catch (const std::exception&) {
        return UNCUT_UNUSABLE_MEMORY;
    }
}

Loop::Loop(exchange::Instance& instance, const Config& config)
    : instance_(instance),
      config_(config),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")),
      upstreams_(config.upstreams),
      slots_(config.in_flight_max),
      states_(state_classes(config.in_flight_max)),
      kept_(kept_classes(config.in_flight_max)),
      queries_(query_classes),
      timers_(config.in_flight_max + TcpPool::connections(config)),
      outboxes_{Outbox(config.in_flight_max * 2, outbox_octets(config)),
                Outbox(config.in_flight_max * 2, outbox_octets(config))},
      attempts_(config.in_flight_max * attempts_each),
      attempt_ids_(config.in_flight_max * attempts_each, seed(random_)),
      names_(config.letter_case ? std::size_t{config.in_flight_max} * attempts_each * (question_name_max + 1) : 0),
      late_(late_entries * sizeof(std::uint64_t)),
      udp_(config, random_, instance.counters, epoll_.get(), tag_of(kind_udp)),
      received_(receive_batch_max * datagram_octets),
      out_(datagram_octets),
      retries_(config.in_flight_max, seed(random_)),
      tcp_(config,
           {*this, upstreams_, retries_, timers_, random_, instance, epoll_.get(), tag_of(kind_tcp),
            config.in_flight_max},
           seed(random_)),
      relays_(*this, epoll_.get(), tag_of(kind_relay)) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = tag_of(kind_timer);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

std::uint64_t Loop::clock_us() const noexcept {
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

Status Loop::submit(Octets message, std::uint32_t transport, std::uint64_t token, std::uint64_t& ticket) noexcept {
    if (stopped_) return UNCUT_UNUSABLE_STOPPED;
    if (transport != UNCUT_TRANSPORT_UDP && transport != UNCUT_TRANSPORT_TCP) return UNCUT_MISUSE_VALUE;
    if (message.size() > UNCUT_MESSAGE_OCTETS_MAX) return UNCUT_LIMIT_OCTETS;
    if (outbox_->is_full()) return UNCUT_LIMIT_IN_FLIGHT;
    const std::uint32_t slot = slots_.take(token);
    if (slot == none) return UNCUT_LIMIT_IN_FLIGHT;
    const Status status = begin(slot, message, transport);
    if (status != UNCUT_OK) {
        release(slot);
        return status == UNCUT_MISUSE_SHORT_BUFFER ? Status{UNCUT_LIMIT_IN_FLIGHT} : status;
    }
    ticket = slots_.ticket(slot);
    return UNCUT_OK;
}

// Starts the exchange; its first action waits in the outbox.
Status Loop::begin(std::uint32_t index, Octets message, std::uint32_t transport) noexcept {
    if (!inside_) now_us_ = clock_us();
    Slot& slot = slots_[index];
    exchange::Query query{message, transport, upstreams_.count(), upstreams_.first(now_us_), 0};
    if (!random_.next64(query.entropy)) return UNCUT_UNUSABLE_SYSTEM;
    Block state;
    if (!states_.take(exchange::state_octets(message.size()), state)) return UNCUT_LIMIT_IN_FLIGHT;
    slot.state = state.handle;
    slot.upstream = static_cast<std::uint8_t>(query.upstream_first);
    slot.transport = static_cast<std::uint8_t>(transport);

    const exchange::Storage storage{{state.data, state.octets}, {}};
    exchange::Action action;
    const std::span<std::uint8_t> space = outbox_->space();
    if (message.size() > space.size()) return UNCUT_LIMIT_IN_FLIGHT;
    const Status status = exchange::start(instance_, query, storage, now_us_, space, slot.exchange, action);
    if (status != UNCUT_OK) {
        slot.exchange = nullptr;
        return status;
    }
    if (is_traced()) trace_start(index, message, exchange::revision(*slot.exchange));
    if (action.kind == UNCUT_ACTION_BYPASS) {
        slot.exchange = nullptr;  // it is over: the query is ours to relay
        std::copy(message.begin(), message.end(), space.begin());
        action.octets = message.size();
    } else {
        lend_kept(index);
        await(index, action);
    }
    slot.queued = ++serial_;
    outbox_->push(index, slot.queued, action);
    return UNCUT_OK;
}

// Where there is no room the exchange does with less.
void Loop::lend_kept(std::uint32_t index) noexcept {
    Slot& slot = slots_[index];
    const std::size_t wanted = exchange::kept_octets(*slot.exchange);
    Block kept;
    if (wanted == 0 || !kept_.take_up_to(wanted, kept)) return;
    slot.kept = kept.handle;
    exchange::lend_kept(*slot.exchange, {kept.data, kept.octets});
}

Status Loop::cancel(std::uint64_t ticket) noexcept {
    const std::uint32_t slot = slots_.find(ticket);
    if (slot == none) return UNCUT_MISUSE_NOT_FOUND;
    // It may be over and its completion still wait in the outbox: then there is nothing to count.
    if (slots_[slot].exchange != nullptr) exchange::cancel(*slots_[slot].exchange);
    release(slot);
    return UNCUT_OK;
}

void Loop::release(std::uint32_t index) noexcept {
    Slot& slot = slots_[index];
    end_attempts(index);
    leave_retry(index);
    if (slot.relay != none) relays_.close(slot.relay);
    timers_.clear(index);
    states_.give(slot.state);
    kept_.give(slot.kept);
    queries_.give(slot.query);
    slots_.give(index);
}

Status Loop::process() noexcept {
    if (inside_) return UNCUT_MISUSE_STATE;
    if (stopped_) return UNCUT_UNUSABLE_STOPPED;
    now_us_ = clock_us();
    flush();
    std::array<epoll_event, events_max> events;
    for (int rounds = 0; rounds < rounds_max; ++rounds) {
        const int count = ::epoll_wait(epoll_.get(), events.data(), events_max, 0);
        for (int index = 0; index < count; ++index) {
            const epoll_event& event = events[static_cast<std::size_t>(index)];
            dispatch(event.data.u64, event.events);
        }
        if (count < events_max) break;
    }
    expire();
    flush();
    arm();
    return UNCUT_OK;
}

void Loop::dispatch(std::uint64_t tag, std::uint32_t events) noexcept {
    const auto index = static_cast<std::uint32_t>(tag);
    const auto generation = static_cast<std::uint32_t>(tag >> 32) & 0xffffff;
    switch (tag >> 56) {
        case kind_udp:
            if ((events & EPOLLERR) != 0) read_errors(index);
            receive(index);
            break;
        case kind_tcp:
            tcp_.on_events(index, generation, events, now_us_);
            break;
        case kind_relay:
            relays_.on_events(index, generation);
            break;
        default:
            break;  // the timer: expire() looks at the clock, arm() quiets it
    }
}

void Loop::flush() noexcept {
    for (int flushes = 0; flushes < flushes_max; ++flushes) {
        Outbox& leaving = *outbox_;
        outbox_ = &leaving == &outboxes_[0] ? &outboxes_[1] : &outboxes_[0];
        for (std::uint32_t place = 0; place < leaving.count(); ++place) {
            const Outbox::Entry& entry = leaving[place];
            // Cancelled since, or asked for something else: it is not this entry that the slot waits for.
            if (!slots_.is_used(entry.slot) || slots_[entry.slot].queued != entry.serial) continue;
            slots_[entry.slot].queued = 0;
            send_out(entry);
        }
        send_batches();
        leaving.clear();
        tcp_.settle(now_us_);
        if (outbox_->count() == 0) return;
    }
}

void Loop::send_out(const Outbox::Entry& entry) noexcept {
    const std::span<std::uint8_t> message{entry.message, entry.action.octets};
    switch (entry.action.kind) {
        case UNCUT_ACTION_ASK_UDP: {
            const std::uint32_t cause = send_udp(entry.slot, entry.action.upstream, message);
            if (cause != UNCUT_CAUSE_NONE) {
                tell_failed(entry.slot, entry.action.upstream, UNCUT_TRANSPORT_UDP, cause);
            }
            break;
        }
        case UNCUT_ACTION_BYPASS:
            begin_relay(entry.slot, message);
            break;
        default:
            perform(entry.slot, entry.action, entry.message);
            break;
    }
}

void Loop::expire() noexcept {
    std::uint32_t identity = none;
    while (timers_.pop_due(now_us_, identity)) {
        if (identity < config_.in_flight_max) {
            on_time(identity);
        } else {
            tcp_.on_timer(identity - config_.in_flight_max);
        }
    }
}

// Arms the timer only when it would ring too late; when it rings too early, a look at the heap is all it costs.
void Loop::arm() noexcept {
    const std::uint64_t next_us = outbox_->count() > 0 ? now_us_ : timers_.next_us();
    const bool rang = armed_us_ <= now_us_;
    if (!rang && next_us >= armed_us_) return;
    itimerspec when{};
    if (next_us != Timers::never) {
        when.it_value.tv_sec = static_cast<time_t>(next_us / 1'000'000);
        when.it_value.tv_nsec = static_cast<long>(next_us % 1'000'000 * 1000 + 1);  // never 0, which would disarm
    }
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
    armed_us_ = next_us;
}

void Loop::stop() noexcept {
    stopped_ = true;
    for (std::uint32_t index = 0; index < slots_.fresh(); ++index) {
        if (!slots_.is_used(index)) continue;
        if (slots_[index].exchange != nullptr) exchange::cancel(*slots_[index].exchange);
        Completion completion;
        completion.cause = UNCUT_CAUSE_CANCELLED;
        finish(index, completion);
    }
}

}  // namespace uncut::engine
