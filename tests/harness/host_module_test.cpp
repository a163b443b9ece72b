// SPDX-License-Identifier: Apache-2.0
#include "harness/host/module.hpp"

#include <uncut_paths.hpp>

#include <filesystem>

#include "harness/host/instance.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;

namespace {

std::string refusal_of(const std::filesystem::path& path) {
    const auto module = Module::open(path);
    return module ? "opened" : module.error();
}

bool one_line(const std::string& text) {
    return text.find('\n') == std::string::npos;
}

}  // namespace

TEST_CASE("host: each way of not being a module is told in one line with the path", "[host]") {
    const uncut::test::TempDir folder;
    struct Row {
        std::string path;
        std::string expected;
    };
    const std::vector<Row> rows = {
        {folder / "missing.so", "no such file"},
        {folder.path().string(), "not a module: not a regular file"},
        {folder.write("text.so", "this is no program"), "not a module: "},
        {folder.write("empty.so", ""), "not a module: file too short"},
        {UNCUT_ODD_SILENT, "not a module: it does not export uncut_module_open"},
        {UNCUT_ODD_FOREIGN, "of another version: it speaks ABI 7.3, this program 0."},
        {UNCUT_ODD_ACCEPTS, "of another version: it speaks ABI 7.3, this program 0."},
        {UNCUT_ODD_SHORT, "of another version: its table has 16 octets, ABI 0."},
    };
    for (const Row& row : rows) {
        const std::string refusal = refusal_of(row.path);
        INFO(refusal);
        CHECK(refusal.starts_with("module " + row.path + ": " + row.expected));
        CHECK(one_line(refusal));
    }
}

TEST_CASE("host: the module opens, as often as one likes, and by a relative path too", "[host]") {
    const auto first = Module::open(UNCUT_SO);
    if (!first) FAIL(first.error());
    const auto second = Module::open(std::filesystem::relative(UNCUT_SO));
    if (!second) FAIL(second.error());
    CHECK(&first->table() == &second->table());
    CHECK(first->minor() == UNCUT_ABI_MINOR);
    CHECK(std::string((*first)->status_name(UNCUT_OK)) == "ok");
}

TEST_CASE("host: a copy of the module is a module of its own", "[host]") {
    const uncut::test::TempDir folder;
    const std::string copy = folder / "copy.so";
    std::filesystem::copy_file(UNCUT_SO, copy);
    auto first = Module::open(UNCUT_SO);
    auto second = Module::open(copy);
    if (!first) FAIL(first.error());
    if (!second) FAIL(second.error());
    CHECK(&first->table() != &second->table());

    const Module moved = std::move(*second);
    *first = Module::open(UNCUT_SO).value();
    const auto instance = Instance::create(moved);
    if (!instance) FAIL(instance.error());
    CHECK(instance->get() != nullptr);
    CHECK(std::string(moved->status_name(UNCUT_OK)) == "ok");
}

TEST_CASE("host: an instance out of range says which status", "[host]") {
    const auto module = Module::open(UNCUT_SO);
    if (!module) FAIL(module.error());
    InstanceSettings settings;
    settings.learned_max_names = 2'000'000;
    const auto instance = Instance::create(*module, settings);
    REQUIRE_FALSE(instance);
    CHECK(instance.error() == "the module makes no instance: misuse_value");
}
