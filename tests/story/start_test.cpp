// SPDX-License-Identifier: Apache-2.0
// How the program starts, refuses to start, and ends.
#include <fmt/format.h>
#include <uncut.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <stdexcept>

#include <uncut_paths.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

const std::string somewhere = "127.0.0.1:9";  // no query is sent there

std::vector<std::string> serve(std::vector<std::string> more) {
    std::vector<std::string> arguments{"serve", "--upstream", somewhere};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

// Exit 2, nothing on standard output, and one line that says what is wrong.
void check_refused(const std::vector<std::string>& arguments, std::initializer_list<std::string> says) {
    INFO(fmt::format("uncut {}", fmt::join(arguments, " ")));
    const Ended ended = run_uncut(arguments);
    INFO(ended.err);
    CHECK_FALSE(ended.timed_out);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK(std::ranges::count(ended.err, '\n') == 1);
    for (const auto& text : says) {
        INFO(text);
        CHECK(ended.err.contains(text));
    }
}

std::string fixture(std::string_view name) {
    return fmt::format("{}/fixtures/{}.so", UNCUT_BUILD, name);
}

const std::vector<std::string> any_dns{"--dns", "127.0.0.1:0"};

std::vector<std::string> with_module(const std::string& path) {
    return serve({"--dns", "127.0.0.1:0", "--module", path});
}

}  // namespace

TEST_CASE("a module that cannot be used is named in one line", "[story][start]") {
    const TempDir folder;
    const auto text = folder.write("text.so", "not a shared object\n");
    const auto missing = folder / "missing.so";
    check_refused(with_module(missing), {missing});
    check_refused(with_module(text), {text});
    check_refused(with_module(fixture("no_entry")), {fixture("no_entry"), "uncut_module_open"});
    check_refused(with_module(fixture("other_major")),
                  {fixture("other_major"), "7.3", fmt::format("{}.{}", UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR)});
    check_refused(with_module(folder.path().string()), {folder.path().string()});
}

TEST_CASE("a port in use is named in one line", "[story][start]") {
    SECTION("UDP") {
        const Socket taken = bind_socket({"127.0.0.1", 0}, SOCK_DGRAM);
        const auto text = local_endpoint(taken).text();
        check_refused(serve({"--dns", text}), {text, "in use"});
    }
    SECTION("TCP") {
        const Socket taken = bind_socket({"127.0.0.1", 0}, SOCK_STREAM);
        const auto text = local_endpoint(taken).text();
        check_refused(serve({"--dns", text}), {text, "in use"});
    }
    SECTION("the admin API's") {
        const Socket taken = bind_socket({"127.0.0.1", 0}, SOCK_STREAM);
        const auto text = local_endpoint(taken).text();
        check_refused(serve({"--dns", "127.0.0.1:0", "--admin", text}), {text, "in use"});
    }
    SECTION("any of the demo's") {
        const Socket taken = bind_socket({"127.0.0.1", 0}, SOCK_STREAM);
        const auto text = local_endpoint(taken).text();
        for (const char* option : {"--dns", "--before", "--upstream", "--admin"}) {
            std::vector<std::string> arguments{"demo"};
            for (const char* other : {"--dns", "--before", "--upstream", "--admin"}) {
                arguments.emplace_back(other);
                arguments.push_back(std::string_view(other) == option ? text : "127.0.0.1:0");
            }
            check_refused(arguments, {text, "in use"});
        }
    }
    SECTION("another Uncut's, with several threads each") {
        const UncutProgram first({"serve", "--upstream", somewhere, "--dns", "127.0.0.1:0", "--threads", "2"});
        const auto text = first.dns().text();
        check_refused(serve({"--dns", text, "--threads", "2"}), {text, "in use"});
    }
}

