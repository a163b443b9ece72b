// SPDX-License-Identifier: Apache-2.0
// The journal of the built program.
#include "tests/admin/api.hpp"
#include "tests/admin/event_stream.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;
namespace json = boost::json;

namespace {

/// Truncates over UDP what begins with "big", and has 60 addresses for it over TCP; one address for the rest.
Replies truncating(const Octets& query, bool over_tcp) {
    const bool big = query.size() > 15 && query[13] == 'b' && query[14] == 'i' && query[15] == 'g';
    if (big && !over_tcp) return {make_response(query, {.answers = {}, .rcode = 0, .tc = true, .ra = true})};
    return {make_response(query, {.answers = addresses(big ? 60 : 1), .rcode = 0, .tc = false, .ra = true})};
}

std::string words(const json::value& exchange, const char* member) {
    std::string all;
    for (const json::value& event : exchange.at("events").as_array()) {
        const json::value& word = event.at(member);
        all += (all.empty() ? "" : " ") + (word.is_string() ? std::string(word.as_string()) : "-");
    }
    return all;
}

json::array exchanges(const Endpoint& admin, const std::string& query = "") {
    return json_of(call(admin, "GET", "/v1/exchanges" + query)).at("exchanges").as_array();
}

void ask(const UncutProgram& uncut, const char* name) {
    REQUIRE(ask_udp(uncut.dns(), make_query({name}, {.bufsize = 4096})));
}

}  // namespace

TEST_CASE("exchanges: an answer's journey, there as soon as the answer is", "[admin]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "100"}));
    ask(uncut, "big.example");
    const json::array list = exchanges(uncut.admin());
    REQUIRE(list.size() == 1);
    const json::value& exchange = list[0];
    CHECK(exchange.at("number") == 1);
    CHECK(exchange.at("server") == "uncut");
    CHECK(exchange.at("name") == "big.example.");
    CHECK(exchange.at("type") == "A");
    CHECK(exchange.at("transport") == "udp");
    CHECK(exchange.at("outcome") == "delivered");
    CHECK(exchange.at("verdict") == "truncated");
    CHECK(exchange.at("upstream_transport") == "tcp");
    CHECK(exchange.at("revision") == 1);
    CHECK(words(exchange, "kind") == "query ask answer ask answer deliver");
    CHECK(words(exchange, "transport") == "udp udp udp tcp tcp udp");
    CHECK(words(exchange, "verdict") == "- - truncated - whole -");
    CHECK(exchange.at("events").at(2).at("upstream") == json::string(upstream.endpoint().text()));
    CHECK(exchange.at("events").at(2).at("tc") == true);
    CHECK(exchange.at("events").at(5).at("tc") == false);
    CHECK(exchange.at("query").at("edns").at("udp_payload_size") == 4096);
    CHECK(exchange.at("response").at("answer").as_array().size() == 60);
    CHECK_FALSE(exchange.at("response").as_object().contains("hex"));

    const json::object whole = json_of(call(uncut.admin(), "GET", "/v1/exchanges/1"));
    const auto octets = static_cast<std::size_t>(whole.at("response").at("octets").as_int64());
    CHECK(whole.at("response").at("hex").as_string().size() == 2 * octets);
    const json::value& asked = whole.at("events").at(1).at("message");
    CHECK(asked.at("edns").at("udp_payload_size") == 1232);  // clamped
    CHECK(asked.at("question").at("name") == "big.example.");
    CHECK(call(uncut.admin(), "GET", "/v1/exchanges/2").status == 404);
    CHECK(call(uncut.admin(), "GET", "/v1/exchanges/x").status == 404);
}

TEST_CASE("exchanges: the revision is that of the policies obeyed", "[admin]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "100"}));
    for (int i = 0; i < 5; ++i) {
        const HttpResponse patched = patch_policy(uncut.admin(), R"({"retry_truncated": false})");
        ask(uncut, "big.example");
        const json::value last = exchanges(uncut.admin(), "?limit=1").at(0);
        CHECK(patched.headers.at("etag") == "\"" + std::to_string(last.at("revision").as_int64()) + "\"");
        CHECK(words(last, "kind") == "query ask answer deliver");
    }
}

