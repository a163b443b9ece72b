// SPDX-License-Identifier: Apache-2.0
// Answers, faults and scenarios over the admin API, and that the upstream obeys them at once.
#include "tests/harness/script_bench.hpp"

using namespace uncut::harness;
using namespace uncut::test;

namespace {

const Octets one_query = make_query({one_name}, {.bufsize = 1232});

std::string tag(const HttpResponse& response) {
    return header_of(response, "ETag");
}

}  // namespace

TEST_CASE("answers resource: one RRset comes, changes and goes, each time at once", "[script]") {
    ScriptBench bench;
    const std::string target = "/v1/answers/WWW.new.example/a";
    const Octets query = make_query({"www.new.example"});
    check_problem_of(bench.ask("GET", target), 404, "not-found");
    CHECK(read_answer(bench.server.udp(query).value()).rcode == 5);

    const auto created = bench.ask("PUT", target, R"({"addresses":3})");
    CHECK(created.status == 201);
    CHECK(tag(created) == "\"2\"");
    CHECK(created.body == R"({"name":"www.new.example.","type":"A","addresses":3,"ttl_s":30})"
                          "\n");
    CHECK(read_answer(bench.server.udp(query).value()).count("A") == 3);
    CHECK(bench.get(target) == created.body);
    CHECK(bench.ask("HEAD", target).status == 200);

    const auto changed = bench.ask("PUT", target, R"({"name":"www.new.example","type":"A","records":["192.0.2.77"]})");
    CHECK(changed.status == 200);
    CHECK(read_answer(bench.server.udp(query).value()).answer.begin()->ends_with("192.0.2.77"));
    CHECK(bench.ask("PUT", target, changed.body).status == 200);  // what came can be put back

    CHECK(bench.ask("DELETE", target).status == 204);
    CHECK(read_answer(bench.server.udp(query).value()).rcode == 5);
    check_problem_of(bench.ask("DELETE", target), 404, "not-found");
}

TEST_CASE("answers resource: what is wrong is refused and changes nothing", "[script]") {
    ScriptBench bench;
    const std::string before = bench.get("/v1/answers");
    const auto refused = bench.ask("PUT", "/v1/answers/a.example/A", R"({"records":["x"]})");
    check_problem_of(refused, 422, "wrong-value");
    CHECK(bench.json(refused, 422).at("pointer") == "/records/0");
    check_problem_of(bench.ask("PUT", "/v1/answers/a.example/A", R"({"name":"b.example","addresses":1})"), 422,
                     "wrong-value");
    check_problem_of(bench.ask("PUT", "/v1/answers/a..b/A", R"({"addresses":1})"), 422, "wrong-value");
    check_problem_of(bench.ask("PUT", "/v1/answers/a.example/ANY", R"({"addresses":1})"), 422, "wrong-value");
    check_problem_of(bench.ask("GET", "/v1/answers/a..b/A"), 404, "not-found");
    check_problem_of(bench.ask("DELETE", "/v1/answers/a.example/NOSUCH"), 404, "not-found");
    check_problem_of(bench.ask("PUT", "/v1/answers", R"({"answers":[{"name":"a","type":"A"}]})"), 422, "wrong-value");
    check_problem_of(bench.ask("PUT", "/v1/answers", "{"), 400, "malformed-json");
    CHECK(bench.get("/v1/answers") == before);
    CHECK(tag(bench.ask("GET", "/v1/answers")) == "\"1\"");
}

TEST_CASE("answers resource: all of them, as RRsets or as a zone's text", "[script]") {
    ScriptBench bench;
    const auto zone =
        bench.ask("PUT", "/v1/answers", R"({"zone":"b.example. 5 A 192.0.2.1\na.example. 5 A 192.0.2.2\n"})");
    CHECK(zone.status == 200);
    CHECK(zone.body == R"({"answers":[{"name":"a.example.","type":"A","records":["192.0.2.2"],"ttl_s":5},)"
                       R"({"name":"b.example.","type":"A","records":["192.0.2.1"],"ttl_s":5}]})"
                       "\n");
    CHECK(bench.ask("PUT", "/v1/answers", zone.body).body == zone.body);
    CHECK(bench.ask("DELETE", "/v1/answers").status == 204);
    CHECK(bench.get("/v1/answers") == "{\"answers\":[]}\n");
    CHECK(read_answer(bench.server.udp(make_query({"a.example"})).value()).rcode == 5);
}

