// SPDX-License-Identifier: Apache-2.0
// The folders of corpus/ as the replay reads them.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include <uncut_paths.hpp>

#include "fuzz/corpus/seeds.hpp"
#include "tests/support/temp_dir.hpp"

namespace uncut::test {

// The inputs of a folder by name, without the suffix. Throws std::runtime_error when there is none, when the manifest
// counts another number, or when there is a file that is neither an input nor the manifest.
inline std::map<std::string, Bytes> read_inputs(const std::filesystem::path& folder) {
    std::map<std::string, Bytes> inputs;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::filesystem::path& path = entry.path();
        if (path.filename() == fuzz::manifest_name) continue;
        if (path.extension() != fuzz::seed_suffix) throw std::runtime_error("no input: " + path.string());
        const std::string content = read_file(path);
        inputs[path.stem().string()] = {content.begin(), content.end()};
    }
    const std::size_t count = fuzz::manifest_count(folder);
    if (inputs.empty() || inputs.size() != count)
        throw std::runtime_error(folder.string() + ": " + std::to_string(inputs.size()) +
                                 " inputs, and the manifest says " + std::to_string(count));
    return inputs;
}

inline std::filesystem::path corpus_folder(std::string_view name) {
    return std::filesystem::path(UNCUT_SOURCE) / "corpus" / name;
}

// Every input of every folder of the corpus.
template <typename Visit>
void for_each_input(Visit visit) {
    for (const fuzz::Folder& folder : fuzz::folders())
        for (const auto& [input, octets] : read_inputs(corpus_folder(folder.name)))
            visit(std::string(folder.name) + '/' + input, octets);
}

}  // namespace uncut::test
