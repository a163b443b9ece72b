// SPDX-License-Identifier: Apache-2.0
// make_corpus FOLDER: writes the generated inputs below FOLDER, each kind with its manifest.
#include <cstdio>
#include <exception>

#include "fuzz/corpus/seeds.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: make_corpus FOLDER\n", stderr);
        return 2;
    }
    try {
        uncut::fuzz::write_corpus(argv[1]);
        for (const auto& folder : uncut::fuzz::folders())
            std::printf("%s: %zu inputs, %zu of them generated\n", folder.name.data(),
                        uncut::fuzz::manifest_count(std::filesystem::path(argv[1]) / folder.name), folder.seeds.size());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make_corpus: %s\n", error.what());
        return 1;
    }
    return 0;
}
