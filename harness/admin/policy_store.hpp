// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/admin/policy_json.hpp"
#include "harness/admin/precondition.hpp"

namespace uncut::harness {

/// Why a write did not happen. Nothing was changed.
struct PolicyWriteError {
    enum class Kind {
        invalid,              // `json` says what and where
        no_such_zone,         // or no such preset
        root_stays,           // the root cannot be deleted
        precondition_failed,  // `revision` is the current one
        refused               // by the module: `reason` says with which status
    };
    Kind kind = Kind::invalid;
    JsonError json;
    std::uint64_t revision = 0;
    std::string reason;
};

/// A policy, and the number of the snapshot that it belongs to.
struct PolicyView {
    uncut_policy complete;      // what the module obeys
    PolicyOverrides overrides;  // what the zone sets for itself
    std::uint64_t revision;
};

/// The set as the harness keeps it, zones partial, and its snapshot's number.
struct PolicySetView {
    PolicySet zones;  // "default" always among them
    std::uint64_t revision;
};

/// Where policies are published: an instance of a module. Both outlive their use, or `keeps` owns them.
struct PolicyTarget {
    const uncut_module* module = nullptr;
    uncut_instance* instance = nullptr;
    std::shared_ptr<const void> keeps = {};
    std::uint64_t revision_base = 0;  // added to the instance's own revisions
};

/// The harness's truth about policies: what each zone overrides, published as one complete set to one instance.
/// Every write publishes the whole set before it returns, so that every later query obeys it.
/// Thread rule: any thread.
class PolicyStore {
  public:
    /// The state to start with and to return to on reset.
    struct Start {
        std::string preset;  // the base of the root; "" is the built-in default
        PolicySet policies;
        std::string preset_place = {};  // who named the preset, for the error if there is none; "" says nothing
    };
    using Written = std::expected<std::uint64_t, PolicyWriteError>;  // the new revision

    /// Publishes the start state, or says in one line which preset or zone is at fault.
    static std::expected<std::shared_ptr<PolicyStore>, std::string> create(PolicyTarget target, Start start);

    PolicySetView read() const;
    /// The zone's own entry, not the longest match; none if it has none.
    std::optional<PolicyView> read_zone(std::string_view zone) const;
    std::vector<std::string> presets() const;
    std::optional<uncut_policy> preset(std::string_view name) const;

    Written replace(PolicySet zones, const Precondition& precondition = {});
    Written put_zone(std::string_view zone, const PolicyOverrides& overrides, const Precondition& precondition = {});
    /// A merge patch (RFC 7396) on a zone that exists. Null: back to the root's field, or on the root to the built-in.
    Written patch_zone(std::string_view zone, const boost::json::value& patch, const Precondition& precondition = {});
    Written delete_zone(std::string_view zone, const Precondition& precondition = {});
    /// The preset becomes the root's policy; zones keep what they set for themselves.
    Written apply_preset(std::string_view name, const Precondition& precondition = {});
    /// Back to the start state; also forgets what was learned.
    Written reset();

    /// Publishes the set as it stands to another, fresh instance, whose base is set so that the revision stays as it
    /// is. The store goes on with the old one until it is told to move.
    std::expected<void, std::string> prepare(PolicyTarget& next) const;
    void move_to(PolicyTarget next);
    /// Where it publishes now.
    PolicyTarget target() const;

  private:
    PolicyStore(PolicyTarget target, const uncut_policy& built_in);
    Written publish(PolicySet zones, const Precondition& precondition);  // with the lock held

    const uncut_policy built_in_;
    PolicySet start_;
    mutable std::mutex mutex_;
    PolicyTarget target_;
    PolicySet zones_;
    std::uint64_t revision_ = 0;
};

}  // namespace uncut::harness
