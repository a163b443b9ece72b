// SPDX-License-Identifier: Apache-2.0
// How fast the pure functions are, beside a bare walk, ldns and glibc, all in one run. Ratios are what counts: exit
// status 1 when one misses its bound, 2 when nothing could be measured.
// Options: --module PATH, --json; the rest are Google Benchmark's.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>

#include "bench/parse/messages.hpp"
#include "bench/parse/module.hpp"
#include "bench/parse/peers.hpp"
#include "bench/parse/report.hpp"
#include "bench/parse/walk.hpp"
#include "bench/parse/worst.hpp"

namespace uncut::bench {
namespace {

struct Options {
    std::string module = UNCUT_SO;
    bool json = false;
    // Many short repetitions, interleaved at random: a moment's noise falls on all alike, and each finds a quiet one.
    std::vector<std::string> arguments = {"bench_parse", "--benchmark_enable_random_interleaving=true",
                                          "--benchmark_repetitions=41", "--benchmark_min_time=0.005"};
};

constexpr std::uint32_t fit_limit = 1232;

class Suite {
  public:
    explicit Suite(const uncut_module& module) : module_(module) {}

    const std::map<std::string, std::size_t>& octets() const { return octets_; }
    const std::vector<Requirement>& requirements() const { return requirements_; }

    // Lasts as long as the suite: benchmarks refer to what it keeps.
    const Message& keep(Message message) { return *kept_.emplace_back(std::make_unique<Message>(std::move(message))); }

    void ordinary();
    void clamping();
    void fitting();
    void linear();
    void hostile();

  private:
    template <class Body>
    void add(const std::string& name, std::size_t octets, Body body) {
        octets_[name] = octets;
        benchmark::RegisterBenchmark(name.c_str(), [body](benchmark::State& state) mutable {
            for (auto _ : state) body();
        });
    }

    uncut_status inspect_once(const Message& message) const;
    void add_inspect(const std::string& name, const Message& message);
    void add_fit(const std::string& name, const Message& message, std::uint32_t mode, std::uint32_t limit,
                 std::uint32_t expected_action);
    void add_beside(const std::string& name, const Message& message);

