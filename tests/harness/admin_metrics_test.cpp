// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include <uncut_paths.hpp>

#include "harness/admin/metrics.hpp"
#include "harness/host/instance.hpp"
#include "harness/host/module.hpp"
#include "tests/harness/exposition.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;

namespace {

const Module& module() {
    static const auto opened = Module::open(UNCUT_SO);
    INFO((opened ? std::string() : opened.error()));
    REQUIRE(opened);
    return *opened;
}

/// Every counter of the ABI with a value of its own.
std::vector<ModuleCounter> numbered_counters() {
    const auto instance = Instance::create(module());
    REQUIRE(instance);
    std::vector<ModuleCounter> counters = read_module_counters(module().table(), instance->get());
    std::uint64_t value = 100;
    for (ModuleCounter& counter : counters) counter.value = value++;
    return counters;
}

Metrics two_servers() {
    Metrics metrics{.harness_version = "1.2.3", .module_version = "4.5.6", .abi = "0.2", .servers = {}, .program = {}};
    for (const char* name : {"uncut", "before"}) {
        ServerMetrics server{name, numbered_counters(), {}};
        server.counters.queries_udp = 7;
        server.counters.queries_tcp = 5;
        server.counters.in_flight = 2;
        server.counters.count(DropCause::client_gone, 3);
        server.counters.count(RefusalCause::total_cap);
        server.counters.responses_udp.observe(512, 1'500);
        server.counters.responses_udp.observe(65'535, 9'000'000);
        metrics.servers.push_back(std::move(server));
    }
    return metrics;
}

std::string refusal_of(std::string_view text) {
    try {
        parse_exposition(text);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("metrics: the parser of these tests refuses what the format refuses", "[metrics]") {
    CHECK(refusal_of("# HELP a b\n# TYPE a counter\na{x=\"y\\n\\\"\\\\\"} 1\n").empty());
    for (const char* bad :
         {"a 1\n", "# HELP a b\na 1\n", "# HELP a b\n# TYPE a meter\n", "# HELP a b\n# TYPE a counter\na 1",
          "# HELP a b\n# TYPE a counter\na{x=\"y} 1\n", "# HELP a b\n# TYPE a counter\na{x=\"\\y\"} 1\n",
          "# HELP a b\n# TYPE a counter\na{1=\"y\"} 1\n", "# HELP a b\n# TYPE a counter\nb 1\n",
          "# HELP a b\n# TYPE a counter\na 1\na 2\n", "# HELP a b\n# TYPE a counter\na one\n",
          "# HELP a b\n# TYPE a counter\n# HELP a b\n", "# HELP a b\n# TYPE a counter\na{x=\"1\",x=\"2\"} 1\n", "\n"}) {
        INFO(bad);
        CHECK_FALSE(refusal_of(bad).empty());
    }
}

TEST_CASE("metrics: every counter of the ABI is there, of each server, with its cause", "[metrics]") {
    const Metrics metrics = two_servers();
    const Exposition page = parse_exposition(render_metrics(metrics));
    REQUIRE(metrics.servers[0].module.size() > 40);
    for (const ServerMetrics& server : metrics.servers) {
        for (const ModuleCounter& counter : server.module) {
            INFO(counter.name << ' ' << counter.cause);
            const std::string name = "uncut_" + counter.name + "_total";
            std::map<std::string, std::string> labels{{"server", server.server}};
            if (!counter.cause.empty()) labels["cause"] = counter.cause;
            CHECK(page.sum(name, labels) == static_cast<double>(counter.value));
            CHECK(page.types.at(name) == "counter");
            CHECK(page.helps.at(name) == counter.help);
        }
    }
}

TEST_CASE("metrics: what a server counts", "[metrics]") {
    const Exposition page = parse_exposition(render_metrics(two_servers()));
    CHECK(page.sum("uncut_server_queries_total") == 24);
    CHECK(page.sum("uncut_server_queries_total", {{"server", "before"}, {"transport", "tcp"}}) == 5);
    CHECK(page.sum("uncut_server_dropped_total", {{"server", "uncut"}, {"cause", "client_gone"}}) == 3);
    CHECK(page.sum("uncut_server_dropped_total", {{"server", "uncut"}}) == 3);
    CHECK(page.sum("uncut_server_connections_refused_total", {{"cause", "total_cap"}}) == 2);
    CHECK(page.sum("uncut_server_in_flight", {{"server", "uncut"}}) == 2);
    CHECK(page.types.at("uncut_server_in_flight") == "gauge");
    CHECK(page.sum("uncut_build_info", {{"harness", "1.2.3"}, {"module", "4.5.6"}, {"abi", "0.2"}}) == 1);
}

TEST_CASE("metrics: histograms accumulate, and end at infinity", "[metrics]") {
    const Exposition page = parse_exposition(render_metrics(two_servers()));
    const auto bucket = [&page](const std::string& name, const std::string& bound) {
        return page.sum(name + "_bucket", {{"server", "uncut"}, {"transport", "udp"}, {"le", bound}});
    };
    CHECK(page.types.at("uncut_server_response_octets") == "histogram");
    CHECK(bucket("uncut_server_response_octets", "256") == 0);
    CHECK(bucket("uncut_server_response_octets", "512") == 1);
    CHECK(bucket("uncut_server_response_octets", "16384") == 1);
    CHECK(bucket("uncut_server_response_octets", "65535") == 2);
    CHECK(bucket("uncut_server_response_octets", "+Inf") == 2);
    CHECK(bucket("uncut_server_latency_seconds", "5") == 1);
    CHECK(bucket("uncut_server_latency_seconds", "+Inf") == 2);
    const std::map<std::string, std::string> udp{{"server", "uncut"}, {"transport", "udp"}};
    CHECK(page.sum("uncut_server_response_octets_count", udp) == 2);
    CHECK(page.sum("uncut_server_response_octets_sum", udp) == 66'047);
    CHECK(std::abs(page.sum("uncut_server_latency_seconds_sum", udp) - 9.0015) < 1e-9);
    std::size_t latency_bounds = 0;
    for (const Sample& sample : page.samples) {
        const bool wanted =
            sample.name == "uncut_server_latency_seconds_bucket" && sample.labels.at("server") == "uncut";
        latency_bounds += wanted && sample.labels.at("transport") == "udp" ? 1 : 0;
    }
    CHECK(latency_bounds == latency_us_bounds.size() + 1);
}

TEST_CASE("metrics: names and texts of anybody are no danger to the page", "[metrics]") {
    Metrics metrics{.harness_version = "a\"b\\c\nd\xFF", .module_version = "", .abi = "", .servers = {}, .program = {}};
    metrics.servers.push_back({"s\n", {{"odd name", "", "", 1}, {"good", "c\"", "two\nlines \\", 2}}, {}});
    metrics.program = {{"journal_exchanges", "kept", false, 12}, {"journal", "written down", true, 34}};
    const Exposition page = parse_exposition(render_metrics(metrics));
    CHECK(page.sum("uncut_build_info", {{"harness", "a\"b\\c\nd\xEF\xBF\xBD"}}) == 1);
    CHECK(page.sum("uncut_good_total", {{"server", "s\n"}, {"cause", "c\""}}) == 2);
    CHECK(page.helps.at("uncut_good_total") == "two\\nlines \\\\");
    CHECK_FALSE(page.types.contains("uncut_odd name_total"));
    CHECK(page.sum("uncut_journal_exchanges") == 12);
    CHECK(page.sum("uncut_journal_total") == 34);
}

TEST_CASE("metrics: the resource", "[metrics]") {
    Router router;
    add_metrics_resources(router, [] { return two_servers(); });
    const HttpRequest request{"GET", "/metrics", {}, ""};
    const auto found = router.find(request);
    REQUIRE(found);
    const HttpResponse response = found->route->handle(request, found->parameters);
    CHECK(response.status == 200);
    CHECK(response.content_type == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(parse_exposition(response.body).samples.size() > 100);
}