TEST_CASE("faults resource: a fault is posted, strikes, is spent, patched, and deleted", "[script]") {
    ScriptBench bench;
    const auto posted = bench.ask("POST", "/v1/faults", R"({"kind":"rcode","rcode":"SERVFAIL","times":1})");
    CHECK(posted.status == 201);
    CHECK(header_of(posted, "Location") == "/v1/faults/1");
    CHECK(tag(posted) == "\"2\"");
    const auto rcode = [&] { return read_answer(bench.server.udp(one_query).value()).rcode; };
    CHECK(rcode() == 2);
    CHECK(rcode() == 0);
    CHECK(bench.get("/v1/faults/1") ==
          R"({"id":1,"kind":"rcode","probability":1,"seed":1,"times":1,"rcode":"SERVFAIL","struck":1})"
          "\n");

    const auto patched = bench.ask("PATCH", "/v1/faults/1", R"({"rcode":5,"times":2})");
    CHECK(bench.json(patched).at("struck") == 0);  // it begins anew
    CHECK(rcode() == 5);
    CHECK(bench.ask("PATCH", "/v1/faults/1", R"({"times":null})").status == 200);
    CHECK_FALSE(bench.json(bench.ask("GET", "/v1/faults/1")).contains("times"));

    CHECK(bench.ask("DELETE", "/v1/faults/1").status == 204);
    CHECK(rcode() == 0);
    CHECK(header_of(bench.ask("POST", "/v1/faults", R"({"kind":"drop"})"), "Location") == "/v1/faults/2");
    CHECK(bench.ask("DELETE", "/v1/faults").status == 204);
    CHECK(bench.faults().empty());
    for (const char* none : {"1", "2", "99999999999999999999", "x", "-1", "1x"}) {
        INFO(none);
        check_problem_of(bench.ask("GET", std::string("/v1/faults/") + none), 404, "not-found");
        check_problem_of(bench.ask("PATCH", std::string("/v1/faults/") + none, "{}"), 404, "not-found");
        check_problem_of(bench.ask("DELETE", std::string("/v1/faults/") + none), 404, "not-found");
    }
}

TEST_CASE("faults resource: a write to one fault leaves the others' counts alone", "[script]") {
    ScriptBench bench;
    REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"duplicate"})").status == 201);
    REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"delay","delay_ms":1})").status == 201);
    REQUIRE(bench.server.udp(one_query));
    REQUIRE(bench.ask("PUT", "/v1/answers/a.example/A", R"({"addresses":1})").status == 201);
    REQUIRE(bench.ask("PATCH", "/v1/faults/2", R"({"delay_ms":2})").status == 200);
    const auto faults = bench.faults();
    CHECK(faults.at(0).at("struck") == 1);
    CHECK(faults.at(1).at("struck") == 0);
}

TEST_CASE("faults resource: what is wrong is refused with its pointer and changes nothing", "[script]") {
    ScriptBench bench;
    REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"tc_partial","octets":100})").status == 201);
    const std::string before = bench.get("/v1/faults");
    const auto pointer = [&](const HttpResponse& response) { return bench.json(response, 422).at("pointer"); };
    CHECK(pointer(bench.ask("POST", "/v1/faults", R"({"kind":"drop","octets":1})")) == "/octets");
    CHECK(pointer(bench.ask("POST", "/v1/faults", R"({"kind":"tcp_refused","name":"a"})")) == "/name");
    CHECK(pointer(bench.ask("PATCH", "/v1/faults/1", R"({"kind":"drop"})")) == "/octets");
    CHECK(pointer(bench.ask("PATCH", "/v1/faults/1", R"({"id":2})")) == "/id");
    CHECK(pointer(bench.ask("PATCH", "/v1/faults/1", R"([])")) == "");
    CHECK(bench.get("/v1/faults") == before);
    CHECK(bench.json(bench.ask("PATCH", "/v1/faults/1", R"({"kind":"drop","octets":null})")).at("kind") == "drop");
}

TEST_CASE("faults resource: the list is full at some time", "[script]") {
    ScriptBench bench;
    for (std::size_t i = 0; i < upstream::faults_max; ++i) {
        REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"drop","name":"a.example"})").status == 201);
    }
    check_problem_of(bench.ask("POST", "/v1/faults", R"({"kind":"drop"})"), 409, "conflict");
    CHECK(bench.faults().size() == upstream::faults_max);
}

TEST_CASE("faults resource: TCP is refused and comes back with the write", "[script]") {
    ScriptBench bench;
    REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"tcp_refused"})").status == 201);
    CHECK(bench.server.tcp_refused());
    REQUIRE(bench.ask("DELETE", "/v1/faults/1").status == 204);
    CHECK(bench.server.tcp(one_query));
}

