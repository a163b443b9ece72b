// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/config.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/support/catch.hpp"

using namespace uncut::harness;

namespace {

struct Bad {
    std::string text;
    std::string error;  // the whole of it, behind "f.json: "
};

std::string repeated(std::string_view item, std::size_t count) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + std::string(item);
    return text + "]";
}

const std::string top_keys =
    "one of the keys dns, upstreams, admin, module, preset, admin_token_file, threads, allow, instance, policies, "
    "server, engine, journal";

/// A file with this text, gone at the end.
class TemporaryFile {
  public:
    explicit TemporaryFile(std::string_view text) {
        const int fd = ::mkstemp(path_.data());
        REQUIRE(fd >= 0);
        ::close(fd);
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~TemporaryFile() { ::unlink(path_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_ = "/tmp/uncut-config-XXXXXX";
};

}  // namespace

TEST_CASE("config: everything that a file may say", "[config]") {
    const auto config = parse_config(R"({
        "dns": ["127.0.0.1:5300", "[::1]:0"],
        "upstreams": ["192.0.2.1", "192.0.2.2:5301", "2001:db8::1", "[2001:db8::2]:5302"],
        "admin": "127.0.0.1:8053",
        "admin_token_file": "/run/token",
        "module": "lib/libuncut.so",
        "threads": 2,
        "preset": "coredns-prefer-udp",
        "allow": ["192.0.2.0/24", "2001:db8::/32"],
        "instance": {"learned_max_names": 0, "tcp_holdoff_ms": 600000},
        "policies": {"default": {"client_bufsize": 1400}, "Cluster.Local.": {"suspect": []}},
        "server": {"connections_max": 100, "connections_per_client_max": 10, "waiting_per_connection_max": 20,
                   "idle_timeout_ms": 5000},
        "engine": {"letter_case": true, "in_flight_max": 1000, "udp_sockets": 64, "udp_queries_per_socket": 100,
                   "udp_socket_age_max_ms": 1000, "tcp_connections_max": 2, "tcp_pipeline_max": 50,
                   "tcp_idle_ms": 10000, "tcp_waiters_max": 8}
    })",
                                     "f.json");
    REQUIRE(config);
    REQUIRE(config->dns.size() == 2);
    CHECK(config->dns[0].text() == "127.0.0.1:5300");
    CHECK(config->dns[1].text() == "[::1]:0");
    REQUIRE(config->upstreams.size() == 4);
    CHECK(config->upstreams[0].text() == "192.0.2.1:53");
    CHECK(config->upstreams[1].text() == "192.0.2.2:5301");
    CHECK(config->upstreams[2].text() == "[2001:db8::1]:53");
    CHECK(config->upstreams[3].text() == "[2001:db8::2]:5302");
    REQUIRE(config->admin);
    CHECK(config->admin->text() == "127.0.0.1:8053");
    CHECK(config->admin_token_file == "/run/token");
    CHECK(config->module == "lib/libuncut.so");
    CHECK(config->threads == 2U);
    CHECK(config->preset == "coredns-prefer-udp");
    REQUIRE(config->allow.size() == 2);
    CHECK(config->allow[1].text() == "2001:db8::/32");
    CHECK(config->policies.size() == 2);
    CHECK(config->policies.contains("cluster.local"));
    CHECK(config->server.connections_max == 100U);
    CHECK(config->server.connections_per_client_max == 10U);
    CHECK(config->server.waiting_per_connection_max == 20U);
    CHECK(config->server.idle_timeout_ms == 5000U);

    uncut_engine_config engine{};
    config->engine.apply_to(engine);
    CHECK(engine.letter_case == 1);
    CHECK(engine.in_flight_max == 1000);
    CHECK(engine.udp_sockets == 64);
    CHECK(engine.udp_queries_per_socket == 100);
    CHECK(engine.udp_socket_age_max_ms == 1000);
    CHECK(engine.tcp_connections_max == 2);
    CHECK(engine.tcp_pipeline_max == 50);
    CHECK(engine.tcp_idle_ms == 10000);
    CHECK(engine.tcp_waiters_max == 8);

