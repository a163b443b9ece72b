// SPDX-License-Identifier: Apache-2.0
// The corpus is what its generator makes, and all of it is replayed.
#include "tests/support/catch.hpp"
#include "tests/unit/corpus/folder.hpp"

using namespace uncut;
using namespace uncut::test;

TEST_CASE("corpus: making it again gives the same octets", "[corpus]") {
    const TempDir made;
    fuzz::write_corpus(made.path());
    for (const fuzz::Folder& folder : fuzz::folders()) {
        INFO(folder.name);
        const auto again = read_inputs(made.path() / folder.name);
        auto stored = read_inputs(corpus_folder(folder.name));
        CHECK(again.size() == folder.seeds.size());
        for (const auto& [input, octets] : again) {
            INFO(input);
            REQUIRE(stored.contains(input));
            CHECK(stored.at(input) == octets);
        }
    }
}

TEST_CASE("corpus: holds enough messages, each as the table has it", "[corpus]") {
    const auto stored = read_inputs(corpus_folder("message"));
    CHECK(stored.size() >= 150);
    std::size_t octets = 0;
    for (const auto& [input, content] : stored) octets += content.size();
    CHECK(octets < 1024 * 1024);
    CHECK(read_inputs(corpus_folder("regressions")).size() >= 2);
}

TEST_CASE("corpus: a folder with nothing, with less or more than its manifest says, or with a stranger is refused",
          "[corpus]") {
    const TempDir folder;
    CHECK_THROWS_AS(read_inputs(folder.path()), std::runtime_error);  // no manifest
    folder.write("manifest.txt", "count: 0\n");
    CHECK_THROWS_AS(read_inputs(folder.path()), std::runtime_error);
    folder.write("manifest.txt", "count: 1\n");
    CHECK_THROWS_AS(read_inputs(folder.path()), std::runtime_error);
    folder.write("one.bin", "1");
    CHECK(read_inputs(folder.path()).size() == 1);
    folder.write("two.bin", "2");
    CHECK_THROWS_AS(read_inputs(folder.path()), std::runtime_error);
    folder.write("manifest.txt", "count: 2\n");
    CHECK(read_inputs(folder.path()).size() == 2);
    folder.write("crash-1234", "3");
    CHECK_THROWS_AS(read_inputs(folder.path()), std::runtime_error);
}
