// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>

#include "harness/admin/application.hpp"
#include "harness/admin/problem.hpp"
#include "tests/harness/admin_bench.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;

TEST_CASE("admin: health", "[admin]") {
    AdminBench bench;
    const auto response = bench.get("/health");
    CHECK(response.status == 200);
    CHECK(response.body == "{\"status\":\"ok\"}\n");
    CHECK(bench.ask({"HEAD", "/health?verbose", {}, ""}).status == 200);
}

TEST_CASE("admin: a target that is not UTF-8 is refused, and so never in a body", "[admin]") {
    AdminBench bench;
    for (const char* target : {"/v1/policies/%ff", "/v1/policies/a%c3", "/v1/policies/\xff", "/v1/policies?name=%fe"}) {
        INFO(target);
        CHECK(bench.ask({"GET", target, {}, ""}).status == 400);
        CHECK(bench.ask({"PUT", target, {{"Content-Type", "application/json"}}, "{}"}).status == 400);
    }
    CHECK(body(bench.get("/v1/policies")).size() == 1);
    const HttpRequest escaped{"PUT", "/v1/policies/%5c255.example", {{"Content-Type", "application/json"}}, "{}"};
    CHECK(bench.ask(escaped).status == 201);
    CHECK(body(bench.get("/v1/policies")).contains("\\255.example"));
    CHECK(bench.get("/v1/policies/b%C3%BCcher").status == 404);
}

TEST_CASE("admin: the root's policy is read and patched", "[admin]") {
    AdminBench bench;
    const auto before = bench.get("/v1/policies/default");
    CHECK(before.status == 200);
    CHECK(before.content_type == "application/json");
    CHECK(header(before, "ETag") == "\"1\"");
    CHECK(body(before).size() == policy_field_count);
    CHECK(body(before).at("upstream_bufsize") == 1232);

    const auto patched = bench.patch(R"({"upstream_bufsize": 512, "suspect": []})");
    CHECK(patched.status == 200);
    CHECK(header(patched, "ETag") == "\"2\"");
    CHECK(body(patched).at("upstream_bufsize") == 512);
    CHECK(body(patched).at("client_bufsize") == 1232);
    CHECK(bench.instance.policy("default").upstream_bufsize == 512);
    CHECK(bench.instance.policy("default").suspect == 0);
    CHECK(bench.get("/v1/policies/default").body == patched.body);

    const auto back = bench.patch(R"({"upstream_bufsize": null})");
    CHECK(body(back).at("upstream_bufsize") == 1232);
    CHECK(body(back).at("suspect").as_array().empty());
}

TEST_CASE("admin: a bad patch is a problem with its pointer, and changes nothing", "[admin]") {
    AdminBench bench;
    struct Row {
        std::string body;
        unsigned status;
        std::string type;
        std::string pointer;
        std::string detail;
    };
    const std::vector<Row> rows = {
        {R"({"upstream_bufsize": 100})", 422, "wrong-value", "/upstream_bufsize",
         "/upstream_bufsize: expected an integer from 512 to 4096, got 100"},
        {R"({"fit": true})", 422, "wrong-value", "/fit",
         R"(/fit: expected one of "rrset", "fill", "empty", "subset", got true)"},
        {R"({"suspect": ["cut", "x"]})", 422, "wrong-value", "/suspect/1",
         R"(/suspect/1: expected one of "cut", "oversize", "dangling_cname", got "x")"},
        {R"({"udp_tries": 3, "a/b": 1})", 422, "unknown-field", "/a~1b", ""},
        {R"([])", 422, "wrong-value", "", "the document: expected an object with fields of a policy, got []"},
        {R"({"fit": "fill", "fit": "rrset"})", 422, "wrong-value", "/fit",
         "line 1, column 21: the key /fit occurs twice"},
    };
    for (const Row& row : rows) {
        INFO(row.body);
        const auto response = bench.patch(row.body);
        check_problem(response, row.status, row.type);
        CHECK(text(body(response), "pointer") == row.pointer);
        if (!row.detail.empty()) CHECK(text(body(response), "detail") == row.detail);
    }
    for (const char* malformed : {"", "{", "{\"fit\":}", "{} {}", "\xFF", "nul"}) {
        INFO(malformed);
        const auto response = bench.patch(malformed);
        check_problem(response, 400, "malformed-json");
        CHECK(body(response).contains("line"));
    }
    CHECK(bench.instance.revision == 1);
}

