// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

#include "harness/admin/admin.hpp"
#include "tests/harness/fake_module.hpp"
#include "tests/harness/http_client.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace std::chrono_literals;
using uncut::harness::test::fake_module;
using uncut::harness::test::FakeInstance;
using uncut::harness::test::RawClient;

namespace {

/// An admin server on a free port of loopback.
struct AdminServer {
    explicit AdminServer(HttpTimeouts timeouts = {}) {
        auto created = PolicyStore::create({&fake_module(), instance.handle()}, {});
        REQUIRE(created);
        auto started = Admin::start({Address::loopback(0), {*created}, "", timeouts});
        REQUIRE(started);
        admin = std::move(*started);
        REQUIRE(admin->address().port() != 0);
    }
    RawClient client() const { return RawClient(admin->address()); }

    FakeInstance instance;
    std::unique_ptr<Admin> admin;
};

HttpTimeouts short_timeouts() {
    return {150ms, 150ms, 150ms, 150ms, 150ms};
}

std::string patch_header(std::string_view length) {
    return "PATCH /v1/policies/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/merge-patch+json\r\n" +
           std::string(length) + "\r\n\r\n";
}

std::string patch_request(std::string_view body) {
    return patch_header("Content-Length: " + std::to_string(body.size())) + std::string(body);
}

const std::string get_request = "GET /v1/policies/default HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

bool has(const std::string& response, std::string_view part) {
    return response.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("admin http: a connection is kept, also for requests that arrive together or octet by octet", "[admin]") {
    const AdminServer server;
    RawClient client = server.client();
    REQUIRE(client.send(get_request));
    const std::string first = client.response();
    CHECK(first.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(has(first, "\r\nContent-Type: application/json\r\n"));
    CHECK(has(first, "\r\nETag: \"1\"\r\n"));
    CHECK(has(first, "\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK(has(first, "\r\nCache-Control: no-store\r\n"));
    CHECK(has(first, " GMT\r\n"));
    CHECK(first.ends_with("\"learned_ttl_s\":300}\n"));

    REQUIRE(client.send(patch_request(R"({"udp_tries": 5})") + get_request));
    CHECK(has(client.response(), "\"udp_tries\":5"));
    CHECK(has(client.response(), "\r\nETag: \"2\"\r\n"));

    const std::string slowly = patch_request(R"({"udp_tries": 6})");
    for (std::size_t i = 0; i < slowly.size(); ++i) REQUIRE(client.send(slowly.substr(i, 1)));
    CHECK(has(client.response(), "\"udp_tries\":6"));

    const std::string chunked =
        patch_header("Transfer-Encoding: chunked") + "8\r\n{\"udp_tr\r\n8\r\nies\": 7}\r\n0\r\n\r\n";
    REQUIRE(client.send(chunked));
    CHECK(has(client.response(), "\"udp_tries\":7"));

    REQUIRE(client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + get_request));
    const std::string head = client.response(true);
    CHECK(has(head, "\r\nContent-Length: 16\r\n"));
    CHECK(client.response().starts_with("HTTP/1.1 200 OK\r\n"));  // so the first had no body

    REQUIRE(client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    CHECK(has(client.response(), "{\"status\":\"ok\"}"));
    CHECK(client.ended());
}

TEST_CASE("admin http: a request refused for its header is not waited for, and the connection stays usable",
          "[admin]") {
    const AdminServer server;
    RawClient client = server.client();
    REQUIRE(client.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    CHECK(client.response().starts_with("HTTP/1.1 404 Not Found\r\n"));
    REQUIRE(client.send("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
    const std::string foreign = client.response();
    CHECK(foreign.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    CHECK(has(foreign, "\r\nContent-Type: application/problem+json\r\n"));
    REQUIRE(client.send("GET /health HTTP/1.1\r\n\r\n"));
    CHECK(client.response().starts_with("HTTP/1.1 400 "));

    // With a body announced: the answer comes without it, and then the connection ends.
    REQUIRE(
        client.send("POST /v1/reset HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
                    "Content-Length: 1000\r\n\r\n"));
    CHECK(client.response().starts_with("HTTP/1.1 403 "));
    client.finish();
    CHECK(client.ended());
}

TEST_CASE("admin http: a slow header is 408, however steadily it drips", "[admin]") {
    const AdminServer server(short_timeouts());
    RawClient silent = server.client();
    REQUIRE(silent.send("GET /health HTT"));
    const std::string late = silent.response();
    CHECK(late.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    CHECK(has(late, "urn:uncut:problem:timeout"));
    CHECK(has(late, "\r\nConnection: close\r\n"));
    CHECK(silent.ended());

    RawClient dripping = server.client();
    REQUIRE(dripping.send("GET /health HTTP/1.1\r\nHost: localhost\r\nX: "));
    const auto begin = std::chrono::steady_clock::now();
    while (dripping.send("x") && std::chrono::steady_clock::now() - begin < 400ms) std::this_thread::sleep_for(20ms);
    CHECK(dripping.response().starts_with("HTTP/1.1 408 "));
}

TEST_CASE("admin http: a slow body is 408", "[admin]") {
    AdminServer server(short_timeouts());
    RawClient client = server.client();
    REQUIRE(client.send(patch_header("Content-Length: 16") + "{\"udp_tries\": 5"));
    CHECK(client.response().starts_with("HTTP/1.1 408 "));
    CHECK(client.ended());
    CHECK(server.instance.policy("default").udp_tries == 3);
}

TEST_CASE("admin http: an idle connection is closed without a word", "[admin]") {
    const AdminServer server(short_timeouts());
    RawClient fresh = server.client();
    CHECK(fresh.ended());
    RawClient used = server.client();
    REQUIRE(used.send(get_request));
    CHECK(used.response().starts_with("HTTP/1.1 200 "));
    CHECK(used.ended());
}

TEST_CASE("admin http: bodies up to 1 MiB, and not an octet more", "[admin]") {
    const AdminServer server;
    const std::string largest = "{}" + std::string(http_body_octets_max - 2, ' ');
    SECTION("just fits") {
        RawClient client = server.client();
        REQUIRE(client.send(patch_request(largest)));
        CHECK(client.response().starts_with("HTTP/1.1 200 "));
    }
    SECTION("announced: refused at once") {
        RawClient client = server.client();
        REQUIRE(client.send(patch_header("Content-Length: 1048577")));
        CHECK(client.response().starts_with("HTTP/1.1 413 Payload Too Large\r\n"));
    }
    SECTION("sent all the same: the client still reads the answer") {
        RawClient client = server.client();
        client.send(patch_request(largest + " "));
        const std::string response = client.response();
        CHECK(response.starts_with("HTTP/1.1 413 "));
        CHECK(has(response, "urn:uncut:problem:body-too-large"));
    }
    SECTION("chunked") {
        RawClient client = server.client();
        client.send(patch_header("Transfer-Encoding: chunked"));
        const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
        for (int i = 0; i < 17 && client.send(chunk); ++i) continue;
        CHECK(client.response().starts_with("HTTP/1.1 413 "));
    }
}

TEST_CASE("admin http: headers up to 8 KiB", "[admin]") {
    const AdminServer server;
    const std::string begin = "GET /health HTTP/1.1\r\nHost: localhost\r\nX: ";
    const auto status_with = [&](std::size_t octets) {
        RawClient client = server.client();
        client.send(begin + std::string(octets, 'x') + "\r\n\r\n");
        return client.response().substr(0, 12);
    };
    CHECK(status_with(http_header_octets_max - begin.size() - 4) == "HTTP/1.1 200");
    CHECK(status_with(http_header_octets_max) == "HTTP/1.1 431");
    CHECK(status_with(100000) == "HTTP/1.1 431");
}

TEST_CASE("admin http: what is not HTTP is 400", "[admin]") {
    const AdminServer server;
    for (const char* garbage :
         {"hello\r\n\r\n", "\r\n\r\n\r\n\r\n", "GET /health\r\n\r\n", "GET /health HTTP/1.1\r\nHost localhost\r\n\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
          "POST /v1/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
          "POST /v1/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST /v1/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        INFO(garbage);
        RawClient client = server.client();
        client.send(garbage);
        client.finish();
        const std::string response = client.response();
        INFO(response);
        CHECK(response.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    }
}

TEST_CASE("admin http: Expect: 100-continue", "[admin]") {
    const AdminServer server;
    RawClient client = server.client();
    REQUIRE(client.send(patch_header("Content-Length: 16\r\nExpect: 100-continue")));
    CHECK(client.response() == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE(client.send(R"({"udp_tries": 5})"));
    CHECK(has(client.response(), "\"udp_tries\":5"));
}

TEST_CASE("admin http: connections past the cap wait for a place", "[admin]") {
    const AdminServer server;
    std::vector<RawClient> holders;
    for (std::size_t i = 0; i < http_connections_max; ++i) {
        holders.push_back(server.client());
        REQUIRE(holders.back().send(get_request));
        REQUIRE(holders.back().response().starts_with("HTTP/1.1 200 "));
    }
    RawClient waiting = server.client();
    REQUIRE(waiting.send(get_request));
    holders.pop_back();
    CHECK(waiting.response().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("admin http: a client that goes away in the middle harms nobody", "[admin]") {
    const AdminServer server;
    for (const std::string& part : {std::string("GET /hea"), patch_header("Content-Length: 100") + "{", get_request}) {
        RawClient client = server.client();
        REQUIRE(client.send(part));
    }
    RawClient client = server.client();
    REQUIRE(client.send(get_request));
    CHECK(client.response().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("admin http: writers at once all get their turn", "[admin]") {
    AdminServer server;
    constexpr int each = 50;
    std::atomic<int> done = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([client = server.client(), &done]() mutable {
                for (int i = 0; i < each; ++i) {
                    client.send(patch_request(R"({"udp_tries": 2})"));
                    if (has(client.response(), "\"udp_tries\":2")) ++done;
                }
            });
        }
    }
    CHECK(done == 4 * each);
    CHECK(server.instance.revision == 1 + 4 * each);
}

TEST_CASE("admin http: stop ends idle, half-read and unread connections at once", "[admin]") {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<RawClient> clients;
    {
        const AdminServer server;
        clients.push_back(server.client());
        clients.push_back(server.client());
        REQUIRE(clients[0].send(get_request));
        CHECK(clients[0].response().starts_with("HTTP/1.1 200 "));
        REQUIRE(clients[1].send("GET /hea"));
        clients.push_back(server.client());
        // Never read: the responses fill the socket's buffers and the server's write waits.
        for (int i = 0; i < 3000; ++i) REQUIRE(clients[2].send(get_request));
        server.admin->stop();
        server.admin->stop();
    }
    CHECK(clients[0].ended());
    CHECK(std::chrono::steady_clock::now() - begin < 8s);
}

TEST_CASE("admin http: where it may listen", "[admin]") {
    FakeInstance instance;
    auto store = PolicyStore::create({&fake_module(), instance.handle()}, {});
    REQUIRE(store);

    const auto open = Admin::start({Address::v4({192, 0, 2, 1}, 8053), {*store}, "", {}});
    REQUIRE_FALSE(open);
    CHECK(open.error() ==
          "admin at 192.0.2.1:8053: expected a loopback address, or a token file (--admin-token-file) for any other");
    CHECK_FALSE(Admin::start({Address::v4({0, 0, 0, 0}, 0), {*store}, "", {}}));

    const auto missing = Admin::start({Address::loopback(0), {*store}, "/nonexistent/token", {}});
    REQUIRE_FALSE(missing);
    CHECK(missing.error() == "admin token file /nonexistent/token: cannot be opened: No such file or directory");

    const auto first = Admin::start({Address::loopback(0), {*store}, "", {}});
    REQUIRE(first);
    const Address taken = (*first)->address();
    const auto second = Admin::start({taken, {*store}, "", {}});
    REQUIRE_FALSE(second);
    INFO(second.error());
    CHECK(second.error().find(taken.text()) != std::string::npos);
}

TEST_CASE("admin http: a token file asks everybody for the token", "[admin]") {
    FakeInstance instance;
    auto store = PolicyStore::create({&fake_module(), instance.handle()}, {});
    REQUIRE(store);
    std::string path = "/tmp/uncut-token-XXXXXX";
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    std::ofstream(path) << "0123456789abcdef\n";
    const auto admin = Admin::start({Address::loopback(0), {*store}, path, {}});
    ::unlink(path.c_str());
    REQUIRE(admin);

    RawClient client((*admin)->address());
    REQUIRE(client.send(get_request));
    CHECK(client.response().starts_with("HTTP/1.1 401 Unauthorized\r\n"));
    REQUIRE(
        client.send("GET /v1/policies/default HTTP/1.1\r\nHost: localhost\r\n"
                    "Authorization: Bearer 0123456789abcdef\r\n\r\n"));
    CHECK(client.response().starts_with("HTTP/1.1 200 "));
}
