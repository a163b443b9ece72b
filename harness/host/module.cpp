// SPDX-License-Identifier: Apache-2.0
#include "harness/host/module.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

namespace uncut::harness {
namespace {

constexpr std::size_t copy_step_octets = 1U << 20;  // a module has a few of these

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

std::expected<void, std::string> check_file(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) return refuse(path, "no such file");
    if (error) return refuse(path, error.message());
    if (status.type() != std::filesystem::file_type::regular) return refuse(path, "not a module: not a regular file");
    return {};
}

// A descriptor of a file without a name that holds what the file at `path` holds.
std::expected<int, std::string> copy_to_memory(const std::filesystem::path& path) {
    errno = 0;
    const int from = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) return refuse(path, std::strerror(errno));
    const int to = ::memfd_create("uncut-module", MFD_CLOEXEC);
    ssize_t copied = to < 0 ? -1 : 1;
    while (copied > 0) copied = ::sendfile(to, from, nullptr, copy_step_octets);
    const int error = errno;
    ::close(from);
    if (copied == 0) return to;
    if (to >= 0) ::close(to);
    return refuse(path, std::strerror(error));
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
    if (const auto checked = check_file(path); !checked) return std::unexpected(checked.error());
    // Absolute, because dlopen looks up a name without a slash elsewhere.
    return load(path, std::filesystem::absolute(path));
}

std::expected<Module, std::string> Module::open_copy(const std::filesystem::path& path) {
    if (const auto checked = check_file(path); !checked) return std::unexpected(checked.error());
    const auto copied = copy_to_memory(path);
    if (!copied) return std::unexpected(copied.error());
    // By the process's number, so that a debugger and a sanitizer's symbolizer find it too.
    auto module = load(path, fmt::format("/proc/{}/fd/{}", ::getpid(), *copied));
    if (module) {
        module->copy_ = *copied;
    } else {
        ::close(*copied);
    }
    return module;
}

// `path` is for the reader, `name` for the dynamic linker.
std::expected<Module, std::string> Module::load(const std::filesystem::path& path, const std::filesystem::path& name) {
    Library library(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library) return refuse(path, "not a module: " + linker_error(name));
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
    return Module(library.release(), table, handshake);
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
    std::swap(own_minor_, other.own_minor_);
    std::swap(copy_, other.copy_);
    return *this;
}

Module::~Module() {
    if (handle_ != nullptr) dlclose(handle_);
    if (copy_ >= 0) ::close(copy_);
}

}  // namespace uncut::harness
