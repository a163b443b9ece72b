// SPDX-License-Identifier: Apache-2.0
// What the program's log says: on standard error alone, and what it promises.
#include <boost/json.hpp>
#include <regex>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/http.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;
namespace json = boost::json;

namespace {

const Endpoint nobody{"127.0.0.1", 9};  // no query is sent

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

HttpResponse get(const Endpoint& admin, std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    return http(admin, request);
}

}  // namespace

TEST_CASE("log: JSON, an object a line, from start to end", "[log]") {
    UncutProgram uncut(serve_arguments(nobody, {"--log-format", "json", "--log-level", "debug"}));
    CHECK(patch_policy(uncut.admin(), R"({"udp_tries": 5})").status == 200);
    CHECK(patch_policy(uncut.admin(), R"({"udp_tries": 0})").status == 422);
    CHECK(get(uncut.admin(), "/nothing%0A").status == 404);
    CHECK(get(uncut.admin(), "/health").status == 200);
    const Ended ended = uncut.process().stop();
    CHECK(ended.code == 0);

    std::vector<json::object> lines;
    const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");  // RFC 3339
    for (const std::string& line : lines_of(ended.err)) {
        INFO(line);
        lines.push_back(json::parse(line).as_object());
        CHECK(std::regex_match(lines.back().at("time").as_string().c_str(), time));
    }
    REQUIRE(lines.size() == 6);
    const auto field = [&](std::size_t line, const char* name) { return lines[line].at("fields").at(name); };
    CHECK(lines[0].at("message") == "started");
    CHECK(field(0, "dns") == json::value(uncut.dns().text()));
    CHECK(field(0, "admin") == json::value(uncut.admin().text()));
    CHECK(field(0, "upstreams") == "127.0.0.1:9");
    CHECK_FALSE(field(0, "module").as_string().empty());
    CHECK(field(0, "module_path").as_string().ends_with("libuncut.so"));
    CHECK(lines[1].at("level") == "info");
    CHECK(lines[1].at("message") == "request");
    CHECK(field(1, "method") == "PATCH");
    CHECK(field(1, "target") == "/v1/policies/default");
    CHECK(field(1, "status") == 200);
    CHECK(field(1, "revision") == "2");
    CHECK(field(1, "client").as_string().starts_with("127.0.0.1:"));
    CHECK(lines[2].at("level") == "debug");
    CHECK(field(2, "status") == 422);
    CHECK(field(3, "status") == 404);
    CHECK(lines[4].at("message") == "stopping");
    CHECK(field(4, "signal") == "SIGTERM");
    CHECK(lines[5].at("message") == "ended");
    CHECK(field(5, "queries_udp") == 0);
}

TEST_CASE("log: serve records by default what was started, written and ended; the demo is quiet", "[log]") {
    UncutProgram serve(serve_arguments(nobody));
    CHECK(patch_policy(serve.admin(), R"({"udp_tries": 5})").status == 200);
    CHECK(patch_policy(serve.admin(), R"({"udp_tries": 0})").status == 422);
    const Ended ended = serve.process().stop();
    const auto lines = lines_of(ended.err);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].contains(" info  started verb=serve dns=127.0.0.1:"));
    CHECK(lines[1].contains(" info  request method=PATCH target=/v1/policies/default status=200 revision=2 client="));
    CHECK(lines[2].contains(" info  stopping signal=SIGTERM in_flight=0"));
    CHECK(lines[3].contains(" info  ended queries_udp=0 "));
    CHECK_FALSE(ended.out.contains("started"));

    UncutProgram demo({"demo", "--dns", "127.0.0.1:0", "--before", "127.0.0.1:0", "--upstream", "127.0.0.1:0",
                       "--admin", "127.0.0.1:0"});
    CHECK(patch_policy(demo.admin(), R"({"udp_tries": 5})").status == 200);
    CHECK(demo.process().stop().err == "");
}

TEST_CASE("log: off is off, and a word that is none is refused", "[log]") {
    UncutProgram serve(serve_arguments(nobody, {"--log-level", "off"}));
    CHECK(patch_policy(serve.admin(), R"({"udp_tries": 5})").status == 200);
    CHECK(serve.process().stop().err == "");

    const Ended level = run_uncut({"serve", "--upstream", "127.0.0.1:9", "--log-level", "loud"});
    CHECK(level.code == 2);
    CHECK(level.err == "uncut: --log-level loud: expected trace, debug, info, warn, error or off\n");
    const Ended format = run_uncut({"demo", "--log-format", "xml"});
    CHECK(format.code == 2);
    CHECK(format.err == "uncut: --log-format xml: expected text or json\n");
}
