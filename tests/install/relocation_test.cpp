// SPDX-License-Identifier: Apache-2.0
// bin/uncut and lib/libuncut.so, moved together, work wherever they are.
#include <filesystem>

#include <uncut_paths.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;
namespace fs = std::filesystem;

namespace {

void copy_to(const fs::path& root) {
    fs::create_directories(root / "bin");
    fs::create_directories(root / "lib");
    fs::copy_file(UNCUT_BIN, root / "bin/uncut");
    fs::copy_file(UNCUT_SO, root / "lib/libuncut.so");
}

Ended inspect(const std::string& program, const TempDir& folder) {
    const Octets query = make_query({"a.example.test", type_a});
    const auto file = folder.write("query", std::string(query.begin(), query.end()));
    ProcessOptions options;
    options.directory = "/";
    return run({program, "inspect", file}, options);
}

}  // namespace

TEST_CASE("the program finds its module beside itself, wherever both are", "[install]") {
    const TempDir folder;
    const fs::path root = folder.path() / "a folder with spaces";
    copy_to(root);
    SECTION("by its path") {
        const Ended ended = inspect(root / "bin/uncut", folder);
        INFO(ended.err);
        CHECK(ended.code == 0);
        CHECK(ended.out.contains("\"status\":\"ok\""));
    }
    SECTION("through a link from elsewhere") {
        fs::create_symlink(root / "bin/uncut", folder.path() / "link");
        CHECK(inspect(folder / "link", folder).code == 0);
    }
    SECTION("as a server") {
        ToyUpstream upstream([](const Octets& query, bool) { return Replies{make_response(query, {addresses(1)})}; });
        UncutOptions options;
        options.program = root / "bin/uncut";
        const UncutProgram uncut(serve_arguments(upstream.endpoint()), options);
        CHECK(answers(uncut.dns(), {"a.example.test", type_a}));
    }
    SECTION("and says which file it misses when the module is gone") {
        fs::remove(root / "lib/libuncut.so");
        const Ended ended = inspect(root / "bin/uncut", folder);
        CHECK(ended.code == 2);
        CHECK(ended.err.contains((root / "lib/libuncut.so").string()));
    }
}