    uncut_instance_config instance{};
    config->instance.apply_to(instance);
    CHECK(instance.learned_max_names == 0);
    CHECK(instance.tcp_holdoff_ms == 600000);
}

TEST_CASE("config: what the file leaves out keeps its default", "[config]") {
    const auto config = parse_config("{}", "f.json");
    REQUIRE(config);
    CHECK(config->dns.empty());
    CHECK_FALSE(config->admin);
    uncut_engine_config engine{};
    engine.in_flight_max = 17;
    engine.letter_case = 0;
    config->engine.apply_to(engine);
    CHECK(engine.in_flight_max == 17);
    CHECK(engine.letter_case == 0);
    uncut_instance_config instance{};
    config->instance.apply_to(instance);
    CHECK(instance.learned_max_names == 65536);
    CHECK(instance.tcp_holdoff_ms == 2000);
}

TEST_CASE("config: every error names the pointer and what was expected", "[config]") {
    const std::string dns = "an array of 1 to 64 strings, each \"ADDR:PORT\"";
    const std::string upstreams = "an array of 1 to 16 strings, each \"ADDR\" or \"ADDR:PORT\", port 1 to 65535";
    const std::string upstream = "\"ADDR\" or \"ADDR:PORT\", port 1 to 65535";
    const std::vector<Bad> rows = {
        {"[]", "the document: expected an object, got []"},
        {"5", "the document: expected an object, got 5"},
        {R"({"upstream": []})", "/upstream: expected " + top_keys + ", got the unknown key \"upstream\""},
        {R"({"a/b": 1})", "/a~1b: expected " + top_keys + ", got the unknown key \"a/b\""},

        {R"({"dns": "127.0.0.1:53"})", "/dns: expected " + dns + ", got \"127.0.0.1:53\""},
        {R"({"dns": []})", "/dns: expected " + dns + ", got 0 of them"},
        {"{\"dns\": " + repeated("\"127.0.0.1:0\"", 65) + "}", "/dns: expected " + dns + ", got 65 of them"},
        {R"({"dns": [53]})", "/dns/0: expected \"ADDR:PORT\", got 53"},
        {R"({"dns": ["127.0.0.1:53", "localhost:53"]})", "/dns/1: expected \"ADDR:PORT\", got \"localhost:53\": "},
        {R"({"dns": ["127.0.0.1"]})", "/dns/0: expected \"ADDR:PORT\", got \"127.0.0.1\": "},
        {R"({"dns": ["127.0.0.1:65536"]})", "/dns/0: expected \"ADDR:PORT\", got \"127.0.0.1:65536\": "},
        {R"({"dns": ["127.0.0.1:-1"]})", "/dns/0: expected \"ADDR:PORT\", got \"127.0.0.1:-1\": "},

        {R"({"upstreams": []})", "/upstreams: expected " + upstreams + ", got 0 of them"},
        {"{\"upstreams\": " + repeated("\"127.0.0.1\"", 17) + "}",
         "/upstreams: expected " + upstreams + ", got 17 of them"},
        {R"({"upstreams": ["127.0.0.1:0"]})",
         "/upstreams/0: expected " + upstream + ", got \"127.0.0.1:0\": nobody can be asked at port 0"},
        {R"({"upstreams": ["1.2.3"]})", "/upstreams/0: expected " + upstream + ", got \"1.2.3\": "},
        {R"({"upstreams": [null]})", "/upstreams/0: expected " + upstream + ", got null"},

        {R"({"admin": 8053})", "/admin: expected \"ADDR:PORT\", got 8053"},
        {R"({"admin": "127.0.0.1"})", "/admin: expected \"ADDR:PORT\", got \"127.0.0.1\": "},
        {R"({"admin_token_file": ""})", "/admin_token_file: expected the path of a file, got \"\""},
        {R"({"module": 1})", "/module: expected the path of a module, got 1"},
        {R"({"module": "a\u0000b"})", "/module: expected the path of a module, got \"a\\u0000b\""},
        {R"({"preset": ["default"]})", "/preset: expected the name of a preset, got [\"default\"]"},
        {R"({"threads": 0})", "/threads: expected an integer from 1 to 256, got 0"},
        {R"({"threads": 257})", "/threads: expected an integer from 1 to 256, got 257"},
        {R"({"threads": "2"})", "/threads: expected an integer from 1 to 256, got \"2\""},
        {R"({"allow": ["192.0.2.0/33"]})", "/allow/0: expected \"ADDR/BITS\", got \"192.0.2.0/33\": "},
        {R"({"allow": {}})", "/allow: expected an array of 0 to 1024 strings, each \"ADDR/BITS\", got {}"},

        {R"({"instance": 1})", "/instance: expected an object, got 1"},
        {R"({"instance": {"learned_max_names": 1048577}})",
         "/instance/learned_max_names: expected an integer from 0 to 1048576, got 1048577"},
        {R"({"instance": {"tcp_holdoff_ms": -1}})",
         "/instance/tcp_holdoff_ms: expected an integer from 0 to 600000, got -1"},
        {R"({"instance": {"secret": 1}})",
         "/instance/secret: expected one of the keys learned_max_names, tcp_holdoff_ms, got the unknown key "
         "\"secret\""},

        {R"({"policies": []})", "/policies: expected an object with a policy for each zone, got []"},
        {R"({"policies": {"default": {"upstream_bufsize": 100}}})",
         "/policies/default/upstream_bufsize: expected an integer from 512 to 4096, got 100"},
        {R"({"policies": {"a": {}, "A.": {}}})",
         "/policies/A.: expected each zone only once, got another spelling of \"a\""},

        {R"({"server": {"connections_max": 0}})",
         "/server/connections_max: expected an integer from 1 to 1048576, got 0"},
        {R"({"server": {"connections_per_client_max": 1048577}})",
         "/server/connections_per_client_max: expected an integer from 1 to 1048576, got 1048577"},
        {R"({"server": {"waiting_per_connection_max": 4097}})",
         "/server/waiting_per_connection_max: expected an integer from 1 to 4096, got 4097"},
        {R"({"server": {"idle_timeout_ms": true}})",
         "/server/idle_timeout_ms: expected an integer from 1 to 3600000, got true"},
        {R"({"server": {"idle_timeout_s": 1}})",
         "/server/idle_timeout_s: expected one of the keys connections_max, connections_per_client_max, "
         "waiting_per_connection_max, idle_timeout_ms, got the unknown key \"idle_timeout_s\""},

        {R"({"engine": {"letter_case": 1}})", "/engine/letter_case: expected true or false, got 1"},
        {R"({"engine": {"in_flight_max": 65537}})",
         "/engine/in_flight_max: expected an integer from 1 to 65536, got 65537"},
        {R"({"engine": {"udp_sockets": 1025}})", "/engine/udp_sockets: expected an integer from 1 to 1024, got 1025"},
        {R"({"engine": {"udp_queries_per_socket": 0}})",
         "/engine/udp_queries_per_socket: expected an integer from 1 to 65536, got 0"},
        {R"({"engine": {"udp_socket_age_max_ms": 3600001}})",
         "/engine/udp_socket_age_max_ms: expected an integer from 1 to 3600000, got 3600001"},
        {R"({"engine": {"tcp_connections_max": 65}})",
         "/engine/tcp_connections_max: expected an integer from 1 to 64, got 65"},
        {R"({"engine": {"tcp_pipeline_max": 0}})",
         "/engine/tcp_pipeline_max: expected an integer from 1 to 4096, got 0"},
        {R"({"engine": {"tcp_idle_ms": 600001}})",
         "/engine/tcp_idle_ms: expected an integer from 1 to 600000, got 600001"},
        {R"({"engine": {"tcp_waiters_max": 4097}})",
         "/engine/tcp_waiters_max: expected an integer from 1 to 4096, got 4097"},
    };
    for (const Bad& row : rows) {
        INFO(row.text);
        const auto config = parse_config(row.text, "f.json");
        REQUIRE_FALSE(config);
        INFO(config.error());
        // Where the row ends in ": " the address parser's own words follow.
        if (row.error.ends_with(": ")) {
            CHECK(config.error().starts_with("f.json: " + row.error));
        } else {
            CHECK(config.error() == "f.json: " + row.error);
        }
    }
}