TEST_CASE("what the command line lacks or gets wrong is named", "[story][start]") {
    check_refused({"serve", "--dns", "127.0.0.1:0"}, {"upstream"});
    const auto itself = Endpoint{"127.0.0.1", free_port()}.text();
    check_refused({"serve", "--upstream", itself, "--dns", itself}, {itself});
    check_refused(serve({"--dns", "127.0.0.1"}), {"--dns", "127.0.0.1"});
    check_refused(serve({"--dns", "localhost:53"}), {"--dns", "localhost"});
    check_refused(serve({"--dns", "127.0.0.1:65536"}), {"--dns", "65536"});
    check_refused(serve({"--dns", "127.0.0.1:0", "--preset", "coredns"}), {"coredns"});
    check_refused(serve({"--dns", "127.0.0.1:0", "--threads", "0"}), {"threads"});
    check_refused(serve({"--dns", "0.0.0.0:0"}), {"--allow", "0.0.0.0"});
    check_refused(serve({"--dns", "[::]:0"}), {"--allow", "[::]"});
    check_refused(serve({"--dns", "0.0.0.0:0", "--allow", "127.0.0.0/33"}), {"--allow", "127.0.0.0/33"});
    for (const auto& wrong : {std::vector<std::string>{}, {"no-such-verb"}, {"serve", "--no-such-option"}}) {
        const Ended ended = run_uncut(wrong);
        CHECK(ended.code == 2);
        CHECK_FALSE(ended.err.empty());
    }
}

TEST_CASE("a config file's errors name the file, the JSON pointer and what was expected", "[story][start]") {
    const TempDir folder;
    struct Row {
        std::string text;
        std::string pointer;
    };
    const std::vector<Row> rows{
        {R"({"upstreams": ["127.0.0.1:53"], "dsn": []})", "/dsn"},
        {R"({"upstreams": "127.0.0.1:53"})", "/upstreams"},
        {R"({"upstreams": ["127.0.0.1:53", 7]})", "/upstreams/1"},
        {R"({"upstreams": ["127.0.0.1:53"], "threads": -1})", "/threads"},
        {R"({"upstreams": ["127.0.0.1:53"], "policies": {"default": {"fit": "all"}}})", "/policies/default/fit"},
        {R"({"upstreams": ["127.0.0.1:53"], "policies": {"a/b~c": {"client_bufsize": 511}}})",
         "/policies/a~1b~0c/client_bufsize"},
        {R"({"upstreams": ["127.0.0.1:53"], "policies": {"default": {"suspect": ["cut", "cut"]}}})",
         "/policies/default/suspect/1"},
    };
    for (const auto& row : rows) {
        const auto path = folder.write("uncut.json", row.text);
        INFO(row.text);
        check_refused({"serve", "--dns", "127.0.0.1:0", "--config", path}, {path + ": " + row.pointer, "expected"});
    }
    const auto no_json = folder.write("no.json", "{\"upstreams\":\n[\"127.0.0.1:53\"],");
    check_refused({"serve", "--dns", "127.0.0.1:0", "--config", no_json}, {no_json + ": line 2, column"});
    const auto missing = folder / "missing.json";
    check_refused(serve({"--dns", "127.0.0.1:0", "--config", missing}), {missing});
}

TEST_CASE("a config file says what the command line could", "[story][start]") {
    ToyUpstream upstream([](const Octets& query, bool) { return Replies{make_response(query, {addresses(60)})}; });
    const TempDir folder;
    const auto path =
        folder.write("uncut.json", fmt::format(R"({{"dns": ["127.0.0.1:0"], "upstreams": ["{}"], "threads": 2,
                                       "policies": {{"default": {{"fit": "subset"}}}}}})",
                                               upstream.endpoint().text()));
    const UncutProgram uncut({"serve", "--config", path});
    const auto message = ask_udp(uncut.dns(), make_query({"sixty.example.test", type_a}));
    REQUIRE(message);
    const Answer answer = read_answer(*message);
    CHECK_FALSE(answer.tc);
    CHECK(answer.count("A") == 29);
}

