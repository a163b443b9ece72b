// SPDX-License-Identifier: Apache-2.0
#include "harness/host/module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>
#include <string_view>
#include <system_error>

namespace uncut::harness {
namespace {

struct CloseLibrary {
    void operator()(void* handle) const { dlclose(handle); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

std::unexpected<std::string> refuse(const std::filesystem::path& path, std::string_view why) {
    return std::unexpected(fmt::format("module {}: {}", path.string(), why));
}

// What the dynamic linker says, without the path that it likes to begin with.
std::string linker_error(const std::filesystem::path& path) {
    const char* text = dlerror();
    std::string_view reason = text == nullptr ? "no reason given" : text;
    const std::string prefix = path.string() + ": ";
    if (reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
    return std::string(reason);
}

std::string refusal(const uncut_handshake& handshake, uncut_status status) {
    if (handshake.module_major != UNCUT_ABI_MAJOR || status == UNCUT_MISUSE_VERSION) {
        return fmt::format("of another version: it speaks ABI {}.{}, this program {}.{}", handshake.module_major,
                           handshake.module_minor, UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR);
    }
    return fmt::format("it refuses to open (status {})", status);
}

}  // namespace

std::expected<Module, std::string> Module::open(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) return refuse(path, "no such file");
    if (error) return refuse(path, error.message());
    if (status.type() != std::filesystem::file_type::regular) return refuse(path, "not a module: not a regular file");

    // Absolute, because dlopen looks up a name without a slash elsewhere.
    const std::filesystem::path whole = std::filesystem::absolute(path);
    Library library(dlopen(whole.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library) return refuse(path, "not a module: " + linker_error(whole));
    const auto open_module = reinterpret_cast<uncut_module_open_fn>(dlsym(library.get(), "uncut_module_open"));
    if (open_module == nullptr) return refuse(path, "not a module: it does not export uncut_module_open");

    uncut_handshake handshake{};
    handshake.size = UNCUT_STRUCT_SIZE(uncut_handshake, minor);
    handshake.host_major = UNCUT_ABI_MAJOR;
    handshake.host_minor = UNCUT_ABI_MINOR;
    uncut_status answer = UNCUT_OK;
    const uncut_module* table = open_module(&handshake, &answer);
    if (table == nullptr || handshake.module_major != UNCUT_ABI_MAJOR) return refuse(path, refusal(handshake, answer));
    constexpr std::uint32_t needed = UNCUT_STRUCT_SIZE(uncut_module, engine_in_flight);
    if (table->size < needed) {
        return refuse(path, fmt::format("of another version: its table has {} octets, ABI {}.{} needs {}", table->size,
                                        UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR, needed));
    }
    return Module(library.release(), table, handshake.minor);
}

std::filesystem::path Module::default_path() {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    return (program.parent_path() / ".." / "lib" / "libuncut.so").lexically_normal();
}

Module& Module::operator=(Module&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(table_, other.table_);
    std::swap(minor_, other.minor_);
    return *this;
}

Module::~Module() {
    if (handle_ != nullptr) dlclose(handle_);
}

}  // namespace uncut::harness