TEST_CASE("config: text that is no JSON gives line and column", "[config]") {
    const std::vector<Bad> rows = {
        {"", "line 1, column 1: the text ends early"},
        {"{\n  \"threads\": 2,\n  threads\n}", "line 3, column 3: "},
        {"{\"threads\": 2", "line 1, column 14: the text ends early"},
        {"{} x", "line 1, column 4: "},
        {"{\"threads\": 2,}", "line 1, column 15: "},
        {"{\"module\": \"\xFF\"}", "line 1, column 13: "},
        {std::string(100, '['), "line 1, column 33: "},
    };
    for (const Bad& row : rows) {
        INFO(row.text);
        const auto config = parse_config(row.text, "f.json");
        REQUIRE_FALSE(config);
        INFO(config.error());
        CHECK(config.error().starts_with("f.json: " + row.error));
        CHECK(config.error().size() > ("f.json: " + row.error).size() - 2);
    }
}

TEST_CASE("config: a key that occurs twice is an error, at any depth", "[config]") {
    const auto error_of = [](std::string_view text) {
        const auto config = parse_config(text, "f.json");
        return config ? std::string("none") : config.error();
    };
    CHECK(error_of(R"({"threads": 1, "threads": 2})") == "f.json: line 1, column 24: the key /threads occurs twice");
    CHECK(error_of("{\"policies\": {\"a\": {\"fit\": \"fill\",\n\"fit\": \"fill\"}}}") ==
          "f.json: line 2, column 5: the key /policies/a/fit occurs twice");
    // The same key, written with an escape.
    CHECK(error_of(R"({"threads": 1, "thre\u0061ds": 2})").find("/threads occurs twice") != std::string::npos);
    // Not twice: in different objects.
    CHECK(error_of(R"({"policies": {"a": {"fit": "fill"}, "b": {"fit": "fill"}}})") == "none");
    CHECK(error_of(R"({"dns": [{"a": 1}, {"a": 1}]})") == "f.json: /dns/0: expected \"ADDR:PORT\", got {\"a\":1}");
}

TEST_CASE("config: files", "[config]") {
    const TemporaryFile good(R"({"threads": 3})");
    const auto config = load_config(good.path());
    REQUIRE(config);
    CHECK(config->threads == 3U);

    const TemporaryFile bad("{\"threads\": 0}");
    const auto wrong = load_config(bad.path());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error() == bad.path() + ": /threads: expected an integer from 1 to 256, got 0");

    const auto missing = load_config("/nonexistent/f.json");
    REQUIRE_FALSE(missing);
    CHECK(missing.error() == "/nonexistent/f.json: cannot be opened: No such file or directory");

    const auto directory = load_config("/tmp");
    REQUIRE_FALSE(directory);
    CHECK(directory.error().starts_with("/tmp: cannot be read"));

    const TemporaryFile large("{}" + std::string(config_octets_max - 1, ' '));
    const auto too_large = load_config(large.path());
    REQUIRE_FALSE(too_large);
    CHECK(too_large.error() == large.path() + ": expected at most 4194304 octets");
    const TemporaryFile largest("{}" + std::string(config_octets_max - 2, ' '));
    CHECK(load_config(largest.path()));
}