TEST_CASE("fault kinds resource: every kind, as a form and a reader need it", "[script]") {
    const bool scripted = GENERATE(true, false);
    ScriptBench bench(scripted);
    const auto kinds = bench.json(bench.ask("GET", "/v1/fault-kinds")).at("kinds").as_array();
    REQUIRE(kinds.size() == upstream::fault_kinds().size());
    std::vector<std::string> without_words;
    for (const auto& kind : kinds) {
        if (kind.at("meaning").as_string().empty() || kind.at("transports").as_array().empty()) {
            without_words.emplace_back(kind.at("kind").as_string());
        }
    }
    CHECK(without_words.empty());
    CHECK(
        boost::json::serialize(kinds.at(6)) ==
        R"({"kind":"atr","group":"size","meaning":"the whole answer, however long, and behind it an empty one with )"
        R"(TC","transports":["udp"],"parameters":[{"name":"delay_ms","unit":"ms","minimum":0,"maximum":600000,)"
        R"("required":false,"meaning":"how long after the answer the TC comes","default":10}],"matches_queries":true})");
}

TEST_CASE("script resources: the revision is one for answers and faults, and If-Match is honoured", "[script]") {
    ScriptBench bench;
    struct Row {
        std::string method;
        std::string target;
        std::string body;
    };
    REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"drop","name":"a.example"})").status == 201);
    REQUIRE(bench.ask("PUT", "/v1/answers/a.example/A", R"({"addresses":1})").status == 201);
    CHECK(tag(bench.ask("GET", "/v1/faults")) == "\"3\"");
    CHECK(tag(bench.ask("GET", "/v1/answers/a.example/A")) == "\"3\"");
    const std::vector<Row> rows = {
        {"PUT", "/v1/answers/a.example/A", R"({"addresses":2})"},
        {"PUT", "/v1/answers/new.example/A", R"({"addresses":2})"},
        {"PUT", "/v1/answers", R"({"answers":[]})"},
        {"DELETE", "/v1/answers/a.example/A", ""},
        {"DELETE", "/v1/answers", ""},
        {"POST", "/v1/faults", R"({"kind":"drop"})"},
        {"PATCH", "/v1/faults/1", R"({"times":1})"},
        {"DELETE", "/v1/faults/1", ""},
        {"DELETE", "/v1/faults", ""},
    };
    for (const Row& row : rows) {
        INFO(row.method << " " << row.target);
        const auto stale = bench.ask(row.method, row.target, row.body, {{"If-Match", "\"2\""}});
        check_problem_of(stale, 412, "precondition-failed");
        CHECK(tag(stale) == "\"3\"");
        check_problem_of(bench.ask(row.method, row.target, row.body, {{"If-Match", "3"}}), 400, "bad-request");
    }
    CHECK(bench.ask("PATCH", "/v1/faults/1", R"({"times":1})", {{"If-Match", "\"3\""}}).status == 200);
}

TEST_CASE("script resources: without a scripted upstream they are a conflict", "[script]") {
    ScriptBench bench(false);
    const std::pair<const char*, const char*> asked[] = {
        {"GET", "/v1/answers"},    {"DELETE", "/v1/answers"},    {"GET", "/v1/answers/a.example/A"},
        {"GET", "/v1/faults"},     {"POST", "/v1/faults"},       {"DELETE", "/v1/faults/1"},
        {"GET", "/v1/scenario"},   {"PUT", "/v1/scenario"},      {"GET", "/v1/scenarios"},
        {"PATCH", "/v1/faults/1"}, {"GET", "/v1/scenarios/atr"}, {"PUT", "/v1/answers/a.example/A"},
    };
    for (const auto& [method, target] : asked) {
        INFO(method << " " << target);
        check_problem_of(bench.ask(method, target, "{}"), 409, "conflict");
    }
}

TEST_CASE("script resources: reset brings the start back, ids too", "[script]") {
    ScriptBench bench;
    const std::string before = bench.get("/v1/scenario");
    REQUIRE(bench.ask("PUT", "/v1/answers", R"({"answers":[]})").status == 200);
    REQUIRE(bench.ask("POST", "/v1/faults", R"({"kind":"tcp_refused"})").status == 201);
    REQUIRE(bench.server.udp(one_query));
    REQUIRE(bench.ask("POST", "/v1/reset").status == 200);
    CHECK(bench.get("/v1/scenario") == before);
    CHECK(bench.server.upstream->queries().empty());
    CHECK(read_answer(bench.server.tcp(one_query).value()).count("A") == 1);
    CHECK(header_of(bench.ask("POST", "/v1/faults", R"({"kind":"drop"})"), "Location") == "/v1/faults/1");
}

