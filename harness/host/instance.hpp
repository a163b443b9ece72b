// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "harness/host/module.hpp"

namespace uncut::harness {

/// The fields of an instance, with the ABI's defaults.
struct InstanceSettings {
    std::uint32_t learned_max_names = 65'536;  ///< 0 to 1,048,576
    std::uint32_t tcp_holdoff_ms = 2'000;      ///< 0 to 600,000
};

/// Owns an instance of a module, its secret drawn from the system's generator. Destroyed before its module and after
/// every engine made of it. Thread rule: create, move and destroy from one thread at a time.
class Instance {
  public:
    /// The error is one line with the status's name.
    static std::expected<Instance, std::string> create(const Module& module, const InstanceSettings& settings = {});

    Instance(Instance&& other) noexcept : table_(other.table_), instance_(std::exchange(other.instance_, nullptr)) {}
    Instance& operator=(Instance&& other) noexcept {
        std::swap(table_, other.table_);
        std::swap(instance_, other.instance_);
        return *this;
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    ~Instance() {
        if (instance_ != nullptr) table_->instance_destroy(instance_);
    }

    uncut_instance* get() const { return instance_; }

  private:
    Instance(const uncut_module& table, uncut_instance* instance) : table_(&table), instance_(instance) {}

    const uncut_module* table_;
    uncut_instance* instance_;
};

/// An instance together with its module, for whoever needs both for as long as somebody uses them.
class HeldInstance {
  public:
    static std::expected<std::shared_ptr<const HeldInstance>, std::string> create(std::shared_ptr<const Module> module,
                                                                                  const InstanceSettings& settings) {
        auto instance = Instance::create(*module, settings);
        if (!instance) return std::unexpected(instance.error());
        return std::shared_ptr<const HeldInstance>(new HeldInstance(std::move(module), std::move(*instance)));
    }
    const Module& module() const { return *module_; }
    uncut_instance* instance() const { return instance_.get(); }

  private:
    HeldInstance(std::shared_ptr<const Module> module, Instance instance)
        : module_(std::move(module)), instance_(std::move(instance)) {}

    std::shared_ptr<const Module> module_;  // goes last
    Instance instance_;
};

}  // namespace uncut::harness