TEST_CASE("admin: media types", "[admin]") {
    AdminBench bench;
    const auto patch_as = [&bench](std::vector<HttpHeader> headers) {
        return bench.ask({"PATCH", "/v1/policies/default", std::move(headers), "{}"});
    };
    for (const char* wrong : {"application/json", "text/plain", "application/merge-patch+jsonx", ""}) {
        INFO(wrong);
        const auto response = patch_as({{"Content-Type", wrong}});
        check_problem(response, 415, "unsupported-media-type");
        CHECK(header(response, "Accept-Patch") == "application/merge-patch+json");
    }
    check_problem(patch_as({}), 415, "unsupported-media-type");
    CHECK(patch_as({{"Content-Type", "Application/Merge-Patch+JSON ; charset=utf-8"}}).status == 200);
}

TEST_CASE("admin: paths and methods", "[admin]") {
    AdminBench bench;
    for (const char* target : {"/nothing", "/v1/nothing", "/v1/policies/", "/v1/policies/default/", "//health",
                               "/v1/policies/default/x", "/Health", "/v1/policies/example"}) {
        INFO(target);
        check_problem(bench.get(target), 404, "not-found");
    }
    for (const char* target : {"", "health", "http://127.0.0.1:8053/health", "*", "/%", "/%2", "/%zz"}) {
        INFO(target);
        check_problem(bench.get(target), 400, "bad-request");
    }
    CHECK(bench.get("/%68ealth").status == 200);

    const auto posted = bench.ask({"POST", "/v1/policies/default", {}, ""});
    check_problem(posted, 405, "method-not-allowed");
    CHECK(header(posted, "Allow") == "DELETE, GET, HEAD, PATCH, PUT");
    const auto got = bench.get("/v1/reset");
    check_problem(got, 405, "method-not-allowed");
    CHECK(header(got, "Allow") == "POST");
    check_problem(bench.ask({"get", "/health", {}, ""}), 405, "method-not-allowed");
}

TEST_CASE("admin: reset takes no body, or an empty object", "[admin]") {
    AdminBench bench;
    REQUIRE(bench.patch(R"({"fit": "fill"})").status == 200);
    const auto post = [&bench](std::string body) { return bench.ask({"POST", "/v1/reset", {}, std::move(body)}); };

    check_problem(post("{"), 400, "malformed-json");
    check_problem(post("[]"), 422, "wrong-value");
    const auto unknown = post(R"({"learned": true})");
    check_problem(unknown, 422, "unknown-field");
    CHECK(text(body(unknown), "pointer") == "/learned");
    CHECK(bench.instance.forgotten == 0);
    CHECK(bench.instance.policy("default").fit == UNCUT_FIT_FILL);

    const auto done = post("");
    CHECK(done.status == 200);
    CHECK(done.body == "{\"revision\":3}\n");
    CHECK(bench.instance.forgotten == 1);
    CHECK(bench.instance.policy("default").fit == UNCUT_FIT_RRSET);
    CHECK(post(" {} ").status == 200);
    CHECK(bench.instance.forgotten == 2);
}

TEST_CASE("admin: If-Match", "[admin]") {
    AdminBench bench;
    const auto patch_if = [&bench](std::string tag) {
        return bench.patch(R"({"udp_tries": 1})", {{"If-Match", std::move(tag)}});
    };
    CHECK(patch_if("\"1\"").status == 200);         // now 2
    CHECK(patch_if("*").status == 200);             // now 3
    CHECK(patch_if("\"x\" ,\"3\"").status == 200);  // now 4
    for (const char* stale : {"\"3\"", "\"5\"", "W/\"4\"", "\"04\"", "\"\"", "\"4 \"", "\"99999999999999999999\""}) {
        INFO(stale);
        const auto response = patch_if(stale);
        check_problem(response, 412, "precondition-failed");
        CHECK(header(response, "ETag") == "\"4\"");
    }
    for (const char* malformed : {"4", "\"4", "", "\"4\",", "\"4\" \"5\"", "*, \"4\""}) {
        INFO(malformed);
        check_problem(patch_if(malformed), 400, "bad-request");
    }
    CHECK(bench.instance.revision == 4);
}

TEST_CASE("admin: Host, against DNS rebinding", "[admin]") {
    const auto status = [](std::string host, AccessRules rules) {
        AdminBench bench(std::move(rules));
        return bench.get("/health", {{"Host", std::move(host)}}).status;
    };
    for (const char* own :
         {"127.0.0.1:8053", "127.0.0.1", "127.9.9.9:1", "localhost", "LocalHost:8053", "[::1]:8053", "[::1]"}) {
        INFO(own);
        CHECK(status(own, {}) == 200);
    }
    for (const char* foreign :
         {"evil.example", "evil.example:8053", "localhost.evil.example", "localhost:8053@evil", "192.0.2.1:8053",
          "0.0.0.0:8053", "[::]:8053", "127.0.0.1.evil.example", "", "127.1", "127.0.0.1#80", "[2001:db8::1]"}) {
        INFO(foreign);
        CHECK(status(foreign, {}) == 403);
    }
    // Not on loopback a token is needed, and a page that rebinds a name does not have it.
    const std::string token = "0123456789abcdef";
    CHECK(status("uncut.example:8053", {false, token}) == 200);

    AdminBench bench;
    check_problem(bench.get("/health", {{"Host", "evil.example"}}), 403, "foreign-host");
    check_problem(bench.get("/health", {{"Host", "127.0.0.1"}, {"Host", "127.0.0.1"}}), 400, "bad-request");
    CHECK(AdminApplication({}, {}).refuse({"GET", "/health", {}, ""})->status == 400);  // none at all
}

