// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/admin/precondition.hpp"
#include "harness/upstream/rrset_spec.hpp"
#include "harness/upstream/upstream.hpp"

namespace uncut::harness {

/// What a scenario says of itself, for those who read it. The upstream does not care.
struct ScenarioAbout {
    std::string name{};
    std::string title{};
    std::string description{};
    boost::json::array story{};  ///< kept as it came
};

/// What the scripted upstream is to answer, and what is to be wrong with it.
struct Script {
    upstream::Answers answers{};
    std::vector<upstream::Fault> faults{};
    std::uint32_t udp_octets_max = 0;  ///< 0: whatever the client takes
    ScenarioAbout about{};
};

/// The script as it stands.
struct ScriptView {
    upstream::Answers answers;
    std::vector<upstream::FaultState> faults;
    std::uint32_t udp_octets_max = 0;
    ScenarioAbout about;
    std::uint64_t revision = 0;
};

/// Why a write did not happen. Nothing was changed.
struct ScriptWriteError {
    enum class Kind {
        no_such,              // answer or fault
        full,                 // no room for another
        precondition_failed,  // `revision` is the current one
        refused,              // `reason` says which limit is passed
        upstream              // it could not do it: `reason` is its word
    };
    Kind kind = Kind::refused;
    std::uint64_t revision = 0;
    std::string reason;
};

/// The harness's truth about the scripted upstream. Every write is in force at the upstream before it returns.
/// Thread rule: any thread. The upstream must outlive the store.
class ScriptStore {
  public:
    using Written = std::expected<std::uint64_t, ScriptWriteError>;  // the new revision, but where it is said otherwise

    /// Puts the start script in force, or says in one line what is wrong with it. It is what reset returns to.
    static std::expected<std::shared_ptr<ScriptStore>, std::string> create(upstream::Upstream& upstream, Script start);

    ScriptView read() const;

    Written replace_answers(upstream::Answers answers, const Precondition& precondition = {});
    Written put_answer(const upstream::RrSetKey& key, upstream::RrSetSpec spec, const Precondition& precondition = {});
    Written delete_answer(const upstream::RrSetKey& key, const Precondition& precondition = {});

    /// Its id: never given again until reset.
    Written add_fault(const upstream::Fault& fault, const Precondition& precondition = {});
    /// It begins anew: struck 0, its generator at its seed.
    Written replace_fault(std::uint64_t id, const upstream::Fault& fault, const Precondition& precondition = {});
    Written delete_fault(std::uint64_t id, const Precondition& precondition = {});
    Written delete_faults(const Precondition& precondition = {});

    /// All of it.
    Written replace(const Script& script, const Precondition& precondition = {});
    /// Back to the start script; the upstream also forgets what it saw.
    Written reset();

  private:
    struct State {
        upstream::Answers answers;
        std::shared_ptr<const upstream::Zones> zones;  // made from the answers; none yet: they have changed
        std::vector<upstream::NumberedFault> faults;
        std::uint32_t udp_octets_max = 0;
        ScenarioAbout about;
        std::uint64_t last_id = 0;
        std::uint64_t last_serial = 0;

        void add(const upstream::Fault& fault);
        void take(const Script& script);
    };
    using Edit = std::function<std::expected<void, ScriptWriteError>(State&)>;

    explicit ScriptStore(upstream::Upstream& upstream) : upstream_(upstream) {}
    Written write(const Precondition& precondition, const Edit& edit);
    Written publish(State state);  // with the lock held

    upstream::Upstream& upstream_;
    Script start_;
    mutable std::mutex mutex_;
    State state_;
    std::uint64_t revision_ = 0;
};

}  // namespace uncut::harness