TEST_CASE("scenario resource: the whole state goes in and comes out the same, as often as one likes", "[script]") {
    ScriptBench bench;
    const std::string scenario =
        R"({"name":"mine","title":"Mine","description":"Of my own.","policies":{"a.example":{"fit":"fill"},)"
        R"("default":{"udp_tries":1}},"answers":[{"name":"A.example","type":"TXT","octets":1500},)"
        R"({"name":"a.example","type":"A","addresses":60}],"faults":[{"kind":"tc_empty","times":2},)"
        R"({"kind":"tcp_refused"}],"udp_octets_max":700,"story":[{"ask":{"name":"a.example"},"anything":[1]}]})";
    const auto put = bench.ask("PUT", "/v1/scenario", scenario);
    INFO(put.body);
    REQUIRE(put.status == 200);
    const auto state = bench.json(put);
    CHECK(state.at("name") == "mine");
    CHECK(state.at("udp_octets_max") == 700);
    CHECK(boost::json::serialize(state.at("story")) == R"([{"ask":{"name":"a.example"},"anything":[1]}])");
    CHECK(state.at("policies").at("default").at("udp_tries") == 1);
    CHECK(boost::json::serialize(state.at("policies").at("a.example")) == R"({"fit":"fill"})");
    CHECK(boost::json::serialize(state.at("faults")) ==
          R"([{"kind":"tc_empty","probability":1,"seed":1,"times":2},{"kind":"tcp_refused"}])");
    CHECK(bench.instance.policy("default").udp_tries == 1);
    CHECK(bench.server.tcp_refused());
    CHECK(read_answer(bench.server.udp(make_query({"a.example"}, {.bufsize = 1232})).value()).tc);

    CHECK(bench.get("/v1/scenario") == put.body);
    CHECK(bench.ask("PUT", "/v1/scenario", put.body).body == put.body);
    CHECK(bench.get("/v1/scenario") == put.body);
    CHECK(tag(bench.ask("GET", "/v1/scenario")) == "\"3.3\"");
}

TEST_CASE("scenario resource: all or nothing", "[script]") {
    ScriptBench bench;
    const std::string before = bench.get("/v1/scenario");
    const auto tries = [&](std::string_view body) {
        const auto response = bench.ask("PUT", "/v1/scenario", std::string(body));
        INFO(response.body);
        CHECK(response.status == 422);
        CHECK(bench.get("/v1/scenario") == before);
        CHECK(bench.instance.policy("default").udp_tries != 1);
    };
    tries(R"({"policies":{"default":{"udp_tries":1}},"faults":[{"kind":"none"}]})");
    tries(R"({"policies":{"default":{"udp_tries":1}},"answers":[{"name":"a","type":"A","addresses":0}]})");
    tries(R"({"faults":[{"kind":"drop"}],"policies":{"default":{"udp_tries":0}}})");
    bench.instance.refused_zone = "refused.example";
    tries(R"({"policies":{"default":{"udp_tries":1},"refused.example":{}}})");
    // More records than there may be: the upstream refuses what the policies have taken.
    std::string many = R"({"policies":{"default":{"udp_tries":1}},"answers":[)";
    for (int i = 0; i < 17; ++i) {
        many += (i == 0 ? "" : ",") + std::string(R"({"name":"n)") + std::to_string(i) +
                R"(.example","type":"A","addresses":4000})";
    }
    tries(many + "]}");
}

TEST_CASE("scenario resource: If-Match has both revisions", "[script]") {
    ScriptBench bench;
    const auto put_if = [&](const char* if_match) {
        return bench.ask("PUT", "/v1/scenario", "{}", {{"If-Match", if_match}});
    };
    check_problem_of(put_if("\"1.0\""), 412, "precondition-failed");
    check_problem_of(put_if("\"1\""), 412, "precondition-failed");
    CHECK(put_if("\"1.1\"").status == 200);
    CHECK(tag(put_if("\"1.1\"")) == "\"2.2\"");
}

TEST_CASE("scenarios resource: those built in are listed, and each can be put as it is, twice", "[script]") {
    ScriptBench bench;
    const auto listed = bench.json(bench.ask("GET", "/v1/scenarios")).at("scenarios").as_array();
    REQUIRE(listed.size() >= 2);
    for (const auto& row : listed) {
        const std::string name(row.at("name").as_string());
        INFO(name);
        const auto scenario = bench.ask("GET", "/v1/scenarios/" + name);
        REQUIRE(scenario.status == 200);
        CHECK(bench.json(scenario).at("name") == row.at("name"));
        const auto put = bench.ask("PUT", "/v1/scenario", scenario.body);
        INFO(put.body);
        REQUIRE(put.status == 200);
        CHECK(bench.ask("PUT", "/v1/scenario", put.body).body == put.body);
    }
    check_problem_of(bench.ask("GET", "/v1/scenarios/none"), 404, "not-found");
}
