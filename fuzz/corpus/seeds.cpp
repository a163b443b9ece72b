// SPDX-License-Identifier: Apache-2.0
#include "fuzz/corpus/seeds.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "fuzz/corpus/groups.hpp"

namespace uncut::fuzz {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view count_key = "count: ";

std::uint32_t implied_verdict(Status status) {
    if (status == UNCUT_OK) return UNCUT_VERDICT_WHOLE;
    return status == UNCUT_WIRE_CUT ? UNCUT_VERDICT_CUT : UNCUT_VERDICT_MALFORMED;
}

bool is_kebab_case(std::string_view name) {
    const auto is_word = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    };
    for (std::size_t at = 0; at != name.size(); ++at) {
        const bool dash = name[at] == '-' && at != 0 && at + 1 != name.size() && name[at - 1] != '-';
        if (!dash && !is_word(name[at])) return false;
    }
    return !name.empty();
}

void write_file(const fs::path& path, std::string_view content) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::size_t inputs_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::ranges::count_if(
        fs::directory_iterator(folder), [](const auto& entry) { return entry.path().extension() == seed_suffix; }));
}

void write_folder(const fs::path& path, const Folder& folder) {
    fs::create_directories(path);
    for (const Seed& seed : folder.seeds)
        write_file(path / (seed.name + std::string(seed_suffix)), std::string(seed.octets.begin(), seed.octets.end()));
    const std::size_t count = inputs_in(path);
    std::string manifest = "# The inputs of this folder. Replay fails on any other number.\n";
    manifest += std::string(count_key) + std::to_string(count) + '\n';
    manifest += "generated: " + std::to_string(folder.seeds.size()) + '\n';
    manifest += "made: " + std::string(folder.made) + '\n';
    write_file(path / manifest_name, manifest);
}

}  // namespace

void Seeds::add(std::string name, Bytes octets, Status status) {
    judged(std::move(name), std::move(octets), implied_verdict(status), status);
}

void Seeds::judged(std::string name, Bytes octets, std::uint32_t verdict, Status status) {
    if (!is_kebab_case(name)) throw std::logic_error("a seed's name is not in kebab-case: " + name);
    for (const Seed& other : seeds_) {
        if (other.name == name) throw std::logic_error("two seeds of one name: " + name);
        if (other.octets == octets) throw std::logic_error(name + " has the octets of " + other.name);
    }
    seeds_.push_back({std::move(name), std::move(octets), status, verdict});
}

std::vector<Seed> message_seeds() {
    Seeds seeds;
    add_queries(seeds);
    add_options(seeds);
    add_other_opcodes(seeds);
    add_answers(seeds);
    add_delegations(seeds);
    add_record_types(seeds);
    add_bad_rdata(seeds);
    add_compression(seeds);
    add_name_lengths(seeds);
    add_cuts(seeds);
    add_counts(seeds);
    add_sizes(seeds);
    return seeds.all();
}

std::vector<Folder> folders() {
    return {{"message", "fuzz/corpus/, the groups of wire messages; target fuzz_corpus writes them", message_seeds()},
            {"regressions", "fuzz/corpus/regressions.cpp, and campaigns: each was a fault once", regression_seeds()}};
}

void write_corpus(const fs::path& corpus) {
    for (const Folder& folder : folders()) write_folder(corpus / folder.name, folder);
}

std::size_t manifest_count(const fs::path& folder) {
    std::ifstream file(folder / manifest_name);
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(count_key)) return std::stoul(line.substr(count_key.size()));
    throw std::runtime_error((folder / manifest_name).string() + ": no line 'count: NUMBER'");
}

}  // namespace uncut::fuzz
