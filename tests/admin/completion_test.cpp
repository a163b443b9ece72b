// SPDX-License-Identifier: Apache-2.0
// Completion in a real bash: the function is called as readline would call it, against a server that runs.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

using Words = std::vector<std::string>;

// Arguments: the program, then the words of the line behind it; the last is the one that is completed. bash takes a
// line apart at = and : as well, and so do the words that a test gives.
constexpr const char* script = R"(
    source <("$1" completion bash) || exit 3
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _uncut
    printf '%s\n' "${COMPREPLY[@]}"
)";

Words lines_of(const std::string& text) {
    Words lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (!line.empty()) lines.push_back(line);
    }
    return lines;
}

Words complete(const std::string& admin, const Words& words) {
    Words command{"bash", "--norc", "-u", "-c", script, "bash", UNCUT_BIN};
    command.insert(command.end(), words.begin(), words.end());
    ProcessOptions options;
    options.environment = {"UNCUT_ADMIN=" + admin};
    const Ended ended = run(command, options);
    INFO(fmt::format("uncut {}\n{}", fmt::join(words, " "), ended.err));
    CHECK(ended.code == 0);
    CHECK(ended.err == "");
    return lines_of(ended.out);
}

std::set<std::string> help_of(Words arguments, const std::string& heading) {
    arguments.push_back("--help");
    const Ended ended = run_uncut(arguments);
    REQUIRE(ended.code == 0);
    std::set<std::string> names;
    bool within = false;
    for (const std::string& line : lines_of(ended.out)) {
        if (!line.starts_with(' ')) within = line == heading;
        if (!within || !line.starts_with("  ") || line.starts_with("   ")) continue;
        std::string name = line.substr(2, line.find(' ', 2) - 2);
        if (name.starts_with("-h,")) name.erase(0, 3);
        names.insert(name);
    }
    return names;
}

std::set<std::string> as_set(const Words& words) {
    return {words.begin(), words.end()};
}

const std::string nobody = "127.0.0.1:1";

}  // namespace

TEST_CASE("completion: verbs, nouns and options are those of the program", "[completion]") {
    const auto with = [](Words words, const char* last) {
        words.emplace_back(last);
        return as_set(complete(nobody, words));
    };
    std::set<std::string> verbs = help_of({}, "Subcommands:");
    CHECK(verbs.size() >= 8);
    for (const std::string& verb : verbs) {
        if (verb == "completion") continue;
        INFO(verb);
        std::set<std::string> options = help_of({verb}, "Options:");
        for (auto option = options.begin(); option != options.end();) {
            option = option->starts_with("--") ? std::next(option) : options.erase(option);
        }
        CHECK(with({verb}, "--") == options);
    }
    verbs.insert({"--help", "--version"});
    CHECK(with({}, "") == verbs);

    const std::set<std::string> nouns = help_of({"ctl"}, "Subcommands:");
    CHECK(nouns.size() >= 15);
    CHECK(with({"ctl"}, "") == nouns);
    const std::set<std::string> common = help_of({"ctl"}, "Options:");
    for (const std::string& noun : nouns) {
        INFO(noun);
        const std::set<std::string> sub = help_of({"ctl", noun}, "Subcommands:");
        if (!sub.empty()) CHECK(with({"ctl", noun}, "") == sub);
        std::set<std::string> own = help_of({"ctl", noun}, "Options:");
        own.insert(common.begin(), common.end());
        if (sub.empty() || noun == "exchanges") CHECK(with({"ctl", noun}, "--") == own);
        for (const std::string& verb : sub) {
            if (noun == "exchanges") continue;  // its options are the noun's
            INFO(verb);
            std::set<std::string> options = help_of({"ctl", noun, verb}, "Options:");
            options.insert(common.begin(), common.end());
            CHECK(with({"ctl", noun, verb}, "--") == options);
        }
    }
}

