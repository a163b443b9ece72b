// SPDX-License-Identifier: Apache-2.0
// The layout of the contract is what it was: a change that nobody meant fails here.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <uncut_paths.hpp>

#include "tests/abi/shell.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::abi_test;

namespace {

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
}

std::string without_comments(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.compare(at, 2, "/*") == 0) {
            at = text.find("*/", at) + 2;
        } else {
            out += text[at++];
        }
    }
    return out;
}

}  // namespace

TEST_CASE("the layout of the contract is the golden one") {
    const std::string golden = UNCUT_SOURCE "/tests/abi/layout.golden";
    const auto want = lines(read(golden));
    const auto have = lines(output_of(UNCUT_BUILD "/bin/abi_layout"));
    INFO(
        "the layout changed. If that is meant, and the version says so: build/release/bin/abi_layout > "
        "tests/abi/layout.golden");
    REQUIRE(want.size() > 100);
    for (std::size_t i = 0; i < std::min(want.size(), have.size()); ++i) {
        INFO("line " << i + 1);
        REQUIRE(have[i] == want[i]);
    }
    CHECK(have.size() == want.size());
}

TEST_CASE("the golden layout leaves out no struct, member, value or constant of the headers") {
    const std::string golden = read(UNCUT_SOURCE "/tests/abi/layout.golden");
    std::set<std::string> words;
    const std::regex word(R"(\w+)");
    for (std::sregex_iterator i(golden.begin(), golden.end(), word), end; i != end; ++i) words.insert(i->str());

    std::size_t found = 0;
    const std::regex entity(R"(struct (\w+) \{|enum (\w+) \{|\b(UNCUT_[A-Z0-9_]+) =|define (UNCUT_\w+) \d)"
                            R"(|(\w+)(?:\[\d+\])?;|\(\*(\w+)\)\()");
    for (const auto& file : std::filesystem::directory_iterator(UNCUT_SOURCE "/abi/uncut")) {
        const std::string header = without_comments(read(file.path()));
        // Members are looked for inside of braces alone; `typedef struct x x;` and prototypes are not members.
        int depth = 0;
        for (const std::string& line : lines(header)) {
            const int before = depth;
            if (line.starts_with("typedef const")) continue;  // of the function, not of a struct
            for (const char c : line) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            for (std::sregex_iterator i(line.begin(), line.end(), entity), end; i != end; ++i) {
                for (std::size_t group = 1; group < i->size(); ++group) {
                    if (!(*i)[group].matched || (group >= 5 && (before == 0 || depth == 0))) continue;
                    // The end of a function's parameters is no member.
                    if (group == 5 && line.find(')') != std::string::npos) continue;
                    INFO(file.path().filename().string() << ": " << line);
                    CHECK(words.contains((*i)[group].str()));
                    ++found;
                }
            }
        }
    }
    CHECK(found > 250);
}

TEST_CASE("every header compiles alone, as C11 and as C++20, with all warnings") {
    std::map<std::string, std::set<long>> standards;
    for (const auto& [header, standard] : headers_alone()) standards[header].insert(standard);
    std::size_t headers = 1;  // uncut.h
    for (const auto& file : std::filesystem::directory_iterator(UNCUT_SOURCE "/abi/uncut")) {
        ++headers;
        CHECK(standards.contains("uncut/" + file.path().filename().string()));
    }
    CHECK(standards.size() == headers);
    for (const auto& [header, set] : standards) {
        INFO(header);
        CHECK(set == std::set<long>{201112L, 202002L});
    }
}
