// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "harness/cli/arguments.hpp"
#include "harness/cli/ctl_verbs.hpp"

namespace uncut::harness {
namespace {

using Run = std::function<CtlDone(const Ctl&)>;
using Words = std::vector<std::string>;

/// Adds nouns and verbs; each verb's options live in the closure that runs it, and the parser writes into them before.
class Grammar {
  public:
    Grammar(CLI::App& ctl, Verb& chosen) : ctl_(ctl), chosen_(chosen), options_(std::make_shared<CtlOptions>()) {
        ctl_.add_option("--admin", options_->admin, "Where the admin API listens (default 127.0.0.1:8053)")
            ->type_name("ADDR:PORT");
        ctl_.add_option("--token-file", options_->token_file, "Its first line is the token that the API wants")
            ->type_name("FILE");
        ctl_.add_option("--if-match", options_->if_match, "Write only if this is still the revision")
            ->type_name("REVISION");
        ctl_.add_flag("--json", options_->json, "Print what the API said");
    }

    /// A noun of several verbs; alone it does what `alone` does.
    CLI::App& noun(const char* name, const char* about, Run alone = nullptr) {
        CLI::App& noun = *ctl_.add_subcommand(name, about);
        noun.require_subcommand(0, 1);
        noun.fallthrough();
        if (!alone) return noun;
        noun.callback([&noun, chosen = &chosen_, options = options_, alone] {
            if (noun.get_subcommands().empty()) *chosen = [options, alone] { return run_ctl(*options, alone); };
        });
        return noun;
    }

    CLI::App& verb(CLI::App& noun, const char* name, const char* about, Run run) {
        CLI::App& verb = *noun.add_subcommand(name, about);
        verb.fallthrough();  // --json and its like may stand behind the verb
        verb.callback([chosen = &chosen_, options = options_, run] {
            *chosen = [options, run] { return run_ctl(*options, run); };
        });
        return verb;
    }

    CLI::App& verb(const char* name, const char* about, Run run) { return verb(ctl_, name, about, std::move(run)); }

    /// A verb of one argument.
    void verb_of(CLI::App& noun, const char* name, const char* about, const char* argument,
                 CtlDone (*run)(const Ctl&, const std::string&)) {
        const auto value = std::make_shared<std::string>();
        need(verb(noun, name, about, [value, run](const Ctl& ctl) { return run(ctl, *value); }), argument, *value);
    }

    template <typename Value>
    static CLI::Option& need(CLI::App& verb, const char* argument, Value& value) {
        return *verb.add_option(argument, value)->required()->type_name("");
    }