TEST_CASE("addresses other than loopback answer those who are allowed", "[story][start]") {
    if (!have_namespaces()) return;
    const Namespace where;  // 192.0.2.1 is on its lo
    std::optional<ToyUpstream> upstream;
    const auto answer = [](const Octets& query, bool) { return Replies{make_response(query, {addresses(1)})}; };
    where.inside([&] { upstream.emplace(answer); });
    UncutOptions options;
    options.where = &where;
    const auto serve_for = [&](const char* cidr) {
        return std::vector<std::string>{"serve",   "--upstream", upstream->endpoint().text(), "--dns", "192.0.2.1:53",
                                        "--allow", cidr};
    };
    const Octets query = make_query({"a1.example.test", type_a});
    SECTION("allowed") {
        const UncutProgram uncut(serve_for("192.0.2.0/24"), options);
        where.inside([&] {
            const auto message = ask_udp(uncut.dns(), query);
            REQUIRE(message);
            CHECK(read_answer(*message).count("A") == 1);
            CHECK(ask_tcp(uncut.dns(), query));
        });
    }
    SECTION("at every address, from the address that was asked") {
        const UncutProgram uncut({"serve", "--upstream", upstream->endpoint().text(), "--dns", "0.0.0.0:53", "--dns",
                                  "[::]:53", "--allow", "192.0.2.0/24", "--allow", "127.0.0.0/8", "--allow", "::1/128"},
                                 options);
        where.inside([&] {
            for (const char* address : {"192.0.2.1", "127.0.0.1", "127.0.0.7", "127.1.2.3", "::1"}) {
                INFO(address);
                // The client's socket is connected: an answer from elsewhere would not reach it.
                CHECK(ask_udp({address, 53}, query));
                CHECK(ask_tcp({address, 53}, query));
            }
        });
    }
    SECTION("not allowed") {
        const UncutProgram uncut(serve_for("198.51.100.0/24"), options);
        where.inside([&] {
            const auto message = ask_udp(uncut.dns(), query, Milliseconds{300});
            CHECK((!message || read_answer(*message).rcode == 5));
        });
        CHECK(upstream->asked_udp() == 0);
    }
}

TEST_CASE("SIGINT and SIGTERM end it cleanly", "[story][start][threads]") {
    const int number = GENERATE(SIGINT, SIGTERM);
    INFO(number);
    SECTION("serve") {
        UncutProgram uncut(serve({"--dns", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--threads", "2"}));
        const TcpClient idle(uncut.dns());  // a client that stays connected holds nothing up
        const auto begin = std::chrono::steady_clock::now();
        uncut.process().signal(number);
        const Ended ended = uncut.process().wait();
        INFO(ended.err);
        CHECK_FALSE(ended.timed_out);
        CHECK(ended.code == 0);
        CHECK(std::chrono::steady_clock::now() - begin < Milliseconds{2'000});
    }
    SECTION("demo") {
        const std::string any = "127.0.0.1:0";
        UncutProgram uncut({"demo", "--dns", any, "--before", any, "--upstream", any, "--admin", any});
        CHECK(answers(uncut.dns(), {"one.default.svc.cluster.local", type_a}));
        uncut.process().signal(number);
        const Ended ended = uncut.process().wait();
        INFO(ended.err);
        CHECK_FALSE(ended.timed_out);
        CHECK(ended.code == 0);
    }
}

TEST_CASE("a query in flight is answered before the server ends", "[story][start][threads]") {
    std::atomic<bool> released = false;
    ToyUpstream upstream([&](const Octets& query, bool) {
        until([&] { return released.load(); });
        return Replies{make_response(query, {addresses(1)})};
    });
    UncutProgram uncut(serve_arguments(upstream.endpoint()));
    const UdpClient client(uncut.dns());
    client.send(make_query({"slow.example.test", type_a}));
    const bool asked = until([&] { return upstream.asked_udp() == 1; });
    uncut.process().signal(SIGTERM);
    // From now on nobody new is let in: what was in flight is what is left.
    const bool closed = until([&] {
        try {
            const TcpClient late(uncut.dns());
            return false;
        } catch (const std::runtime_error&) {
            return true;
        }
    });
    released = true;
    CHECK(asked);
    CHECK(closed);
    const auto message = client.receive(Milliseconds{10'000});
    REQUIRE(message);
    CHECK(read_answer(*message).count("A") == 1);
    const Ended ended = uncut.process().wait();
    CHECK_FALSE(ended.timed_out);
    CHECK(ended.code == 0);
}