TEST_CASE("exchanges: filters, pages and their errors", "[admin]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "8"}));
    for (const char* name : {"a.example", "big.example", "b.example", "big.test", "c.test"}) ask(uncut, name);
    REQUIRE(ask_tcp(uncut.dns(), make_query({"tcp.test"})));
    const struct {
        const char* query;
        std::vector<int> numbers;
    } rows[] = {{"", {1, 2, 3, 4, 5, 6}},
                {"?limit=2", {5, 6}},
                {"?after=2&limit=2", {3, 4}},
                {"?after=6", {}},
                {"?name=example", {1, 2, 3}},
                {"?name=BIG.example.", {2}},
                {"?verdict=truncated", {2, 4}},
                {"?verdict=truncated&name=test", {4}},
                {"?transport=tcp", {6}},
                {"?server=before", {}},
                {"?server=uncut&transport=udp&after=3", {4, 5}}};
    for (const auto& row : rows) {
        INFO(row.query);
        std::vector<int> numbers;
        for (const json::value& exchange : exchanges(uncut.admin(), row.query)) {
            numbers.push_back(static_cast<int>(exchange.at("number").as_int64()));
        }
        CHECK(numbers == row.numbers);
    }
    for (const char* wrong : {"?limit=0", "?limit=1001", "?limit=x", "?after=-1", "?verdict=bad", "?transport=quic",
                              "?nothing=1", "?limit=1&limit=2"}) {
        INFO(wrong);
        CHECK(json_of(call(uncut.admin(), "GET", std::string("/v1/exchanges") + wrong), 422).contains("parameter"));
    }
    for (int i = 0; i < 4; ++i) ask(uncut, "d.test");
    const json::object all = json_of(call(uncut.admin(), "GET", "/v1/exchanges"));
    CHECK(all.at("oldest") == 3);  // the ring has 8
    CHECK(all.at("last") == 10);
    CHECK(call(uncut.admin(), "DELETE", "/v1/exchanges").status == 204);
    CHECK(exchanges(uncut.admin()).empty());
    ask(uncut, "e.test");
    CHECK(exchanges(uncut.admin()).at(0).at("number") == 11);
}

TEST_CASE("exchanges: a page of large messages has fewer of them, and the next one goes on", "[admin]") {
    ToyUpstream upstream([](const Octets& query, bool over_tcp) -> Replies {
        return {
            make_response(query, {.answers = addresses(over_tcp ? 4000 : 0), .rcode = 0, .tc = !over_tcp, .ra = true})};
    });
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "100"}));
    for (int i = 0; i < 90; ++i) REQUIRE(ask_tcp(uncut.dns(), make_query({"large.example"})));
    const json::array newest = exchanges(uncut.admin(), "?limit=100");
    CHECK(newest.size() > 1);
    CHECK(newest.size() < 90);
    CHECK(newest.back().at("number") == 90);
    std::int64_t reached = 0;
    int pages = 0;
    while (reached < 90) {
        const json::array page = exchanges(uncut.admin(), "?limit=100&after=" + std::to_string(reached));
        REQUIRE_FALSE(page.empty());
        CHECK(page.front().at("number") == reached + 1);
        reached = page.back().at("number").as_int64();
        ++pages;
    }
    CHECK(pages > 1);
}

TEST_CASE("exchanges: without a journal there are none", "[admin]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));
    ask(uncut, "a.example");
    for (const char* target : {"/v1/exchanges", "/v1/exchanges/1", "/v1/exchanges/stream"}) {
        CHECK(json_of(call(uncut.admin(), "GET", target), 409).at("type") == "urn:uncut:problem:conflict");
    }
    CHECK(call(uncut.admin(), "DELETE", "/v1/exchanges").status == 409);
}

TEST_CASE("exchanges: the end of a client, of a wait, of a bad query", "[admin]") {
    ToyUpstream upstream([](const Octets&, bool) { return Replies{}; });
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "100"}));
    patch_policy(uncut.admin(), R"({"udp_tries": 1, "udp_timeout_ms": 20, "tcp_timeout_ms": 20, "deadline_ms": 60})");
    const auto failed = ask_udp(uncut.dns(), make_query({"silent.example"}));
    REQUIRE(failed);
    CHECK(read_answer(*failed).rcode == 2);
    const json::value silent = exchanges(uncut.admin(), "?limit=1").at(0);
    CHECK(words(silent, "kind").starts_with("query ask timeout"));
    CHECK(words(silent, "kind").ends_with("deliver"));
    CHECK(silent.at("verdict").is_null());
    CHECK(silent.at("upstream_transport").is_null());

    Octets two_questions = make_query({"a.example"});
    two_questions[5] = 2;
    REQUIRE(ask_udp(uncut.dns(), two_questions));
    const json::value bad = exchanges(uncut.admin(), "?limit=1").at(0);
    CHECK(words(bad, "kind") == "query deliver");
    CHECK(bad.at("response").at("rcode") == "FORMERR");
    CHECK_FALSE(bad.at("query").at("error").is_null());
}