  private:
    CLI::App& ctl_;
    Verb& chosen_;
    std::shared_ptr<CtlOptions> options_;
};

/// A verb of one argument and words behind it.
struct Target {
    std::string name;
    Words words;
};

void add_target(Grammar& grammar, CLI::App& noun, const char* name, const char* about, const char* argument,
                const char* words, CtlDone (*run)(const Ctl&, const std::string&, const Words&), bool needs_words) {
    const auto given = std::make_shared<Target>();
    CLI::App& verb =
        grammar.verb(noun, name, about, [given, run](const Ctl& ctl) { return run(ctl, given->name, given->words); });
    Grammar::need(verb, argument, given->name);
    verb.add_option(words, given->words)->required(needs_words)->type_name("");
}

void add_state(Grammar& grammar) {
    grammar.verb("status", "Is it alive, is it ready, and which versions", ctl_status);
    grammar.verb("metrics", "The counters, as Prometheus reads them", ctl_metrics);
    grammar.verb("listeners", "Where it listens", ctl_listeners);

    CLI::App& upstreams = grammar.noun("upstreams", "Whom it asks", ctl_upstreams_get);
    grammar.verb(upstreams, "get", "Show them", ctl_upstreams_get);
    const auto addresses = std::make_shared<Words>();
    Grammar::need(grammar.verb(upstreams, "set", "Ask these from now on, in this order",
                               [addresses](const Ctl& ctl) { return ctl_upstreams_set(ctl, *addresses); }),
                  "ADDR[:PORT]", *addresses);

    CLI::App& module = grammar.noun("module", "The module that it loaded", ctl_module_get);
    grammar.verb(module, "get", "Show its path and versions", ctl_module_get);
    grammar.verb(module, "reload", "Load its file again", ctl_module_reload);
}

void add_policy(Grammar& grammar) {
    CLI::App& policy = grammar.noun("policy", "What it does with truncated answers, zone by zone", ctl_policy_list);
    grammar.verb(policy, "list", "Every zone, and what it sets", ctl_policy_list);
    const auto zone = std::make_shared<std::string>();
    const auto effective = std::make_shared<bool>(false);
    CLI::App& get = grammar.verb(policy, "get", "One zone; the root is called default",
                                 [zone, effective](const Ctl& ctl) { return ctl_policy_get(ctl, *zone, *effective); });
    Grammar::need(get, "ZONE", *zone);
    get.add_flag("--effective", *effective, "Also what it takes over from default");
    add_target(grammar, policy, "set", "Set fields of a zone (suspect=cut,oversize; suspect= for none)", "ZONE",
               "FIELD=VALUE", ctl_policy_set, true);
    add_target(grammar, policy, "unset", "Let a zone take fields over from default again", "ZONE", "FIELD",
               ctl_policy_unset, true);
    grammar.verb_of(policy, "delete", "Take a zone's policy away", "ZONE", ctl_policy_delete);

    CLI::App& preset = grammar.noun("preset", "Policies with a name", ctl_preset_list);
    grammar.verb(preset, "list", "Their names", ctl_preset_list);
    grammar.verb_of(preset, "show", "All fields of one", "NAME", ctl_preset_show);
    grammar.verb_of(preset, "apply", "Make it the policy of default", "NAME", ctl_preset_apply);
}

void add_answer(Grammar& grammar) {
    CLI::App& answer = grammar.noun("answer", "What the scripted upstream answers", ctl_answer_list);
    grammar.verb(answer, "list", "All of it", ctl_answer_list);
    const auto add_pair = [&](const char* name, const char* about,
                              CtlDone (*run)(const Ctl&, const std::string&, const std::string&)) {
        const auto of = std::make_shared<std::pair<std::string, std::string>>();
        CLI::App& verb =
            grammar.verb(answer, name, about, [of, run](const Ctl& ctl) { return run(ctl, of->first, of->second); });
        Grammar::need(verb, "NAME", of->first);
        Grammar::need(verb, "TYPE", of->second);
    };
    add_pair("get", "One answer, all its records", ctl_answer_get);
    const auto given = std::make_shared<CtlAnswer>();
    CLI::App& set = grammar.verb(answer, "set", "Answer a question with records, or with something that is so large",
                                 [given](const Ctl& ctl) { return ctl_answer_set(ctl, *given); });
    Grammar::need(set, "NAME", given->name);
    Grammar::need(set, "TYPE", given->type);
    set.add_option("DATA", given->records, "A record's data in zone syntax; one argument for each record")
        ->type_name("");
    set.add_option("--addresses", given->addresses, "So many addresses")->type_name("N")->check(whole_number);
    set.add_option("--octets", given->octets, "A response of so many octets")->type_name("N")->check(whole_number);
    set.add_option("--ttl", given->ttl_s, "Seconds")->type_name("S")->check(whole_number);
    add_pair("delete", "Take an answer away", ctl_answer_delete);
    grammar.verb(answer, "clear", "Take all answers away", ctl_answer_clear);
    grammar.verb_of(answer, "load", "Answer what a zone file says, and nothing else; - is standard input", "FILE",
                    ctl_answer_load);
}

void add_script(Grammar& grammar) {
    add_answer(grammar);
    CLI::App& fault = grammar.noun("fault", "What the scripted upstream does wrong", ctl_fault_list);
    grammar.verb(fault, "kinds", "What it can do wrong, and the parameters of that", ctl_fault_kinds);
    grammar.verb(fault, "list", "The faults that it has, and how often each struck", ctl_fault_list);
    add_target(grammar, fault, "add", "Add a fault: tc_partial octets=512 name=www.example type=A times=3", "KIND",
               "PARAMETER=VALUE", ctl_fault_add, false);
    add_target(grammar, fault, "set", "Change a fault (times= takes the parameter away)", "ID", "PARAMETER=VALUE",
               ctl_fault_set, true);
    grammar.verb_of(fault, "delete", "Take a fault away", "ID", ctl_fault_delete);
    grammar.verb(fault, "clear", "Take all faults away", ctl_fault_clear);

    CLI::App& scenario = grammar.noun("scenario", "Policies, answers and faults that tell a story", ctl_scenario_list);
    grammar.verb(scenario, "list", "Those that are built in", ctl_scenario_list);
    grammar.verb_of(scenario, "show", "One that is built in", "NAME", ctl_scenario_show);
    grammar.verb_of(scenario, "load", "Play one that is built in, or a file's", "NAME|FILE", ctl_scenario_load);
    grammar.verb_of(scenario, "save", "Write the whole state to a file; - is standard output", "FILE",
                    ctl_scenario_save);
}

void add_journal(Grammar& grammar) {
    const auto filter = std::make_shared<CtlExchanges>();
    CLI::App& exchanges = grammar.noun("exchanges", "The exchanges that it remembers, a line each",
                                       [filter](const Ctl& ctl) { return ctl_exchanges(ctl, *filter); });
    exchanges.add_option("--server", filter->server, "Of this server: uncut, before")->type_name("NAME");
    exchanges.add_option("--name", filter->name, "Of questions for this name")->type_name("NAME");
    exchanges.add_option("--verdict", filter->verdict, "With this verdict: truncated, whole, ...")->type_name("WORD");
    exchanges.add_option("--transport", filter->transport, "Of clients that asked so")->type_name("udp|tcp");
    exchanges.add_option("--after", filter->after, "Newer than this number")->type_name("NUMBER");
    CLI::Option* limit = exchanges.add_option("--limit", filter->limit, "So many at most")->type_name("N");
    exchanges.add_flag("--follow", filter->follow, "Go on with those to come, until Ctrl-C")->excludes(limit);
    grammar.verb(exchanges, "clear", "Forget them", ctl_exchanges_clear);
    exchanges.footer(
        "What happened is a chain: udp>tc tcp>ok is an answer over UDP that had TC, then a whole one over TCP.\n"
        "In parentheses: what was ignored on the way. tcp+: joined a query that another exchange had in flight.");

    const auto number = std::make_shared<std::string>();
    Grammar::need(grammar.verb("exchange", "One exchange as a timeline, both messages decoded",
                               [number](const Ctl& ctl) { return ctl_exchange(ctl, *number); }),
                  "NUMBER", *number);
}

void add_questions(Grammar& grammar) {
    const auto words = std::make_shared<Words>();
    Grammar::need(grammar.verb("probe", "Find where an answer is lost, as uncut probe does, from there",
                               [words](const Ctl& ctl) { return ctl_probe(ctl, *words); }),
                  "NAME [TYPE] [@SERVER]", *words);

    const auto question = std::make_shared<CtlQuestion>();
    CLI::App& ask =
        grammar.verb("ask", "Ask a question there", [question](const Ctl& ctl) { return ctl_ask(ctl, *question); });
    Grammar::need(ask, "NAME", question->name);
    ask.add_option("TYPE", question->type)->type_name("")->capture_default_str();
    ask.add_option("--server", question->server, "Of whom: uncut, before or upstream (default uncut)")
        ->type_name("NAME");
    ask.add_flag("--tcp", question->tcp, "Over TCP at once");
    CLI::Option* bufsize = ask.add_option("--bufsize", question->bufsize, "Octets over UDP that the query allows")
                               ->type_name("N")
                               ->check(whole_number);
    ask.add_flag("--no-edns", question->no_edns, "Without an OPT")->excludes(bufsize);
    ask.add_flag("--dnssec", question->dnssec, "With DO set");
    ask.add_flag("--no-retry", question->no_retry, "Not again over TCP after a TC");
    grammar.verb("reset", "Make all as it was at the start", ctl_reset);

    const auto about = std::make_shared<Words>();
    CLI::App& list = grammar.verb("words", "For completion: one word a line",
                                  [about](const Ctl& ctl) { return ctl_words(ctl, *about); });
    list.group("");  // not in the help
    list.add_option("ABOUT", *about)->type_name("");
}

std::string names_of(const CLI::App& level) {
    std::vector<std::string> names;
    for (const CLI::App* one : level.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
        names.push_back(one->get_name());
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

// The parser would only say that a word was not expected, or that one is missing.
void check_words(const CLI::App& ctl) {
    const auto wrong = [](const std::string& text) {
        throw CLI::ParseError("uncut ctl: " + text, CLI::ExitCodes::ExtrasError);
    };
    const auto extras = ctl.remaining(true);
    const auto nouns = ctl.get_subcommands();
    if (nouns.empty() && extras.empty()) wrong("expected a noun: " + names_of(ctl));
    if (nouns.empty()) wrong(fmt::format("no such noun: {}: expected {}", extras.front(), names_of(ctl)));
    if (extras.empty()) return;
    const CLI::App& noun = *nouns.front();
    const std::string verbs = names_of(noun);
    if (!verbs.empty() && noun.get_subcommands().empty() && !extras.front().starts_with('-')) {
        wrong(fmt::format("{}: no such verb: {}: expected {}", noun.get_name(), extras.front(), verbs));
    }
    wrong(fmt::format("{}: not expected here", extras.front()));
}

}  // namespace

void add_ctl(CLI::App& app, Verb& chosen) {
    CLI::App& ctl = *app.add_subcommand("ctl", "Look at a server that runs, and change what it does");
    ctl.require_subcommand(0, 1);
    ctl.allow_extras();
    // Before the nouns, which take it over.
    ctl.footer(
        "uncut ctl NOUN --help says more. UNCUT_ADMIN and UNCUT_TOKEN_FILE stand in for the first two options.\n"
        "Exit status: 0 done, 1 the API refused, 2 wrong usage or nobody there.");
    Grammar grammar(ctl, chosen);
    add_state(grammar);
    add_policy(grammar);
    add_script(grammar);
    add_journal(grammar);
    add_questions(grammar);
    ctl.callback([&ctl] { check_words(ctl); });
}

}  // namespace uncut::harness
