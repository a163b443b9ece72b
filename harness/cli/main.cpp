// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

#include "harness/cli/arguments.hpp"
#include "harness/cli/clamp.hpp"
#include "harness/cli/completion.hpp"
#include "harness/cli/demo.hpp"
#include "harness/cli/fit.hpp"
#include "harness/cli/inspect.hpp"
#include "harness/cli/probe.hpp"
#include "harness/cli/resolver.hpp"
#include "harness/cli/serve.hpp"

namespace {

using namespace uncut::harness;

constexpr int exit_usage = 2;

// Each verb's options live in the closure that runs it; the parser writes into them before.
template <typename Options>
std::shared_ptr<Options> options_of(CLI::App& verb, Verb& chosen, int (*run)(const Options&)) {
    auto options = std::make_shared<Options>();
    verb.callback([&chosen, options, run] { chosen = [options, run] { return run(*options); }; });
    return options;
}

// The same for a verb that works through the module.
template <typename Options>
std::shared_ptr<Options> options_of(CLI::App& verb, Verb& chosen, int (*run)(const Options&, const uncut_module&)) {
    auto options = std::make_shared<Options>();
    auto path = std::make_shared<std::string>();
    verb.add_option("--module", *path, "The module to load (default: ../lib/libuncut.so beside this program)")
        ->type_name("PATH");
    verb.callback([&chosen, options, path, run] {
        chosen = [options, path, run] {
            const auto module = open_module(*path);
            return module ? run(*options, module->table()) : refuse(module.error());
        };
    });
    return options;
}

void add_log_options(CLI::App& verb, LogOptions& log, const char* level) {
    verb.add_option("--log-format", log.format, "How the log on standard error is written (default text)")
        ->type_name("text|json");
    verb.add_option("--log-level", log.level, fmt::format("From where on it says something (default {})", level))
        ->type_name("trace|debug|info|warn|error|off");
}

void add_serve(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("serve", "Forward DNS queries to upstreams, and make truncated answers whole");
    auto options = options_of(verb, chosen, &run_serve);
    verb.add_option("--upstream", options->upstreams, "Whom to ask, in this order (default port 53)")
        ->type_name("ADDR[:PORT]");
    verb.add_option("--dns", options->dns, "Where to listen, UDP and TCP (default 127.0.0.1:5300; port 0: any)")
        ->type_name("ADDR:PORT");
    verb.add_option("--allow", options->allow, "Who may ask at addresses other than loopback")->type_name("CIDR");
    verb.add_option("--admin", options->admin, "Start the admin API here")->type_name("ADDR:PORT");
    verb.add_option(
            "--admin-token-file", options->admin_token_file,
            "Its first line is what clients of the admin API must show (needed at other addresses than loopback)")
        ->type_name("FILE");
    verb.add_option("--module", options->module, "The module to load (default: ../lib/libuncut.so beside this program)")
        ->type_name("PATH");
    verb.add_option("--preset", options->preset, "The policy to begin with: default, or a preset by its name")
        ->type_name("NAME");
    verb.add_option("--threads", options->threads, "Threads, each with its own sockets (default 1)")
        ->type_name("N")
        ->check(whole_number);
    verb.add_option("--journal", options->journal, "Keep the last so many exchanges for the admin API (default: none)")
        ->type_name("N")
        ->check(whole_number);
    verb.add_option("--config", options->config, "A JSON file; options of the command line go before it")
        ->type_name("FILE");
    add_log_options(verb, options->log, "info");
}

void add_demo(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("demo", "Show a truncated answer, before and after, all on loopback");
    auto options = options_of(verb, chosen, &run_demo);
    verb.add_option("--dns", options->dns, "Where Uncut listens")->type_name("ADDR:PORT")->capture_default_str();
    verb.add_option("--before", options->before, "Where the same server listens that does not help")
        ->type_name("ADDR:PORT")
        ->capture_default_str();
    verb.add_option("--upstream", options->upstream, "Where the scripted upstream listens")
        ->type_name("ADDR:PORT")
        ->capture_default_str();
    verb.add_option("--admin", options->admin, "Where the admin API of --dns listens")
        ->type_name("ADDR:PORT")
        ->capture_default_str();
    verb.add_option("--module", options->module, "The module to load (default: ../lib/libuncut.so beside this program)")
        ->type_name("PATH");
    add_log_options(verb, options->log, "warn");
}

void add_inspect(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("inspect", "Print a line of JSON for each DNS message in wire form");
    auto options = options_of(verb, chosen, &run_inspect);
    verb.add_option("FILE", options->files, "One message each; - is standard input")->required()->type_name("");
    verb.add_flag("--hex", options->hex, "The files are hexadecimal text");
    verb.add_flag("--framed", options->framed, "Each message has its length in front, as over TCP");
    verb.add_option("--query", options->query_file, "The query that the messages answer")->type_name("FILE");
}

void add_clamp(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("clamp", "Lower the UDP payload size that a query advertises");
    auto options = options_of(verb, chosen, &run_clamp);
    verb.add_option("--bufsize", options->bufsize, "Octets, 512 to 4096")
        ->required()
        ->type_name("N")
        ->check(whole_number);
    verb.add_option("--edns", options->edns, "keep, or add an OPT where there is none")
        ->type_name("keep|add")
        ->capture_default_str();
    verb.add_option("FILE", options->file, "The query in wire form; - is standard input")
        ->type_name("")
        ->capture_default_str();
}

void add_fit(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("fit", "Make a response fit a limit");
    auto options = options_of(verb, chosen, &run_fit);
    verb.add_option("--limit", options->limit, "Octets, 512 to 65535")->required()->type_name("N")->check(whole_number);
    verb.add_option("--fit", options->fit, "What to do when something required does not fit")
        ->type_name("rrset|fill|empty|subset")
        ->capture_default_str();
    verb.add_option("--rotate", options->rotate, "With subset: which address comes first")
        ->type_name("N")
        ->check(whole_number);
    verb.add_option("FILE", options->file, "The response in wire form; - is standard input")
        ->type_name("")
        ->capture_default_str();
}

struct ProbeWords {
    std::vector<std::string> words;
    bool json = false;
};

int run_probe_words(const ProbeWords& given, const uncut_module& module) {
    auto options = parse_probe_arguments(given.words);
    if (!options) return refuse(options.error());
    options->json = given.json;
    return run_probe(*options, module);
}

void add_probe(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("probe", "Find where an answer is lost, and what to change");
    auto options = options_of(verb, chosen, &run_probe_words);
    verb.add_option("NAME [TYPE] [@SERVER[#PORT]]", options->words,
                    "What to ask (type A by default), and whom (the first of /etc/resolv.conf)")
        ->required()
        ->type_name("");
    verb.add_flag("--json", options->json, "Print one JSON object");
}

void add_completion(CLI::App& app, Verb& chosen) {
    CLI::App& verb = *app.add_subcommand("completion", "Print what completes this program's words in a shell");
    auto options = options_of(verb, chosen, &run_completion);
    verb.add_option("SHELL", options->shell, "bash: source <(uncut completion bash)")->required()->type_name("");
}

// The parser would only say that a verb is required.
bool is_unknown_verb(const CLI::App& app, std::string_view word) {
    const auto verbs = app.get_subcommands([](const CLI::App*) { return true; });
    const bool known = std::ranges::any_of(verbs, [word](const CLI::App* verb) { return verb->get_name() == word; });
    return !known && !word.starts_with('-');
}

int run(int argc, char** argv) {
    CLI::App app("Uncut makes a DNS server handle truncated answers right.", "uncut");
    app.set_version_flag("--version", "uncut " UNCUT_HARNESS_VERSION);
    app.require_subcommand(1);
    app.footer("uncut VERB --help says more. Exit status: 0 done, 1 bad input, 2 wrong usage or nothing to work with.");
    Verb chosen;
    add_serve(app, chosen);
    add_demo(app, chosen);
    add_inspect(app, chosen);
    add_clamp(app, chosen);
    add_fit(app, chosen);
    add_probe(app, chosen);
    add_ctl(app, chosen);
    add_completion(app, chosen);
    if (argc < 2) {
        fmt::print(stderr, "uncut: no verb given\n\n{}", app.help());
        return exit_usage;
    }
    if (is_unknown_verb(app, argv[1])) {
        return refuse(fmt::format(
            "no such verb: {}: expected serve, demo, inspect, clamp, fit, probe, ctl or completion", argv[1]));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    return chosen();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "uncut: %s\n", error.what());
        return exit_usage;
    }
}
