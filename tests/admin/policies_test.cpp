// SPDX-License-Identifier: Apache-2.0
// The admin API of the built program, with the real module behind it.
#include <boost/json.hpp>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/http.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;
namespace json = boost::json;

namespace {

const Endpoint nobody{"127.0.0.1", 9};  // no query is sent

HttpResponse get(const Endpoint& admin, std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    return http(admin, request);
}

HttpResponse reset(const Endpoint& admin) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/reset";
    return http(admin, request);
}

json::object policy(const Endpoint& admin) {
    const HttpResponse response = get(admin, "/v1/policies/default");
    INFO(response.body);
    REQUIRE(response.status == 200);
    return json::parse(response.body).as_object();
}

json::value parsed(const char* text) {
    return json::parse(text);
}

}  // namespace

TEST_CASE("admin: a fresh server has the defaults of the design", "[admin]") {
    const UncutProgram uncut(serve_arguments(nobody));
    CHECK(policy(uncut.admin()) == parsed(R"({"enabled": true, "upstream_transport": "match_client",
        "retry_truncated": true, "suspect": ["cut", "oversize", "dangling_cname"], "upstream_bufsize": 1232,
        "upstream_edns": "keep", "client_bufsize": 1232, "fit": "rrset", "on_tcp_failure": "partial",
        "udp_timeout_ms": 1000, "tcp_timeout_ms": 2000, "udp_tries": 3, "deadline_ms": 4500, "learned_ttl_s": 300})"));
    CHECK(get(uncut.admin(), "/health").status == 200);
}

TEST_CASE("admin: the module takes both ends of every range that the API takes", "[admin]") {
    const UncutProgram uncut(serve_arguments(nobody));
    const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {
        {"enabled", {"false", "true"}},
        {"upstream_transport", {"\"match_client\"", "\"udp_first\"", "\"tcp\"", "\"learned\""}},
        {"retry_truncated", {"false", "true"}},
        {"suspect", {"[]", "[\"cut\",\"oversize\",\"dangling_cname\"]"}},
        {"upstream_bufsize", {"512", "4096"}},
        {"upstream_edns", {"\"keep\"", "\"add\""}},
        {"client_bufsize", {"512", "65535"}},
        {"fit", {"\"rrset\"", "\"fill\"", "\"empty\"", "\"subset\""}},
        {"on_tcp_failure", {"\"partial\"", "\"empty\"", "\"servfail\""}},
        {"udp_timeout_ms", {"1", "60000"}},
        {"tcp_timeout_ms", {"1", "60000"}},
        {"udp_tries", {"1", "8"}},
        {"deadline_ms", {"1", "60000"}},
        {"learned_ttl_s", {"0", "86400"}},
    };
    CHECK(rows.size() == policy(uncut.admin()).size());
    for (const auto& [field, values] : rows) {
        for (const std::string& value : values) {
            const std::string patch = "{\"" + field + "\":" + value + "}";
            INFO(patch);
            const HttpResponse response = patch_policy(uncut.admin(), patch);
            INFO(response.body);
            CHECK(response.status == 200);
            CHECK(json::parse(response.body).at(field) == json::parse(value));
        }
    }
}

TEST_CASE("admin: a patch holds until reset, and an error changes nothing", "[admin]") {
    const UncutProgram uncut(serve_arguments(nobody, {"--preset", "coredns-force-tcp"}));
    const json::object start = policy(uncut.admin());
    CHECK(start.at("upstream_transport") == "tcp");

    CHECK(patch_policy(uncut.admin(), R"({"upstream_transport": null, "udp_tries": 1})").status == 200);
    CHECK(policy(uncut.admin()).at("upstream_transport") == "match_client");
    CHECK(policy(uncut.admin()).at("udp_tries") == 1);

    const HttpResponse bad = patch_policy(uncut.admin(), R"({"udp_tries": 2, "upstream_bufsize": 100})");
    CHECK(bad.status == 422);
    CHECK(json::parse(bad.body).at("pointer") == "/upstream_bufsize");
    CHECK(policy(uncut.admin()).at("udp_tries") == 1);

    CHECK(reset(uncut.admin()).status == 200);
    CHECK(policy(uncut.admin()) == start);
}

TEST_CASE("admin: presets of the module", "[admin]") {
    const auto with = [](const char* preset) {
        const UncutProgram uncut(serve_arguments(nobody, {"--preset", preset}));
        return policy(uncut.admin());
    };
    const json::object plain = with("coredns-default");
    CHECK(plain.at("upstream_transport") == "match_client");
    CHECK(plain.at("retry_truncated") == false);
    CHECK(plain.at("suspect").as_array().empty());
    const json::object prefer_udp = with("coredns-prefer-udp");
    CHECK(prefer_udp.at("upstream_transport") == "udp_first");
    CHECK(prefer_udp.at("retry_truncated") == true);
}

TEST_CASE("admin: only loopback without a token", "[admin]") {
    const Ended ended =
        run_uncut({"serve", "--upstream", "127.0.0.1:9", "--dns", "127.0.0.1:0", "--admin", "192.0.2.1:8053"});
    CHECK(ended.code == 2);
    INFO(ended.err);
    CHECK(ended.err.find("192.0.2.1:8053") != std::string::npos);
    CHECK(ended.err.find("token file") != std::string::npos);
}