TEST_CASE("admin: Origin, against cross-site writes", "[admin]") {
    AdminBench bench;
    const auto reset_from = [&bench](std::string origin) {
        return bench.ask({"POST", "/v1/reset", {{"Host", "127.0.0.1:8053"}, {"Origin", std::move(origin)}}, ""});
    };
    CHECK(reset_from("http://127.0.0.1:8053").status == 200);
    for (const char* foreign :
         {"http://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1", "", "http://localhost:8053",
          "ftp://127.0.0.1:8053", "http://127.0.0.1:8053.evil.example"}) {
        INFO(foreign);
        check_problem(reset_from(foreign), 403, "foreign-origin");
    }
    CHECK(bench.instance.forgotten == 1);
}

TEST_CASE("admin: the token", "[admin]") {
    const std::string token = "0123456789abcdef";
    AdminBench bench({false, token});
    const auto status = [&bench](std::string value) {
        return bench.get("/v1/policies/default", {{"Authorization", std::move(value)}}).status;
    };
    CHECK(status("Bearer " + token) == 200);
    CHECK(status("bearer " + token) == 200);
    for (const std::string& wrong : {std::string(), std::string("Bearer"), std::string("Bearer "), token,
                                     "Basic " + token, "Bearer " + token + "0", std::string("Bearer 0123456789abcdeF"),
                                     "Bearer " + token.substr(1), "Bearer " + token + token}) {
        INFO(wrong);
        CHECK(status(wrong) == 401);
    }
    const auto none = bench.get("/v1/policies/default");
    check_problem(none, 401, "unauthorized");
    CHECK(header(none, "WWW-Authenticate") == "Bearer");
    CHECK(bench.get("/nothing").status == 401);  // what there is, is not for strangers either
    CHECK(bench.get("/health").status == 200);

    CHECK(token_equals(token, token));
    CHECK_FALSE(token_equals("", token));
    CHECK_FALSE(token_equals("", ""));
    CHECK_FALSE(token_equals(token, ""));
}

TEST_CASE("admin: the token file", "[admin]") {
    std::string path = "/tmp/uncut-token-XXXXXX";
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    const auto read = [&path](std::string_view text) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
        return read_token_file(path);
    };
    const std::string longest(admin_token_octets_max, 'x');
    CHECK(read("0123456789abcdef") == "0123456789abcdef");
    CHECK(read("0123456789abcdef\r\nmore\n") == "0123456789abcdef");
    CHECK(read(longest + "\r\n") == longest);
    for (const std::string& wrong : {std::string(), std::string("\n0123456789abcdef"), std::string("0123456789abcde"),
                                     std::string("0123456789 abcdef"), longest + "x"}) {
        INFO(wrong);
        const auto token = read(wrong);
        REQUIRE_FALSE(token);
        CHECK(token.error() == path + ": expected a first line of 16 to 1024 visible ASCII characters");
    }
    ::unlink(path.c_str());
    CHECK(read_token_file(path).error() == path + ": cannot be opened: No such file or directory");
}

TEST_CASE("admin: the router finds parameters", "[admin]") {
    Router router;
    const auto answer = [](const HttpRequest&, const Router::Parameters& parameters) {
        HttpResponse response;
        for (const auto& parameter : parameters) response.body += "[" + parameter + "]";
        return response;
    };
    router.add({"GET", "/v1/answers/{name}/{type}", "", answer});
    router.add({"PUT", "/v1/answers/{name}/{type}", "application/json", answer});
    const auto ask = [&router](std::string target) {
        const HttpRequest request{"GET", std::move(target), {}, ""};
        const auto found = router.find(request);
        return found ? found->route->handle(request, found->parameters).body : std::to_string(found.error().status);
    };
    CHECK(ask("/v1/answers/a.example/A?x=/") == "[a.example][A]");
    CHECK(ask("/v1/answers/a%2Fb/%41") == "[a/b][A]");
    CHECK(ask("/v1/answers//A") == "404");
    CHECK(ask("/v1/answers/a") == "404");
    CHECK(router.find({"PUT", "/v1/answers/a/A", {}, ""}).error().status == 415);
    CHECK(router.routes().size() == 2);
}
