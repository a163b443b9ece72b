// SPDX-License-Identifier: Apache-2.0
#include "bench/parse/module.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace uncut::bench {

const uncut_module& load_module(const std::string& path) {
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto open = reinterpret_cast<uncut_module_open_fn>(dlsym(library, "uncut_module_open"));
    if (open == nullptr) throw std::runtime_error(path + " is not an Uncut module");
    uncut_handshake handshake{};
    handshake.size = UNCUT_STRUCT_SIZE(uncut_handshake, minor);
    handshake.host_major = UNCUT_ABI_MAJOR;
    handshake.host_minor = UNCUT_ABI_MINOR;
    uncut_status status = UNCUT_OK;
    const uncut_module* const table = open(&handshake, &status);
    if (table == nullptr) throw std::runtime_error(path + " refuses this host, status " + std::to_string(status));
    return *table;
}

}  // namespace uncut::bench
