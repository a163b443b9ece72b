// SPDX-License-Identifier: Apache-2.0
#include "tests/story/clients.hpp"

#include <uncut_paths.hpp>

#include <atomic>
#include <exception>
#include <regex>
#include <thread>

#include "tests/support/process.hpp"

namespace uncut::test {

namespace {

// Rows of the table: names with 1, 22, 60 and 200 addresses, the chain to 22, 12 texts.
constexpr Counts all{1, 22, 60, 200, 22, 12};
constexpr Counts within_512{1, 22, 0, 0, 0, 0};
constexpr Counts within_1232{1, 22, 60, 0, 22, 0};
// `subset` leaves addresses out, where there are too many, and nothing else.
constexpr Counts subset_512{1, 22, 29, 29, 20, 0};
constexpr Counts subset_512_then_tcp{1, 22, 29, 29, 20, 12};
constexpr Counts subset_edns_512{1, 22, 29, 29, 19, 0};
constexpr Counts subset_edns_512_then_tcp{1, 22, 29, 29, 19, 12};
constexpr Counts subset_1232{1, 22, 60, 74, 22, 0};
constexpr Counts subset_1232_then_tcp{1, 22, 60, 74, 22, 12};

constexpr Counts addresses_of(Counts counts) {
    counts.back() = not_asked;
    return counts;
}

// A client that gives up at TC, or never looks at it, lives with what one datagram holds; one that asks again over
// TCP loses nothing but time, unless TC itself is lost.
std::vector<ClientMode> make_modes() {
    const std::string musl = UNCUT_BUILD "/fixtures/resolve_musl_";
    const std::vector<std::string> dig{"dig", "+time=10", "+tries=1"};
    const std::vector<std::string> kdig{"kdig", "+time=10", "+retry=0"};
    const auto with = [](std::vector<std::string> command, std::initializer_list<const char*> more) {
        command.insert(command.end(), more.begin(), more.end());
        command.insert(command.end(), {"{name}", "{type}"});
        return command;
    };
    std::vector<ClientMode> modes{
        {"dig", "UDP, no TCP", with(dig, {"+noedns", "+ignore"}), {}, within_512, within_512, subset_512, 0, 0},
        {"dig", "UDP", with(dig, {"+noedns"}), {}, all, all, subset_512_then_tcp, 0, 22},
        {"dig",
         "EDNS 512, no TCP",
         with(dig, {"+bufsize=512", "+ignore"}),
         {},
         within_512,
         within_512,
         subset_edns_512,
         0,
         0},
        {"dig",
         "EDNS 1232, no TCP",
         with(dig, {"+bufsize=1232", "+ignore"}),
         {},
         within_512,
         within_1232,
         subset_1232,
         0,
         22},
        {"dig",
         "EDNS 4096, no TCP",
         with(dig, {"+bufsize=4096", "+ignore"}),
         {},
         within_512,
         within_1232,
         subset_1232,
         0,
         22},
        {"dig", "EDNS 512", with(dig, {"+bufsize=512"}), {}, all, all, subset_edns_512_then_tcp, 0, 22},
        {"dig", "EDNS 1232", with(dig, {"+bufsize=1232"}), {}, all, all, subset_1232_then_tcp, 0, 22},
        {"dig", "EDNS 4096", with(dig, {"+bufsize=4096"}), {}, all, all, subset_1232_then_tcp, 0, 22},
        {"dig", "TCP", with(dig, {"+tcp"}), {}, all, all, all, 22, 22},
        {"dig", "TCP, no EDNS", with(dig, {"+tcp", "+noedns"}), {}, all, all, all, 22, 22},

        {"kdig", "UDP, no TCP", with(kdig, {"+ignore"}), {}, within_512, within_512, subset_512, 0, 0},
        {"kdig", "UDP", with(kdig, {}), {}, all, all, subset_512_then_tcp, 0, 22},
        {"kdig",
         "EDNS 512, no TCP",
         with(kdig, {"+bufsize=512", "+ignore"}),
         {},
         within_512,
         within_512,
         subset_edns_512,
         0,
         0},
        {"kdig",
         "EDNS 1232, no TCP",
         with(kdig, {"+bufsize=1232", "+ignore"}),
         {},
         within_512,
         within_1232,
         subset_1232,
         0,
         22},
        {"kdig",
         "EDNS 4096, no TCP",
         with(kdig, {"+bufsize=4096", "+ignore"}),
         {},
         within_512,
         within_1232,
         subset_1232,
         0,
         22},
        {"kdig", "EDNS 1232", with(kdig, {"+bufsize=1232"}), {}, all, all, subset_1232_then_tcp, 0, 22},
        {"kdig", "TCP", with(kdig, {"+tcp"}), {}, all, all, all, 22, 22},

        {"drill", "UDP, no TCP", with({"drill"}, {}), {}, within_512, within_512, subset_512, 0, 0},
        {"drill",
         "EDNS 1232, no TCP",
         with({"drill"}, {"-b", "1232"}),
         {},
         within_512,
         within_1232,
         subset_1232,
         0,
         22},
        {"drill",
         "EDNS 4096, no TCP",
         with({"drill"}, {"-b", "4096"}),
         {},
         within_512,
         within_1232,
         subset_1232,
         0,
         22},
        {"drill", "UDP", with({"drill"}, {"-a"}), {}, all, all, subset_512_then_tcp, 0, 22},
        {"drill", "TCP", with({"drill"}, {"-t"}), {}, all, all, all, 22, 22},

        {"host", "UDP", {"host", "-W", "10", "-t", "{type}", "{name}"}, {}, all, all, subset_512_then_tcp, 0, 22},
        {"host", "TCP", {"host", "-W", "10", "-T", "-t", "{type}", "{name}"}, {}, all, all, all, 22, 22},

        {"nslookup",
         "UDP",
         {"nslookup", "-timeout=10", "-type={type}", "{name}"},
         {},
         all,
         all,
         subset_512_then_tcp,
         0,
         22},
        {"nslookup", "TCP", {"nslookup", "-timeout=10", "-vc", "-type={type}", "{name}"}, {}, all, all, all, 22, 22},

        {"busybox",
         "nslookup, no TCP",
         {"busybox", "nslookup", "-type={type}", "{name}"},
         {},
         within_512,
         within_512,
         subset_512,
         0,
         0},
    };
    const auto add = [&](std::string_view client, std::string_view mode, std::vector<std::string> command,
                         std::vector<std::string> environment, Counts before, Counts after, Counts subset,
                         int dangling_before, int dangling_after) {
        modes.push_back({client, mode, std::move(command), std::move(environment), addresses_of(before),
                         addresses_of(after), addresses_of(subset), dangling_before, dangling_after});
    };
    add("busybox", "nslookup of all addresses, no TCP", {"busybox", "nslookup", "{name}"}, {}, within_512, within_512,
        subset_512, 0, 0);
    for (const char* database : {"ahostsv4", "ahosts", "hosts"}) {
        add("getent", database, {"getent", database, "{name}"}, {}, all, all, subset_512_then_tcp, 0, 22);
    }
    add("getent", "ahostsv4, EDNS 1200", {"getent", "ahostsv4", "{name}"}, {"RES_OPTIONS=edns0"}, all, all,
        {1, 22, 60, 72, 22, 0}, 0, 22);
    add("getent", "ahostsv4, one at a time", {"getent", "ahostsv4", "{name}"}, {"RES_OPTIONS=single-request"}, all, all,
        subset_512_then_tcp, 0, 22);
    add("getent", "ahostsv4, TCP", {"getent", "ahostsv4", "{name}"}, {"RES_OPTIONS=use-vc"}, all, all, all, 22, 22);
    // musl 1.2.3 knows no TCP and takes 48 addresses at most.
    for (const char* linkage : {"static", "dynamic"}) {
        add("musl", linkage, {musl + linkage, "{name}"}, {}, within_512, within_512, subset_512, 0, 0);
    }
    return modes;
}

std::string replace(std::string text, std::string_view what, std::string_view by) {
    const auto at = text.find(what);
    return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

}  // namespace

std::span<const ClientMode> client_modes() {
    static const std::vector<ClientMode> modes = make_modes();
    return modes;
}

std::set<std::string> client_programs() {
    std::set<std::string> programs;
    for (const auto& mode : client_modes()) programs.insert(mode.command.front());
    return programs;
}

Asked ask(const ClientMode& mode, const StoryName& name, const Namespace& where) {
    std::vector<std::string> command;
    for (const auto& word : mode.command) {
        command.push_back(replace(replace(word, "{name}", name.name()), "{type}", name.type == type_txt ? "txt" : "a"));
    }
    ProcessOptions options;
    options.network_namespace = where.name();
    options.environment = mode.environment;
    const Ended ended = run(command, options);
    static const std::regex address(R"(\b10\.\d+\.\d+\.\d+\b)");
    static const std::regex text(R"(\d{3}xxx)");
    const std::regex& form = name.type == type_txt ? text : address;
    std::set<std::string> found;
    for (std::sregex_iterator i(ended.out.begin(), ended.out.end(), form), end; i != end; ++i) found.insert(i->str());
    return {&mode, &name, static_cast<int>(found.size()), ended.out + ended.err};
}

std::vector<Asked> ask_all(const Namespace& where,
                           const std::function<bool(const ClientMode&, const StoryName&)>& wanted) {
    std::vector<Asked> asked;
    for (const auto& mode : client_modes()) {
        for (const auto& name : story_names) {
            if (wanted(mode, name)) asked.push_back({&mode, &name, 0, ""});
        }
    }
    // To enter a namespace is mostly waiting: several at a time.
    constexpr int workers_count = 6;
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < workers_count; ++i) {
        workers.emplace_back([&] {
            for (std::size_t at = next++; at < asked.size(); at = next++) {
                try {
                    asked[at] = ask(*asked[at].mode, *asked[at].name, where);
                } catch (const std::exception& error) {
                    asked[at].count = not_asked;
                    asked[at].output = error.what();
                }
            }
        });
    }
    for (auto& worker : workers) worker.join();
    return asked;
}

}  // namespace uncut::test
