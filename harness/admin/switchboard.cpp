// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/switchboard.hpp"

#include <tuple>
#include <utility>

namespace uncut::harness {
namespace {

std::shared_ptr<const Backend> backend_of(const PolicyTarget& target, std::vector<Address> upstreams,
                                          std::uint32_t minor) {
    Backend backend;
    backend.module = target.module;
    backend.instance = target.instance;
    backend.upstreams = std::move(upstreams);
    backend.revision_base = target.revision_base;
    backend.minor = minor;
    backend.keeps = target.keeps;
    return std::make_shared<const Backend>(std::move(backend));
}

}  // namespace

Switchboard::Switchboard(std::filesystem::path path, std::shared_ptr<const Module> module,
                         std::vector<Address> upstreams, std::vector<Site> sites)
    : path_(std::move(path)),
      first_(module),
      module_(std::move(module)),
      started_upstreams_(upstreams),
      upstreams_(std::move(upstreams)),
      sites_(std::move(sites)) {}

Switchboard::Plug Switchboard::current(const Site& site, const std::vector<Address>& upstreams) const {
    const PolicyTarget target = site.policies->target();
    return {target, backend_of(target, upstreams, module_->minor())};
}

// All or none: those that have switched go back when one cannot.
std::expected<void, std::string> Switchboard::switch_all(const std::vector<Plug>& plugs) {
    for (std::size_t i = 0; i < sites_.size(); ++i) {
        auto switched = sites_[i].server->switch_to(plugs[i].backend);
        if (switched) continue;
        for (std::size_t back = 0; back < i; ++back) {
            std::ignore = sites_[back].server->switch_to(current(sites_[back], upstreams_).backend);
        }
        return switched;
    }
    return {};
}

std::expected<void, std::string> Switchboard::reload() {
    auto opened = Module::open_copy(path_);
    if (!opened) return std::unexpected(opened.error());
    auto module = std::make_shared<const Module>(std::move(*opened));
    std::vector<Plug> plugs;
    for (const Site& site : sites_) {
        auto held = HeldInstance::create(module, site.settings);
        if (!held) return std::unexpected(held.error());
        PolicyTarget target{&module->table(), (*held)->instance(), *held, 0};
        if (auto prepared = site.policies->prepare(target); !prepared) return prepared;
        plugs.push_back({target, backend_of(target, upstreams_, module->minor())});
    }
    if (auto switched = switch_all(plugs); !switched) return switched;
    for (std::size_t i = 0; i < sites_.size(); ++i) sites_[i].policies->move_to(plugs[i].target);
    module_ = std::move(module);
    ++loads_;
    return {};
}

std::expected<void, std::string> Switchboard::set_upstreams(std::vector<Address> upstreams) {
    std::vector<Plug> plugs;
    for (const Site& site : sites_) plugs.push_back(current(site, upstreams));
    if (auto switched = switch_all(plugs); !switched) return switched;
    // The module remembers an upstream by its place in the list, and that is somebody else's now.
    for (const Plug& plug : plugs) std::ignore = plug.target.module->forget_learned(plug.target.instance);
    upstreams_ = std::move(upstreams);
    ++upstreams_revision_;
    return {};
}

std::expected<void, std::string> Switchboard::reset() {
    if (upstreams_ == started_upstreams_) return {};
    return set_upstreams(started_upstreams_);
}

}  // namespace uncut::harness