TEST_CASE("exchanges: ask and probe go through the real servers", "[admin]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "100"}));
    const auto post = [&](const char* target, const char* body, int status = 200) {
        return json_of(call(uncut.admin(), "POST", target, body), status);
    };
    const json::object whole = post("/v1/ask", R"({"name": "big.example"})");
    REQUIRE(whole.at("answers").as_array().size() == 1);
    CHECK(whole.at("answers").at(0).at("message").at("answer").as_array().size() == 60);
    const json::object small = post("/v1/ask", R"({"name": "big.example", "bufsize": null})");
    REQUIRE(small.at("answers").as_array().size() == 2);  // 60 addresses are more than 512 octets
    CHECK(small.at("answers").at(1).at("transport") == "tcp");
    CHECK(small.at("answers").at(1).at("message").at("answer").as_array().size() == 60);
    CHECK(post("/v1/ask", R"({"name": "big.example", "bufsize": null, "retry": false})")
              .at("answers")
              .as_array()
              .size() == 1);
    CHECK(exchanges(uncut.admin()).size() == 4);
    const json::object probed = post("/v1/probe", R"({"name": "big.example", "type": "A"})");
    CHECK(probed.at("rows").as_array().size() == 5);
    CHECK(probed.at("diagnosis").as_object().contains("code"));

    const struct {
        const char* target;
        const char* body;
        const char* pointer;
    } wrong[] = {{"/v1/ask", "{}", "/name"},
                 {"/v1/ask", R"({"name": 5})", "/name"},
                 {"/v1/ask", R"({"name": "a..b"})", "/name"},
                 {"/v1/ask", R"({"name": "a", "type": "AXFR"})", "/type"},
                 {"/v1/ask", R"({"name": "a", "server": "before"})", "/server"},
                 {"/v1/ask", R"({"name": "a", "bufsize": 65536})", "/bufsize"},
                 {"/v1/ask", R"({"name": "a", "bufsize": null, "dnssec": true})", "/dnssec"},
                 {"/v1/ask", R"({"name": "a", "transport": "quic"})", "/transport"},
                 {"/v1/ask", R"({"name": "a", "more/of": 1})", "/more~1of"},
                 {"/v1/ask", "[]", ""},
                 {"/v1/probe", R"({"name": "a", "server": "127.0.0.1:0"})", "/server"},
                 {"/v1/probe", R"({"name": "a", "server": "localhost"})", "/server"}};
    for (const auto& row : wrong) {
        INFO(row.body);
        CHECK(post(row.target, row.body, 422).at("pointer") == row.pointer);
    }
}

TEST_CASE("exchanges: the stream tells each as it ends", "[admin]") {
    ToyUpstream upstream(truncating);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--journal", "100"}));
    ask(uncut, "early.example");
    const auto listen = [&](const char* query, const char* header) {
        EventStream stream(uncut.admin(), std::string("/v1/exchanges/stream") + query, header);
        ask(uncut, "a.example");
        ask(uncut, "big.example");
        json::object first = stream.next();
        json::object second = stream.next();
        return std::pair(std::move(first), std::move(second));
    };
    const auto [first, second] = listen("", "");
    CHECK(first.at("name") == "a.example.");  // not the one from before
    CHECK(second.at("name") == "big.example.");
    const auto [again, next] = listen("?after=0", "");
    CHECK(again.at("name") == "early.example.");
    CHECK(next.at("number") == 2);
    const auto [resumed, more] = listen("", "Last-Event-ID: 2\r\n");
    CHECK(resumed.at("number") == 3);
    CHECK(more.at("number") == 4);
    const auto [big, bigger] = listen("?after=0&verdict=truncated", "");
    CHECK(big.at("name") == "big.example.");
    CHECK(bigger.at("name") == "big.example.");
}