    const uncut_module& module_;
    std::vector<std::unique_ptr<Message>> kept_;
    std::map<std::string, std::size_t> octets_;
    std::vector<Requirement> requirements_;
};

// A benchmark of a message that is not what it should be measures nothing.
void insist(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

uncut_message_info new_info() {
    uncut_message_info info{};
    info.size = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
    return info;
}

uncut_status Suite::inspect_once(const Message& message) const {
    uncut_message_info info = new_info();
    return module_.inspect(message.data(), message.size(), &info);
}

void Suite::add_inspect(const std::string& name, const Message& message) {
    add("inspect/" + name, message.size(),
        [inspect = module_.inspect, data = message.data(), size = message.size(), info = new_info()]() mutable {
            benchmark::DoNotOptimize(inspect(data, size, &info));
            benchmark::ClobberMemory();
        });
}

// The module, the yardstick and the peers on one message.
void Suite::add_beside(const std::string& name, const Message& message) {
    Walked walked;
    insist(inspect_once(message) == UNCUT_OK, name + ": inspect refuses it");
    insist(walk(message.data(), message.size(), walked), name + ": the walk refuses it");
    insist(read_with_ldns(message.data(), message.size()), name + ": ldns refuses it");
    insist(read_with_glibc(message.data(), message.size()), name + ": glibc refuses it");
    add_inspect(name, message);
    add("walk/" + name, message.size(), [data = message.data(), size = message.size(), result = Walked{}]() mutable {
        benchmark::DoNotOptimize(walk(data, size, result));
        benchmark::ClobberMemory();
    });
    add("ldns/" + name, message.size(),
        [&message] { benchmark::DoNotOptimize(read_with_ldns(message.data(), message.size())); });
    add("glibc/" + name, message.size(),
        [&message] { benchmark::DoNotOptimize(read_with_glibc(message.data(), message.size())); });
}

void Suite::ordinary() {
    struct Case {
        const char* name;
        const char* what;
        Message message;
        std::size_t octets;
        double walk_max, ldns_min, glibc_min;  // 0: nothing is required
    };
    const Case cases[] = {
        {"a", "(a) 22 A and OPT", response_22(), 392, 2.0, 25, 5},
        {"b", "(b) 200 A", response_200(), 3296, 2.0, 25, 5},
        {"c", "(c) CNAME chain, TC", cname_chain(), 512, 3.0, 25, 5},
        {"d", "(d) query with OPT", query_with_opt(), 52, 0, 15, 0},
    };
    for (const Case& one : cases) {
        insist(one.message.size() == one.octets, std::string(one.name) + " has " + std::to_string(one.message.size()) +
                                                     " octets, not " + std::to_string(one.octets));
        add_beside(one.name, keep(one.message));
        const std::string mine = std::string("inspect/") + one.name;
        const std::string what = std::string(": inspect of ") + one.what;
        if (one.walk_max != 0)
            requirements_.push_back({"inspect of " + std::string(one.what) + " : bare walk", mine,
                                     std::string("walk/") + one.name, Bound::at_most, one.walk_max});
        if (one.ldns_min != 0)
            requirements_.push_back(
                {"ldns_wire2pkt" + what, std::string("ldns/") + one.name, mine, Bound::at_least, one.ldns_min});
        if (one.glibc_min != 0)
            requirements_.push_back({"ns_initparse and ns_parserr" + what, std::string("glibc/") + one.name, mine,
                                     Bound::at_least, one.glibc_min});
    }
}

// In place; the size that the query advertises is set back each time, so that each call lowers it. It is set back in
// one store: two would make whoever reads both octets wait.
void Suite::clamping() {
    Message query = query_with_opt();
    const std::size_t size_offset = query.size() - 8;
    static constexpr std::array<std::uint8_t, 2> size_4096{4096 >> 8, 4096 & 0xff};
    const uncut_clamp_options options{UNCUT_STRUCT_SIZE(uncut_clamp_options, edns), 1232, UNCUT_EDNS_KEEP};
    uncut_clamp_result result{};
    result.size = UNCUT_STRUCT_SIZE(uncut_clamp_result, error_offset);
    const auto clamp = [this, query, size_offset, options, result]() mutable {
        std::memcpy(&query[size_offset], &size_4096, sizeof size_4096);
        benchmark::DoNotOptimize(
            module_.clamp(query.data(), query.size(), &options, query.data(), query.size(), &result));
        benchmark::ClobberMemory();
        return result.action;
    };
    insist(auto(clamp)() == UNCUT_CLAMP_LOWERED, "clamp does not lower the size of (d)");
    add("clamp_in_place/d", query.size(), clamp);
    requirements_.push_back(
        {"clamp in place of (d) : its inspect", "clamp_in_place/d", "inspect/d", Bound::at_most, 1.5});
}

void Suite::add_fit(const std::string& name, const Message& message, std::uint32_t mode, std::uint32_t limit,
                    std::uint32_t expected_action) {
    const uncut_fit_options options{UNCUT_STRUCT_SIZE(uncut_fit_options, rotate), limit, mode, 0};
    uncut_fit_result result{};
    result.size = UNCUT_STRUCT_SIZE(uncut_fit_result, rebuilt);
    Message out(message_octets_max);
    const auto fit = [this, &message, options, result, out]() mutable {
        benchmark::DoNotOptimize(
            module_.fit(message.data(), message.size(), &options, out.data(), out.size(), &result));
        benchmark::ClobberMemory();
        return result.action;
    };
    insist(auto(fit)() == expected_action, name + " does not do what it should");
    add(name, message.size(), fit);
}

void Suite::fitting() {
    const Message& message = keep(response_200());
    const std::pair<const char*, std::uint32_t> truncating[] = {
        {"rrset", UNCUT_FIT_RRSET}, {"fill", UNCUT_FIT_FILL}, {"empty", UNCUT_FIT_EMPTY}};
    for (const auto& [mode_name, mode] : truncating) {
        const std::string name = std::string("fit_") + mode_name + "/b";
        add_fit(name, message, mode, fit_limit, UNCUT_FIT_TRUNCATED);
        requirements_.push_back({std::string("truncating fit (") + mode_name + ") of (b) : its inspect", name,
                                 "inspect/b", Bound::at_most, 1.5});
    }
    add_fit("fit_subset/b", message, UNCUT_FIT_SUBSET, fit_limit, UNCUT_FIT_SUBSETTED);
}

void Suite::linear() {
    struct Shape {
        const char* name;
        Message (*make)(std::size_t);
    };
    for (const Shape& shape : {Shape{"rrset", plain_rrset}, Shape{"mixed", plain_mixed}}) {
        const Message& small = keep(shape.make(4096));
        const Message& large = keep(shape.make(message_octets_max));
        const std::string plain = std::string("plain_") + shape.name;
        insist(inspect_once(small) == UNCUT_OK && inspect_once(large) == UNCUT_OK, plain + ": inspect refuses it");
        const std::string small_name = plain + "_4K";
        const std::string large_name = plain + "_64K";
        add_inspect(small_name, small);
        add_inspect(large_name, large);
        add_fit("fit_fill/" + small_name, small, UNCUT_FIT_FILL, 2048, UNCUT_FIT_TRUNCATED);
        add_fit("fit_fill/" + large_name, large, UNCUT_FIT_FILL, 32768, UNCUT_FIT_TRUNCATED);
        for (const std::string call : {"inspect/", "fit_fill/"})
            requirements_.push_back({call + plain + ", an octet: 64 KiB : 4 KiB", call + large_name, call + small_name,
                                     Bound::at_most, 1.3, static_cast<double>(large.size()),
                                     static_cast<double>(small.size())});
    }
}

void Suite::hostile() {
    for (Hostile& one : hostile_messages()) {
        const Message& message = keep(std::move(one.message));
        const uncut_status status = inspect_once(message);
        const bool over_limit = status / 100 == 3;
        insist(status == UNCUT_OK || over_limit, one.name + ": inspect says " + module_.status_name(status));
        add_inspect(one.name, message);
        requirements_.push_back({"inspect of " + one.name + ", an octet : (b)'s", "inspect/" + one.name, "inspect/b",
                                 Bound::at_most, 4.0, static_cast<double>(message.size()), 3296,
                                 over_limit ? module_.status_name(status) : ""});
    }
}

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--json") == 0) {
            options.json = true;
        } else if (std::strcmp(argv[i], "--module") == 0 && i + 1 < argc) {
            options.module = argv[++i];
        } else {
            options.arguments.emplace_back(argv[i]);
        }
    }
    return options;
}

int run(int argc, char** argv) {
    Options options = read_options(argc, argv);
    std::vector<char*> arguments;
    for (std::string& argument : options.arguments) arguments.push_back(argument.data());
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;

    Suite suite(load_module(options.module));
    suite.ordinary();
    suite.clamping();
    suite.fitting();
    suite.linear();
    suite.hostile();
    Measurements measurements;
    insist(benchmark::RunSpecifiedBenchmarks(&measurements) != 0, "no benchmark ran");
    benchmark::Shutdown();
    return print_report(measurements, suite.octets(), suite.requirements(), options.json) ? 0 : 1;
}

}  // namespace
}  // namespace uncut::bench

int main(int argc, char** argv) {
    try {
        return uncut::bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_parse: %s\n", error.what());
        return 2;
    }
}
