// SPDX-License-Identifier: Apache-2.0
// The inputs that campaigns begin with and that the tests replay: wire messages, each with what it should be.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/builder.hpp"

namespace uncut::fuzz {

using test::Bytes;

// One message. What is expected of it follows from the RFCs and the design, never from what the module answers.
struct Seed {
    std::string name;  // of its file, without the suffix
    Bytes octets;
    Status status = UNCUT_OK;  // of parse
    // Of judge with every suspicion, no size advertised; means something for responses alone.
    std::uint32_t verdict = UNCUT_VERDICT_WHOLE;
};

// A list of seeds that are distinct, by name and by octets.
class Seeds {
  public:
    // The verdict is the one that the status implies. Throws std::logic_error when the name or the octets are there
    // already, or the name is not in kebab-case.
    void add(std::string name, Bytes octets, Status status = UNCUT_OK);
    // A message whose verdict its status does not imply.
    void judged(std::string name, Bytes octets, std::uint32_t verdict, Status status = UNCUT_OK);

    const std::vector<Seed>& all() const { return seeds_; }

  private:
    std::vector<Seed> seeds_;
};

// Folders under corpus/, and what their manifests say of how they were made.
struct Folder {
    std::string_view name;
    std::string_view made;
    std::vector<Seed> seeds;
};

inline constexpr std::string_view seed_suffix = ".bin";
inline constexpr std::string_view manifest_name = "manifest.txt";

std::vector<Seed> message_seeds();
std::vector<Seed> regression_seeds();
std::vector<Folder> folders();

// Writes every folder below `corpus`, each with its manifest; the octets are the same every time. Files of a folder
// that no seed names stay and are counted: a campaign's finds live beside the generated. Throws std::runtime_error.
void write_corpus(const std::filesystem::path& corpus);

// How many inputs the manifest of a folder says there are. Throws std::runtime_error when it does not say.
std::size_t manifest_count(const std::filesystem::path& folder);

}  // namespace uncut::fuzz
