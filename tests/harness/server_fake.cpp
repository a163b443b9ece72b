// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/server_fake.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace uncut::harness::test {

namespace {

constexpr std::uint16_t type_axfr = 252;
constexpr std::size_t inline_octets = 512;

struct Held {
    std::uint64_t ticket = 0;
    std::uint64_t token = 0;
    std::size_t octets = 0;
    std::array<std::uint8_t, inline_octets> small;
    std::vector<std::uint8_t> large;

    const std::uint8_t* data() const { return large.empty() ? small.data() : large.data(); }
    std::uint16_t id() const {
        return octets < 2 ? std::uint16_t{0} : static_cast<std::uint16_t>(data()[0] << 8 | data()[1]);
    }
};

// Where the question ends; 0 when there is none that can be read.
std::size_t question_end(const std::uint8_t* message, std::size_t octets) {
    if (octets < 12 || message[5] != 1) return 0;
    std::size_t at = 12;
    while (at < octets && message[at] != 0) at += 1u + message[at];
    return at + 5 <= octets ? at + 5 : 0;
}

}  // namespace

struct FakeEngine {
    FakeEngine(FakeForwarding& owner, const uncut_engine_config& given)
        : forwarding(owner), config(given), wakeup(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        queries.reserve(given.in_flight_max);
        answer.resize(UNCUT_MESSAGE_OCTETS_MAX);
        const std::lock_guard lock(owner.lock_);
        owner.wakeups_.push_back(wakeup);
    }
    ~FakeEngine() {
        {
            const std::lock_guard lock(forwarding.lock_);
            std::erase(forwarding.wakeups_, wakeup);
        }
        ::close(wakeup);
    }

    uncut_status submit(const uncut_submission& submission, std::uint64_t* ticket) {
        const std::uint32_t most = forwarding.in_flight_max;
        if (queries.size() >= (most != 0 ? most : config.in_flight_max)) return UNCUT_LIMIT_IN_FLIGHT;
        Held& held = queries.emplace_back();
        held.ticket = *ticket = ++tickets;
        held.token = submission.token;
        held.octets = submission.octets;
        if (submission.octets > inline_octets) {
            held.large.assign(submission.message, submission.message + submission.octets);
        } else {
            std::copy_n(submission.message, submission.octets, held.small.begin());
        }
        if (tickets == 1) ++forwarding.engines_used_;
        ++forwarding.submitted_;
        return UNCUT_OK;
    }

    uncut_status cancel(std::uint64_t ticket) {
        const auto at =
            std::find_if(queries.begin(), queries.end(), [&](const Held& held) { return held.ticket == ticket; });
        if (at == queries.end()) return UNCUT_MISUSE_NOT_FOUND;
        queries.erase(at);
        ++forwarding.cancelled_;
        return UNCUT_OK;
    }

    void process() {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t drained = ::read(wakeup, &count, sizeof count);
        for (std::size_t i = 0; i < queries.size();) {
            if (forwarding.hold && !forwarding.released(queries[i].id())) {
                ++i;
                continue;
            }
            std::swap(queries[i], queries.back());
            const Held held = std::move(queries.back());
            queries.pop_back();
            complete(held);
        }
    }

    void complete(const Held& held) {
        if (held.octets < 12) return finish(held, UNCUT_OUTCOME_DROPPED, UNCUT_CAUSE_SHORT, 0);
        if ((held.data()[2] & 0x80) != 0) return finish(held, UNCUT_OUTCOME_DROPPED, UNCUT_CAUSE_RESPONSE, 0);
        const std::size_t octets = std::max<std::size_t>(held.octets, forwarding.answer_octets);
        std::copy_n(held.data(), held.octets, answer.begin());
        std::fill(answer.begin() + static_cast<std::ptrdiff_t>(held.octets),
                  answer.begin() + static_cast<std::ptrdiff_t>(octets), std::uint8_t{0});
        answer[2] |= 0x80;
        const std::size_t end = question_end(held.data(), held.octets);
        const bool transfer = end != 0 && (held.data()[end - 4] << 8 | held.data()[end - 3]) == type_axfr;
        if (!transfer) return finish(held, UNCUT_OUTCOME_DELIVERED, UNCUT_CAUSE_NONE, octets);
        for (int i = 0; i < forwarding.stream_messages; ++i)
            finish(held, UNCUT_OUTCOME_STREAM, UNCUT_CAUSE_NONE, octets);
        finish(held, UNCUT_OUTCOME_DROPPED, UNCUT_CAUSE_CLOSED, 0);
    }

    void finish(const Held& held, std::uint32_t outcome, std::uint32_t cause, std::size_t octets) {
        uncut_completion completion{};
        completion.size = UNCUT_STRUCT_SIZE(uncut_completion, upstream);
        completion.outcome = outcome;
        completion.cause = cause;
        completion.message = octets == 0 ? nullptr : answer.data();
        completion.octets = octets;
        config.complete(config.host, held.token, &completion);
    }

