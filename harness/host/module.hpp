// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <utility>

namespace uncut::harness {

/// A loaded libuncut.so: its table is good for as long as this object (and what it was moved to) lives. Opened again by
/// the same path it is the same module; a copy of the file at another path is a module of its own.
/// Thread rule: open, move and destroy from one thread at a time; the table as the ABI says.
class Module {
  public:
    /// Loads and negotiates. The error is one line that names the file and says whether it is missing, is not a
    /// module, or speaks another version of the ABI (which one, and which one we speak).
    static std::expected<Module, std::string> open(const std::filesystem::path& path);

    /// The same on a private copy in memory: a module of its own even where one of this path is loaded, which dlopen
    /// would hand back as it is, and whatever becomes of the file.
    static std::expected<Module, std::string> open_copy(const std::filesystem::path& path);

    /// Where the module lies when nobody says otherwise: ../lib/libuncut.so, seen from the running program.
    static std::filesystem::path default_path();

    Module(Module&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)),
          table_(std::exchange(other.table_, nullptr)),
          minor_(other.minor_),
          own_minor_(other.own_minor_),
          copy_(std::exchange(other.copy_, -1)) {}
    Module& operator=(Module&& other) noexcept;
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    ~Module();

    const uncut_module& table() const { return *table_; }
    const uncut_module* operator->() const { return table_; }
    /// The minor version that both sides use; the major is UNCUT_ABI_MAJOR.
    std::uint32_t minor() const { return minor_; }
    /// The minor version that the module has.
    std::uint32_t own_minor() const { return own_minor_; }

  private:
    Module(void* handle, const uncut_module* table, const uncut_handshake& handshake)
        : handle_(handle), table_(table), minor_(handshake.minor), own_minor_(handshake.module_minor) {}
    static std::expected<Module, std::string> load(const std::filesystem::path& path,
                                                   const std::filesystem::path& name);

    void* handle_;
    const uncut_module* table_;
    std::uint32_t minor_;
    std::uint32_t own_minor_;
    int copy_ = -1;  // a descriptor: while it is open no other library has its name
};

}  // namespace uncut::harness
