// SPDX-License-Identifier: Apache-2.0
#include "tests/support/uncut_program.hpp"

#include <uncut_paths.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace uncut::test {

namespace {

Process start(std::vector<std::string> arguments, const UncutOptions& options) {
    ProcessOptions process_options;
    process_options.environment = options.environment;
    if (options.where != nullptr) process_options.network_namespace = options.where->name();
    arguments.insert(arguments.begin(), options.program);
    return Process::start(std::move(arguments), process_options);
}

// The endpoint on the line that begins with `label`: "DNS    127.0.0.1:5300 over ...", "admin  http://127.0.0.1:80".
Endpoint endpoint_after(const std::string& label, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string first;
        std::string second;
        if (!(words >> first >> second) || first != label) continue;
        constexpr std::string_view scheme = "http://";
        if (second.starts_with(scheme)) second.erase(0, scheme.size());
        if (second.ends_with(',')) second.pop_back();
        if (const auto endpoint = Endpoint::parse(second)) return *endpoint;
    }
    return {};
}

}  // namespace

UncutProgram::UncutProgram(std::vector<std::string> arguments, const UncutOptions& options)
    : process_(start(arguments, options)) {
    const bool demo = arguments.front() == "demo";
    const bool with_admin = demo || std::ranges::find(arguments, "--admin") != arguments.end();
    if (!process_.wait_for_text(demo         ? "Ctrl-C"
                                : with_admin ? "admin  http://"
                                             : "DNS  ") ||
        !process_.wait_for_text("\n")) {
        const Ended ended = process_.stop();
        throw std::runtime_error(
            fmt::format("uncut {} did not come up: {}{}", fmt::join(arguments, " "), ended.err, ended.out));
    }
    const std::string said = process_.out();
    dns_ = endpoint_after(demo ? "Uncut" : "DNS", said);
    before_ = endpoint_after("before", said);
    upstream_ = endpoint_after("upstream", said);
    admin_ = endpoint_after("admin", said);
    if (dns_.port == 0 || (with_admin && admin_.port == 0)) {
        throw std::runtime_error(fmt::format("uncut does not say where it listens: {}", said));
    }
}

std::vector<std::string> serve_arguments(const Endpoint& upstream, std::vector<std::string> more) {
    std::vector<std::string> arguments{"serve",       "--upstream", upstream.text(), "--dns",
                                       "127.0.0.1:0", "--admin",    "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

Ended run_uncut(const std::vector<std::string>& arguments, Milliseconds timeout) {
    std::vector<std::string> command{UNCUT_BIN};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(std::move(command), {}, timeout);
}

}  // namespace uncut::test
