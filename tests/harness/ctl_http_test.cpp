// SPDX-License-Identifier: Apache-2.0
// The HTTP client of ctl, against servers that are right, and that are not.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "harness/cli/ctl_verbs.hpp"
#include "harness/net/socket.hpp"
#include "tests/harness/ctl_fake_api.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;
using namespace std::chrono_literals;
using uncut::harness::test::FakeApi;

namespace {

/// A server that says to each connection in turn what it is told to, and closes it; or lets it be, and the silence too.
class RawServer {
  public:
    enum class Then { close, silence };
    explicit RawServer(std::vector<std::string> answers, Then then = Then::close)
        : socket_(std::move(*listen_tcp(Address::loopback(0)))), address_(local_address(socket_.get())) {
        thread_ = std::thread([this, then, answers = std::move(answers)] {
            for (const std::string& answer : answers) {
                Fd client(accept_one());
                if (client.get() < 0) return;
                requests_.push_back(read_header(client.get()));
                ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
                if (then == Then::silence) kept_.push_back(std::move(client));
            }
            // From here on nothing listens: the next connection is refused.
            socket_ = Fd();
        });
    }
    ~RawServer() { thread_.join(); }

    HttpPeer peer() const { return {.address = address_}; }
    /// What it was asked, once all its answers are given.
    std::vector<std::string> requests() {
        thread_.join();
        thread_ = std::thread([] {});
        return requests_;
    }

  private:
    // The listening socket does not block.
    int accept_one() const {
        pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        return ::poll(&wait, 1, 20'000) == 1 ? ::accept(socket_.get(), nullptr, nullptr) : -1;
    }
    static std::string read_header(int fd) {
        std::string text;
        char octets[4096];
        while (!text.contains("\r\n\r\n")) {
            const ssize_t got = ::recv(fd, octets, sizeof octets, 0);
            if (got <= 0) break;
            text.append(octets, static_cast<std::size_t>(got));
        }
        return text;
    }

    Fd socket_;
    const Address address_;
    std::vector<Fd> kept_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

HttpRequest get(std::string target) {
    return {.method = "GET", .target = std::move(target), .headers = {}, .body = {}};
}

const std::string stream_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

std::string event(int id) {
    return fmt::format("id: {0}\nevent: exchange\ndata: {{\"number\":{0}}}\n\n", id);
}

}  // namespace

TEST_CASE("ctl http: a request and its response", "[ctl]") {
    FakeApi api;
    api.answer("PUT /v1/x", 200, "{\"a\":1}", "\"7\"");
    const auto ctl = api.session({.admin = "", .token_file = "", .if_match = "6", .json = false});
    const auto reply = ctl.put("/v1/x", boost::json::object{{"b", 2}});
    REQUIRE(reply);
    CHECK(reply->revision == "7");
    CHECK(reply->body == "{\"a\":1}");
    const HttpRequest request = api.last();
    CHECK(request.body == "{\"b\":2}");
    CHECK(request.header("Content-Type") == "application/json");
    CHECK(request.header("If-Match") == "\"6\"");
    CHECK(request.header("Host") == api.address());
    CHECK(request.count("Authorization") == 0);
}

TEST_CASE("ctl http: each verb has its media type, and only writes their condition", "[ctl]") {
    FakeApi api;
    const auto ctl = api.session({.admin = "", .token_file = "", .if_match = "*", .json = false});
    CHECK_FALSE(ctl.patch("/v1/x", boost::json::object{}));
    CHECK(api.last().header("Content-Type") == "application/merge-patch+json");
    CHECK(api.last().header("If-Match") == "*");
    CHECK_FALSE(ctl.get("/v1/x"));
    CHECK(api.last().count("If-Match") == 0);
    CHECK(api.last().count("Content-Type") == 0);
    CHECK_FALSE(ctl.remove("/v1/x"));
    CHECK(api.last().header("If-Match") == "*");
    CHECK(api.last().body.empty());
}

TEST_CASE("ctl http: the token of a file is shown", "[ctl]") {
    const uncut::test::TempDir folder;
    FakeApi api;
    api.answer("GET /v1/x", 401, R"({"detail":"a token is wanted"})");
    const auto ctl = api.session(
        {.admin = "", .token_file = folder.write("token", "0123456789abcdef\nrest\n"), .if_match = "", .json = false});
    const auto refused = ctl.get("/v1/x");
    CHECK(api.last().header("Authorization") == "Bearer 0123456789abcdef");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text == "a token is wanted (--token-file FILE)");
    CHECK(refused.error().http_status == 401);
}

TEST_CASE("ctl http: where it asks", "[ctl]") {
    const auto url = [](const char* admin) {
        const auto ctl = Ctl::make({.admin = admin, .token_file = "", .if_match = "", .json = false}, nullptr);
        return ctl ? ctl->peer().url() : ctl.error().text;
    };
    CHECK(url("127.0.0.1:1") == "http://127.0.0.1:1");
    CHECK(url("http://[::1]:8053/") == "http://[::1]:8053");
    CHECK(url("127.0.0.1").starts_with("--admin "));
    CHECK(url("localhost:8053").starts_with("--admin "));
    CHECK(url("127.0.0.1:0") == "--admin 127.0.0.1:0: nothing listens at port 0");
}

TEST_CASE("ctl http: servers that are none of ours are named in one line", "[ctl]") {
    struct Row {
        const char* answer;
        const char* says;
    };
    const Row rows[] = {
        {"", "the connection ended before the answer did"},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "no HTTP server"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "the connection ended before the answer did"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "more than 67108864 octets"},
    };
    for (const Row& row : rows) {
        RawServer server({row.answer});
        const auto response = http_ask(server.peer(), get("/health"));
        REQUIRE_FALSE(response);
        INFO(response.error().reason);
        CHECK(response.error().reason.starts_with(server.peer().url() + ": "));
        CHECK(response.error().reason.contains(row.says));
        CHECK_FALSE(response.error().nobody);
    }
}

