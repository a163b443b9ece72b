// SPDX-License-Identifier: Apache-2.0
// `uncut demo`: the story of the truncated answer, before and after, side by side and on one running server.
#include <iterator>
#include <regex>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/http.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

const Question chain{"quote-redis-cluster.default.svc.cluster.local", type_a};
const Question large{"endpoints.quote-redis-cluster-headless.production.svc.cluster.local", type_a};

UncutProgram demo() {
    const std::string any = "127.0.0.1:0";
    return UncutProgram({"demo", "--dns", any, "--before", any, "--upstream", any, "--admin", any});
}

Octets query_for(const Question& question, unsigned bufsize) {
    QueryOptions options;
    if (bufsize != 0) options.bufsize = static_cast<std::uint16_t>(bufsize);
    return make_query(question, options);
}

Answer udp(const Endpoint& server, const Question& question, unsigned bufsize) {
    const auto message = ask_udp(server, query_for(question, bufsize));
    REQUIRE(message);
    return read_answer(*message);
}

Answer tcp(const Endpoint& server, const Question& question, unsigned bufsize) {
    const auto message = ask_tcp(server, query_for(question, bufsize));
    REQUIRE(message);
    return read_answer(*message);
}

void check_before(const Endpoint& server) {
    for (const unsigned bufsize : {0u, 512u, 1232u, 4096u}) {
        const Answer answer = udp(server, chain, bufsize);
        CHECK(answer.tc);
        CHECK(answer.count("A") < 22);
    }
}

void check_after(const Endpoint& server) {
    for (const unsigned bufsize : {1232u, 4096u}) {
        const Answer answer = udp(server, chain, bufsize);
        CHECK_FALSE(answer.tc);
        CHECK(answer.count("A") == 22);
        CHECK(answer.count("CNAME") == 2);
    }
    for (const unsigned bufsize : {0u, 512u}) {
        const Answer answer = udp(server, chain, bufsize);
        CHECK(answer.tc);
        CHECK(answer.octets <= 512);
    }
    CHECK(tcp(server, chain, 0).count("A") == 22);
}

int addresses_that_dig_shows(const std::string& line) {
    const Ended ended = run({"sh", "-c", line + " +time=10 +tries=1 +noall +answer"});
    INFO(line << "\n" << ended.err << ended.out);
    CHECK(ended.code == 0);
    static const std::regex address(R"(IN\s+A\s)");
    return static_cast<int>(std::distance(std::sregex_iterator(ended.out.begin(), ended.out.end(), address), {}));
}

}  // namespace

TEST_CASE("the demo tells the story, before and after, side by side", "[story][demo]") {
    UncutProgram uncut = demo();
    check_before(uncut.before());
    check_after(uncut.dns());

    const Answer whole = tcp(uncut.dns(), chain, 1232);
    CHECK(whole.octets > 512);
    CHECK(whole.octets < 1232);

    for (const Endpoint& server : {uncut.before(), uncut.dns()}) {
        CHECK(udp(server, large, 4096).tc);
        const Answer all = tcp(server, large, 1232);
        CHECK(all.count("A") == 200);
        CHECK(all.octets == 3296);
    }
}

TEST_CASE("the demo's dig lines show what they say", "[story][demo]") {
    if (!have_programs({"dig"})) return;
    UncutProgram uncut = demo();
    std::vector<std::string> digs;
    std::istringstream lines(uncut.process().out());
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find_first_not_of(' ');
        if (at != std::string::npos && line.substr(at).starts_with("dig ")) digs.push_back(line.substr(at));
    }
    REQUIRE(digs.size() >= 3);
    CHECK(addresses_that_dig_shows(digs[0]) < 22);
    CHECK(addresses_that_dig_shows(digs[1]) == 22);
    CHECK(addresses_that_dig_shows(digs[2]) == 200);
}

TEST_CASE("a policy toggled on the running demo is obeyed by the next query", "[story][demo][threads]") {
    UncutProgram uncut = demo();
    for (int i = 0; i < 20; ++i) {
        REQUIRE(patch_policy(uncut.admin(), R"({"retry_truncated": false, "suspect": []})").status == 200);
        check_before(uncut.dns());
        HttpRequest reset;
        reset.method = "POST";
        reset.target = "/v1/reset";
        const auto response = http(uncut.admin(), reset);
        CHECK(response.status / 100 == 2);
        check_after(uncut.dns());
    }
    // The server beside it stays as it is.
    check_before(uncut.before());
}

TEST_CASE("the admin API shows the policy that the demo obeys", "[story][demo]") {
    UncutProgram uncut = demo();
    HttpRequest get;
    get.target = "/v1/policies/default";
    const auto before = http(uncut.admin(), get);
    CHECK(before.status == 200);
    CHECK(before.body.contains("\"client_bufsize\""));
    REQUIRE(patch_policy(uncut.admin(), R"({"client_bufsize": 4096})").status == 200);
    CHECK(http(uncut.admin(), get).body != before.body);
    const Answer all = udp(uncut.dns(), large, 4096);
    CHECK_FALSE(all.tc);
    CHECK(all.count("A") == 200);
    CHECK(patch_policy(uncut.admin(), R"({"client_bufsize": 511})").status / 100 == 4);
    CHECK(patch_policy(uncut.admin(), R"({"client_bufsiz": 1232})").status / 100 == 4);
    CHECK(patch_policy(uncut.admin(), "{").status / 100 == 4);
    CHECK(udp(uncut.dns(), large, 4096).count("A") == 200);
}