TEST_CASE("completion: what the server has is asked from it", "[completion]") {
    UncutProgram demo({"demo", "--dns", "127.0.0.1:0", "--before", "127.0.0.1:0", "--upstream", "127.0.0.1:0",
                       "--admin", "127.0.0.1:0"});
    const std::string admin = demo.admin().text();
    const auto ctl = [&](const Words& arguments) {
        Words command{"ctl", "--admin", admin};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const Ended ended = run_uncut(command);
        INFO(ended.err);
        REQUIRE(ended.code == 0);
    };
    ctl({"policy", "set", "k8s.example", "suspect=cut", "client_bufsize=512"});
    ctl({"answer", "set", "many.example", "AAAA", "--addresses", "5"});
    ctl({"fault", "add", "delay", "delay_ms=5", "name=www.example"});
    ctl({"fault", "add", "drop"});

    struct Row {
        Words line;
        Words offers;  // all of it
    };
    const Row rows[] = {
        {{"ctl", "pol"}, {"policy"}},
        {{"ctl", "policy", "s"}, {"set"}},
        {{"ctl", "policy", "get", ""}, {"default", "k8s.example"}},
        {{"ctl", "policy", "set", "k"}, {"k8s.example"}},
        {{"ctl", "policy", "set", "default", "retry"}, {"retry_truncated="}},
        {{"ctl", "policy", "set", "default", "fit=empty", "client"}, {"client_bufsize="}},
        // Where bash takes the word apart, it replaces what is behind the = alone.
        {{"ctl", "policy", "set", "default", "retry_truncated", "=", "f"}, {"false"}},
        {{"ctl", "policy", "set", "default", "retry_truncated", "="}, {"true", "false"}},
        {{"ctl", "policy", "set", "default", "suspect", "=", "ov"}, {"oversize"}},
        {{"ctl", "policy", "set", "default", "suspect", "=", "cut,d"}, {"cut,dangling_cname"}},
        {{"ctl", "policy", "set", "default", "fit", "=", "rrset", "retry"}, {"retry_truncated="}},
        {{"ctl", "policy", "unset", "k8s.example", ""}, {"suspect", "client_bufsize"}},
        {{"ctl", "preset", "apply", "coredns-f"}, {"coredns-force-tcp"}},
        {{"serve", "--preset", "coredns-p"}, {"coredns-prefer-udp"}},
        {{"ctl", "answer", "get", "many"}, {"many.example."}},
        {{"ctl", "answer", "delete", "many.example.", ""}, {"AAAA"}},
        {{"ctl", "answer", "set", "x.example", "TX"}, {"TXT"}},
        {{"ctl", "fault", "add", "tc_p"}, {"tc_partial"}},
        {{"ctl", "fault", "add", "tc_partial", "oct"}, {"octets="}},
        {{"ctl", "fault", "add", "tc_partial", "ti"}, {"times="}},
        {{"ctl", "fault", "add", "delay", "transport", "=", "u"}, {"udp"}},
        {{"ctl", "fault", "delete", ""}, {"1", "2"}},
        {{"ctl", "fault", "set", "1", "delay"}, {"delay_ms="}},
        {{"ctl", "scenario", "show", "elasti"}, {"elasticache-many-nodes"}},
        {{"ctl", "ask", "www.example", "--server", ""}, {"uncut", "before", "upstream"}},
        {{"ctl", "exchanges", "--transport", "t"}, {"tcp"}},
        {{"ctl", "ask", "www.example", "AA"}, {"AAAA"}},
        {{"serve", "--log-format", "j"}, {"json"}},
        {{"completion", ""}, {"bash"}},
    };
    for (const Row& row : rows) {
        INFO(fmt::format("uncut {}", fmt::join(row.line, " ")));
        CHECK(as_set(complete(admin, row.line)) == as_set(row.offers));
    }
    // An empty word is one of its own, also behind a =.
    CHECK(complete(admin, {"ctl", "policy", "set", "default", "fit", "=", ""}).size() > 10);
    // The options of the line say which server, and count for more than the environment.
    Words elsewhere{"ctl", "--admin", demo.admin().address, ":", std::to_string(demo.admin().port), "policy",
                    "get", "k"};
    CHECK(complete(nobody, elsewhere) == Words{"k8s.example"});
}

TEST_CASE("completion: where no server answers there is nothing, and no complaint", "[completion]") {
    const Words rows[] = {
        {"ctl", "policy", "get", ""},
        {"ctl", "policy", "set", "default", "re"},
        {"ctl", "policy", "set", "default", "fit", "="},
        {"ctl", "fault", "add", ""},
        {"ctl", "fault", "delete", ""},
        {"ctl", "scenario", "show", ""},
        {"ctl", "--admin", "not-an-address", "preset", "show", ""},
    };
    for (const Words& row : rows) CHECK(complete(nobody, row).empty());
}

TEST_CASE("completion: other shells have none", "[completion]") {
    const Ended ended = run_uncut({"completion", "zsh"});
    CHECK(ended.code == 2);
    CHECK(ended.out == "");
    CHECK(ended.err == "uncut: completion zsh: expected bash\n");
}