    void cancel_all() {
        while (!queries.empty()) {
            const Held held = std::move(queries.back());
            queries.pop_back();
            finish(held, UNCUT_OUTCOME_DROPPED, UNCUT_CAUSE_CANCELLED, 0);
        }
    }

    FakeForwarding& forwarding;
    uncut_engine_config config;
    int wakeup;
    std::uint64_t tickets = 0;
    std::vector<Held> queries;
    std::vector<std::uint8_t> answer;
};

void FakeForwarding::wake() {
    const std::uint64_t one = 1;
    for (const int wakeup : wakeups_) [[maybe_unused]]
        const ssize_t written = ::write(wakeup, &one, sizeof one);
}

void FakeForwarding::release(std::uint16_t id) {
    const std::lock_guard lock(lock_);
    released_.insert(id);
    wake();
}

void FakeForwarding::release_all() {
    const std::lock_guard lock(lock_);
    hold = false;
    wake();
}

bool FakeForwarding::released(std::uint16_t id) {
    const std::lock_guard lock(lock_);
    return released_.erase(id) != 0;
}

namespace {

FakeEngine& engine_of(uncut_engine* engine) {
    return *reinterpret_cast<FakeEngine*>(engine);
}

uncut_status inspect(const std::uint8_t* message, std::size_t octets, uncut_message_info* info) {
    const std::size_t end = question_end(message, octets);
    if (octets < 12) return UNCUT_WIRE_HEADER;
    info->facts = UNCUT_FACT_HEADER;
    info->flags = static_cast<std::uint16_t>(message[2] << 8 | message[3]);
    if (end == 0) return UNCUT_WIRE_CUT;
    info->facts |= UNCUT_FACT_QUESTION;
    info->question_octets = static_cast<std::uint32_t>(end - 12);
    if (octets >= end + 11 && message[11] == 1) {
        info->facts |= UNCUT_FACT_OPT;
        if ((message[end + 7] & 0x80) != 0) info->facts |= UNCUT_FACT_DO;
    }
    return UNCUT_OK;
}

// What mode `empty` leaves: header and question, TC set.
uncut_status fit(const std::uint8_t* response, std::size_t octets, const uncut_fit_options* options, std::uint8_t* out,
                 std::size_t out_capacity, uncut_fit_result* result) {
    const std::size_t end = question_end(response, octets);
    if (end == 0 || options->mode != UNCUT_FIT_EMPTY || end > out_capacity) return UNCUT_MISUSE_VALUE;
    std::copy_n(response, end, out);
    out[2] |= 0x02;
    result->octets = end;
    result->action = UNCUT_FIT_TRUNCATED;
    return UNCUT_OK;
}

uncut_status engine_defaults(uncut_engine_config* config) {
    config->in_flight_max = 1;
    return UNCUT_OK;
}

uncut_status engine_create(uncut_instance* instance, const uncut_engine_config* config, uncut_engine** engine) {
    *engine = reinterpret_cast<uncut_engine*>(new FakeEngine(*reinterpret_cast<FakeForwarding*>(instance), *config));
    return UNCUT_OK;
}

uncut_status engine_destroy(uncut_engine* engine) {
    if (engine == nullptr) return UNCUT_OK;
    engine_of(engine).cancel_all();
    delete &engine_of(engine);
    return UNCUT_OK;
}

uncut_status engine_descriptor(uncut_engine* engine, int* descriptor) {
    *descriptor = engine_of(engine).wakeup;
    return UNCUT_OK;
}

uncut_status engine_submit(uncut_engine* engine, const uncut_submission* submission, std::uint64_t* ticket) {
    return engine_of(engine).submit(*submission, ticket);
}

uncut_status engine_cancel(uncut_engine* engine, std::uint64_t ticket) {
    return engine_of(engine).cancel(ticket);
}

uncut_status engine_process(uncut_engine* engine) {
    engine_of(engine).process();
    return UNCUT_OK;
}

}  // namespace

const uncut_module& fake_forwarding_module() {
    static const uncut_module table = [] {
        uncut_module module{};
        module.size = UNCUT_STRUCT_SIZE(uncut_module, engine_in_flight);
        module.version = "0.0.0-fake";
        module.status_name = [](uncut_status) { return "fake"; };
        module.inspect = &inspect;
        module.fit = &fit;
        module.engine_defaults = &engine_defaults;
        module.engine_create = &engine_create;
        module.engine_destroy = &engine_destroy;
        module.engine_descriptor = &engine_descriptor;
        module.engine_submit = &engine_submit;
        module.engine_cancel = &engine_cancel;
        module.engine_process = &engine_process;
        return module;
    }();
    return table;
}

}  // namespace uncut::harness::test
