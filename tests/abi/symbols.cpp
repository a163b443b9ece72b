// SPDX-License-Identifier: Apache-2.0
// What the dynamic linker and abidiff see of the module.
#include <set>
#include <sstream>

#include <uncut_paths.hpp>

#include "tests/abi/shell.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::abi_test;

TEST_CASE("exactly one dynamic symbol is exported") {
    std::set<std::string> functions;
    std::istringstream symbols(output_of("nm -D --defined-only " UNCUT_SO));
    for (std::string address, kind, symbol; symbols >> address >> kind >> symbol;) {
        if (kind == "A") continue;  // the name of the version itself: abi/uncut.map
        functions.insert(symbol);
    }
    CHECK(functions == std::set<std::string>{"uncut_module_open@@UNCUT_0"});
}

#if !UNCUT_TEST_SANITIZED  // a sanitizer brings its own libraries, and -g1 has no types

TEST_CASE("the module needs nothing but libc") {
    std::set<std::string> needed;
    std::istringstream dynamic(output_of("readelf -W -d " UNCUT_SO));
    for (std::string line; std::getline(dynamic, line);) {
        if (line.find("(NEEDED)") == std::string::npos) continue;
        const std::size_t begin = line.find('[') + 1;
        needed.insert(line.substr(begin, line.find(']') - begin));
    }
    CHECK(needed.contains("libc.so.6"));
    for (const std::string& library : needed) {
        INFO(library);
        CHECK((library == "libc.so.6" || library.starts_with("ld-linux")));
    }
}

TEST_CASE("abidiff sees the table with its types") {
    const std::string abi = output_of("abidw --no-corpus-path " UNCUT_SO);
    CHECK(abi.find("name='uncut_module_open'") != std::string::npos);
    CHECK(abi.find("<class-decl name='uncut_module'") != std::string::npos);
    CHECK(abi.find("name='engine_in_flight'") != std::string::npos);
    CHECK(abi.find("name='uncut_message_info'") != std::string::npos);
}

#endif
