// SPDX-License-Identifier: Apache-2.0
// Bodies without an end, and requests that take long.
#include <atomic>
#include <mutex>
#include <semaphore>
#include <thread>

#include "harness/admin/http.hpp"
#include "tests/harness/http_client.hpp"

using namespace uncut::harness;
using uncut::harness::test::RawClient;

namespace {

/// /stream has what say() said; /slow waits for its leave; anything else is answered at once.
class Application final : public HttpApplication {
  public:
    std::optional<HttpResponse> refuse(const HttpRequest&) override { return std::nullopt; }
    HttpResponse handle(const HttpRequest& request) override {
        if (request.target == "/slow") {
            ++slow;
            leave.acquire();
            return {200, "text/plain", {}, "slow"};
        }
        HttpResponse response{200, "text/plain", {}, "begin\n"};
        if (request.target == "/stream") response.stream = std::make_shared<Words>(*this);
        return response;
    }
    bool is_slow(const HttpRequest& request) override { return request.target == "/slow"; }

    void say(const std::string& word) {
        const std::lock_guard lock(mutex);
        said += word;
    }

    std::atomic<int> slow = 0;
    std::counting_semaphore<> leave{0};

  private:
    struct Words final : HttpStream {
        explicit Words(Application& from) : application(from) {}
        std::string next() override {
            const std::lock_guard lock(application.mutex);
            const std::string piece = application.said.substr(at);
            at = application.said.size();
            return piece;
        }
        std::string heartbeat() override { return "tick\n"; }
        Application& application;
        std::size_t at = 0;
    };
    std::mutex mutex;
    std::string said;
};

struct Running {
    explicit Running(HttpTimeouts timeouts = {}) {
        auto started = HttpServer::start(Address::loopback(0), application, timeouts);
        REQUIRE(started);
        server = std::move(*started);
    }
    RawClient ask(const std::string& target) const {
        RawClient client(server->address());
        client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        return client;
    }
    Application application;
    std::unique_ptr<HttpServer> server;
};

bool still_accepts(const Address& server) {
    sockaddr_storage raw{};
    const socklen_t octets = server.to_sockaddr(raw);
    const Fd fd(::socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw), octets) == 0;
}

/// Reads until this has come.
std::string until(RawClient& client, const std::string& end) {
    std::string text;
    while (!text.ends_with(end)) {
        const std::string octet = client.take_some(1);
        if (octet.empty()) return text + "(ended)";
        text += octet;
    }
    return text;
}

}  // namespace

TEST_CASE("http: a stream sends what has come, whenever it is woken", "[admin]") {
    Running running;
    RawClient client = running.ask("/stream");
    const std::string header = until(client, "begin\n");
    CHECK(header.find("Connection: close") != std::string::npos);
    CHECK(header.find("Content-Length") == std::string::npos);
    for (const char* word : {"one\n", "two\n", "three\n"}) {
        running.application.say(word);
        running.server->wake_streams();
        CHECK(until(client, "\n") == word);
    }
    // A second one begins where it likes, and others are served meanwhile.
    RawClient second = running.ask("/stream");
    until(second, "begin\n");
    CHECK(until(second, "three\n") == "one\ntwo\nthree\n");
    RawClient other = running.ask("/");
    CHECK(other.response().ends_with("begin\n"));
    running.server->stop();
    CHECK(client.ended());
    CHECK(second.ended());
}

TEST_CASE("http: a silent stream beats its heart, and whoever has gone leaves a place", "[admin]") {
    HttpTimeouts timeouts;
    timeouts.silence = std::chrono::milliseconds(20);
    Running running(timeouts);
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < http_streams_max; ++i) {
        clients.push_back(running.ask("/stream"));
        until(clients.back(), "begin\n");
    }
    CHECK(until(clients[3], "\n") == "tick\n");
    CHECK(running.ask("/stream").response().starts_with("HTTP/1.1 503"));
    clients.pop_back();
    for (int tries = 0; tries < 1000; ++tries) {
        RawClient again = running.ask("/stream");
        if (again.response(true).starts_with("HTTP/1.1 200")) return;
    }
    FAIL("the place of a client that has gone stays taken");
}

TEST_CASE("http: a request that takes long holds nobody up, and only so many may wait", "[admin]") {
    Running running;
    std::vector<RawClient> slow;
    for (std::size_t i = 0; i < http_slow_max; ++i) slow.push_back(running.ask("/slow"));
    while (running.application.slow < static_cast<int>(http_slow_threads)) RawClient(running.ask("/")).response();
    RawClient other = running.ask("/");
    CHECK(other.response().starts_with("HTTP/1.1 200"));
    CHECK(running.ask("/slow").response().starts_with("HTTP/1.1 503"));
    running.application.leave.release(static_cast<std::ptrdiff_t>(http_slow_max));
    for (RawClient& client : slow) CHECK(client.response().ends_with("slow"));
}

TEST_CASE("http: what has only waited when the server stops is not begun", "[admin]") {
    Running running;
    std::vector<RawClient> slow;
    for (std::size_t i = 0; i < http_slow_threads + 2; ++i) slow.push_back(running.ask("/slow"));
    while (running.application.slow < static_cast<int>(http_slow_threads)) RawClient(running.ask("/")).response();
    std::thread stopper([&running] { running.server->stop(); });
    while (still_accepts(running.server->address())) {
    }
    running.application.leave.release(static_cast<std::ptrdiff_t>(http_slow_threads));
    stopper.join();
    CHECK(running.application.slow == static_cast<int>(http_slow_threads));
}
