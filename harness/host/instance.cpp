// SPDX-License-Identifier: Apache-2.0
#include "harness/host/instance.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>

namespace uncut::harness {

std::expected<Instance, std::string> Instance::create(const Module& module, const InstanceSettings& settings) {
    uncut_instance_config config{};
    config.size = UNCUT_STRUCT_SIZE(uncut_instance_config, secret);
    config.learned_max_names = settings.learned_max_names;
    config.tcp_holdoff_ms = settings.tcp_holdoff_ms;
    // Up to 256 octets come whole and without a signal's interruption, once the generator is ready.
    if (getrandom(config.secret, sizeof config.secret, 0) != static_cast<ssize_t>(sizeof config.secret)) {
        return std::unexpected(fmt::format("cannot draw a secret from the system: {}", std::strerror(errno)));
    }
    uncut_instance* instance = nullptr;
    const uncut_status status = module->instance_create(&config, &instance);
    if (status != UNCUT_OK) {
        return std::unexpected(fmt::format("the module makes no instance: {}", module->status_name(status)));
    }
    return Instance(module.table(), instance);
}

}  // namespace uncut::harness
