// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/admin/policy_store.hpp"
#include "harness/host/instance.hpp"
#include "harness/host/module.hpp"
#include "harness/server/server.hpp"

namespace uncut::harness {

/// What stands behind the program's servers, and how that is changed while they run: the module, and whom they ask.
/// Thread rule: one thread at a time.
class Switchboard {
  public:
    /// One server. `server` outlives the switchboard.
    struct Site {
        std::string name;
        Server* server;
        std::shared_ptr<PolicyStore> policies;
        InstanceSettings settings;
    };

    /// `path` is where a reload reads; what runs now was loaded from there.
    Switchboard(std::filesystem::path path, std::shared_ptr<const Module> module, std::vector<Address> upstreams,
                std::vector<Site> sites);

    const std::filesystem::path& path() const { return path_; }
    const Module& module() const { return *module_; }
    std::uint64_t loads() const { return loads_; }
    /// [any-thread] Reads messages for people: of the module that was there first, which stays, whatever is loaded
    /// later.
    const uncut_module& decoder() const { return first_->table(); }

    /// Loads the file at the path again, as a private copy, makes an instance of it for each server with the policies
    /// as they stand, and sends new queries there; those in flight finish on the old one. An error changes nothing.
    std::expected<void, std::string> reload();

    const std::vector<Address>& upstreams() const { return upstreams_; }
    std::uint64_t upstreams_revision() const { return upstreams_revision_; }
    /// All servers ask these from here on. What was learned of the old ones is forgotten. An error changes nothing.
    std::expected<void, std::string> set_upstreams(std::vector<Address> upstreams);
    /// Back to the upstreams of the start.
    std::expected<void, std::string> reset();

    const std::vector<Site>& sites() const { return sites_; }

  private:
    struct Plug {
        PolicyTarget target;
        std::shared_ptr<const Backend> backend;
    };

    std::expected<void, std::string> switch_all(const std::vector<Plug>& plugs);
    Plug current(const Site& site, const std::vector<Address>& upstreams) const;

    const std::filesystem::path path_;
    const std::shared_ptr<const Module> first_;
    std::shared_ptr<const Module> module_;
    const std::vector<Address> started_upstreams_;
    std::vector<Address> upstreams_;
    std::vector<Site> sites_;
    std::uint64_t upstreams_revision_ = 1;
    std::uint64_t loads_ = 1;
};

}  // namespace uncut::harness