TEST_CASE("ctl http: silence ends with the time that a peer has", "[ctl]") {
    const auto socket = listen_tcp(Address::loopback(0));  // connects, and never answers
    REQUIRE(socket);
    HttpPeer peer{.address = local_address(socket->get())};
    peer.answer_timeout = 20ms;
    const auto response = http_ask(peer, get("/health"));
    REQUIRE_FALSE(response);
    CHECK(response.error().reason.ends_with(": no answer in time"));
}

TEST_CASE("ctl http: where nothing listens the error asks for --admin", "[ctl]") {
    RawServer server({});
    server.requests();
    const auto response = http_ask(server.peer(), get("/health"));
    REQUIRE_FALSE(response);
    CHECK(response.error().nobody);
    const CtlError error = ctl_error_of(response.error(), server.peer());
    CHECK(error.status == 2);
    CHECK(error.text == fmt::format("nothing listens at {}: is uncut running with --admin?", server.peer().url()));
}

TEST_CASE("ctl http: --follow prints what comes, goes on after a break, and ends with the server", "[ctl]") {
    RawServer server(
        {stream_head + ": hello\n\n" + event(17) + event(18) + "id: 99\ndata: cut", stream_head + event(19)});
    std::string out;
    const auto ctl = Ctl::make({.admin = server.peer().url(), .token_file = "", .if_match = "", .json = true},
                               [&out](std::string_view text) {
                                   out += text;
                                   return true;
                               });
    REQUIRE(ctl);
    CtlExchanges filter;
    filter.follow = true;
    filter.after = "16";
    filter.name = "www.example";
    const auto done = ctl_exchanges(*ctl, filter);
    CHECK(out == "{\"number\":17}\n{\"number\":18}\n{\"number\":19}\n");
    REQUIRE_FALSE(done);
    CHECK(done.error().status == 2);
    CHECK(done.error().text.starts_with("the stream ended, and then: nothing listens at "));
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].starts_with("GET /v1/exchanges/stream?name=www.example&after=16 HTTP/1.1\r\n"));
    CHECK_FALSE(requests[0].contains("Last-Event-ID"));
    CHECK(requests[1].starts_with("GET /v1/exchanges/stream?name=www.example HTTP/1.1\r\n"));
    CHECK(requests[1].contains("\r\nLast-Event-ID: 18\r\n"));
}

TEST_CASE("ctl http: a stream that ends at once is not asked for again", "[ctl]") {
    RawServer server({stream_head});
    const auto ctl = Ctl::make({.admin = server.peer().url(), .token_file = "", .if_match = "", .json = true},
                               [](std::string_view) { return true; });
    REQUIRE(ctl);
    CtlExchanges filter;
    filter.follow = true;
    const auto done = ctl_exchanges(*ctl, filter);
    REQUIRE_FALSE(done);
    CHECK(done.error().status == 2);
    CHECK(done.error().text.ends_with(": the stream ended"));
}

TEST_CASE("ctl http: a refused stream says why", "[ctl]") {
    FakeApi api;
    api.answer("GET /v1/exchanges/stream?verdict=x", 422, R"({"detail":"verdict: expected one of whole, ..."})");
    CtlExchanges filter;
    filter.follow = true;
    filter.verdict = "x";
    const auto ctl = api.session();
    const auto done = ctl_exchanges(ctl, filter);
    REQUIRE_FALSE(done);
    CHECK(done.error().status == 1);
    CHECK(done.error().text == "verdict: expected one of whole, ...");
}

TEST_CASE("ctl http: a signal ends a stream that is silent", "[ctl]") {
    RawServer server({stream_head + event(1)}, RawServer::Then::silence);
    HttpFeed feed;
    REQUIRE(feed.open(server.peer(), get("/v1/exchanges/stream")));
    CHECK(feed.read().kind == HttpFeed::Part::Kind::octets);
    REQUIRE(::raise(SIGINT) == 0);
    CHECK(feed.read().kind == HttpFeed::Part::Kind::signal);
    CHECK(feed.read().kind == HttpFeed::Part::Kind::signal);
}

TEST_CASE("ctl http: a reader that goes away ends it quietly", "[ctl]") {
    FakeApi api;
    api.answer("GET /v1/exchanges", 200, R"({"exchanges":[{"number":1}]})");
    const auto print_to = [&api](int error) {
        const auto ctl = Ctl::make({.admin = api.address(), .token_file = "", .if_match = "", .json = false},
                                   [error](std::string_view) {
                                       errno = error;
                                       return false;
                                   });
        REQUIRE(ctl);
        const auto done = ctl_exchanges(*ctl, {});
        REQUIRE_FALSE(done);
        return done.error();
    };
    CHECK(print_to(EPIPE).status == 0);
    CHECK(print_to(EPIPE).text == "");
    CHECK(print_to(ENOSPC).status == 2);
    CHECK(print_to(ENOSPC).text == "standard output cannot be written: No space left on device");
}
