// SPDX-License-Identifier: Apache-2.0
// What the parts of the command line share. No CLI11 here: it costs a minute to compile under a sanitizer.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace uncut::harness {

/// What the command line chose to run; returns the exit status.
using Verb = std::function<int()>;

/// "" for a whole number in decimal; else what was expected. The parser's own reading takes 0x10 and 010 too, and its
/// error does not say what was expected.
std::string whole_number(const std::string& text);

/// `uncut ctl`, with its nouns and verbs.
void add_ctl(CLI::App& app, Verb& chosen);

}  // namespace uncut::harness
