// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/script_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace uncut::harness {
namespace {

using Kind = ScriptWriteError::Kind;

std::unexpected<ScriptWriteError> failure(Kind kind, std::string reason) {
    return std::unexpected(ScriptWriteError{kind, 0, std::move(reason)});
}

std::unexpected<ScriptWriteError> no_such_fault(std::uint64_t id) {
    return failure(Kind::no_such, fmt::format("there is no fault {}", id));
}

}  // namespace

void ScriptStore::State::add(const upstream::Fault& fault) {
    faults.push_back({++last_id, ++last_serial, fault});
}

void ScriptStore::State::take(const Script& script) {
    answers = script.answers;
    zones.reset();
    faults.clear();
    for (const upstream::Fault& fault : script.faults) add(fault);
    udp_octets_max = script.udp_octets_max;
    about = script.about;
}

std::expected<std::shared_ptr<ScriptStore>, std::string> ScriptStore::create(upstream::Upstream& upstream,
                                                                             Script start) {
    std::shared_ptr<ScriptStore> store(new ScriptStore(upstream));
    store->start_ = std::move(start);
    if (const auto written = store->reset(); !written) return std::unexpected(written.error().reason);
    return store;
}

ScriptView ScriptStore::read() const {
    const std::lock_guard lock(mutex_);
    return {state_.answers, upstream_.faults(), state_.udp_octets_max, state_.about, revision_};
}

ScriptStore::Written ScriptStore::replace_answers(upstream::Answers answers, const Precondition& precondition) {
    return write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        state.answers = std::move(answers);
        state.zones.reset();
        return {};
    });
}

ScriptStore::Written ScriptStore::put_answer(const upstream::RrSetKey& key, upstream::RrSetSpec spec,
                                             const Precondition& precondition) {
    return write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        state.answers.insert_or_assign(key, std::move(spec));
        state.zones.reset();
        return {};
    });
}

ScriptStore::Written ScriptStore::delete_answer(const upstream::RrSetKey& key, const Precondition& precondition) {
    return write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        state.zones.reset();
        if (state.answers.erase(key) > 0) return {};
        return failure(Kind::no_such,
                       fmt::format("there is no answer for {} {}", key.name, upstream::type_to_text(key.type)));
    });
}

ScriptStore::Written ScriptStore::add_fault(const upstream::Fault& fault, const Precondition& precondition) {
    std::uint64_t id = 0;
    const auto written = write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        if (state.faults.size() >= upstream::faults_max) {
            return failure(Kind::full, fmt::format("there are {} faults, and no room for more", upstream::faults_max));
        }
        state.add(fault);
        id = state.last_id;
        return {};
    });
    return written ? Written(id) : written;
}

ScriptStore::Written ScriptStore::replace_fault(std::uint64_t id, const upstream::Fault& fault,
                                                const Precondition& precondition) {
    return write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        const auto found = std::ranges::find(state.faults, id, &upstream::NumberedFault::id);
        if (found == state.faults.end()) return no_such_fault(id);
        *found = {id, ++state.last_serial, fault};
        return {};
    });
}

ScriptStore::Written ScriptStore::delete_fault(std::uint64_t id, const Precondition& precondition) {
    return write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        if (std::erase_if(state.faults, [&](const auto& fault) { return fault.id == id; }) > 0) return {};
        return no_such_fault(id);
    });
}

ScriptStore::Written ScriptStore::delete_faults(const Precondition& precondition) {
    return write(precondition, [](State& state) -> std::expected<void, ScriptWriteError> {
        state.faults.clear();
        return {};
    });
}

ScriptStore::Written ScriptStore::replace(const Script& script, const Precondition& precondition) {
    return write(precondition, [&](State& state) -> std::expected<void, ScriptWriteError> {
        state.take(script);
        return {};
    });
}

ScriptStore::Written ScriptStore::reset() {
    const std::lock_guard lock(mutex_);
    State state;
    state.last_serial = state_.last_serial;  // ids begin anew; what they stood for does not come back to life
    state.take(start_);
    auto written = publish(std::move(state));
    if (written) upstream_.forget();
    return written;
}

ScriptStore::Written ScriptStore::write(const Precondition& precondition, const Edit& edit) {
    const std::lock_guard lock(mutex_);
    if (!precondition.holds(fmt::format("{}", revision_))) {
        return std::unexpected(
            ScriptWriteError{Kind::precondition_failed, revision_, fmt::format("the revision is {} now", revision_)});
    }
    State state = state_;
    if (auto edited = edit(state); !edited) return std::unexpected(std::move(edited.error()));
    return publish(std::move(state));
}

ScriptStore::Written ScriptStore::publish(State state) {
    upstream::Change change{.faults = state.faults, .udp_octets_max = state.udp_octets_max};
    if (!state.zones) {
        auto zones = upstream::make_zones(state.answers);
        if (!zones) return failure(Kind::refused, std::move(zones.error()));
        change.zones = state.zones = std::move(*zones);
    }
    auto changed = upstream_.change(std::move(change));
    if (!changed) return failure(Kind::upstream, std::move(changed.error()));
    state_ = std::move(state);
    return ++revision_;
}

}  // namespace uncut::harness
