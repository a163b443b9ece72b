// SPDX-License-Identifier: Apache-2.0
// The resources of policies and presets, beyond the patch of the root that tests/harness/admin_resources_test.cpp has.
#include <boost/json/parse.hpp>

#include "tests/harness/admin_bench.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;
namespace json = boost::json;

namespace {

const std::string example = "/v1/policies/example";

HttpResponse remove(AdminBench& bench, std::string target, std::vector<HttpHeader> headers = {}) {
    return bench.ask({"DELETE", std::move(target), std::move(headers), ""});
}

HttpResponse apply(AdminBench& bench, const std::string& preset, std::vector<HttpHeader> headers = {}) {
    return bench.ask({"POST", "/v1/presets/" + preset + "/apply", std::move(headers), ""});
}

}  // namespace

TEST_CASE("admin policies: the whole set, zones as they are set and the root complete", "[admin]") {
    AdminBench bench;
    REQUIRE(bench.send("PUT", example, R"({"fit":"subset"})").status == 201);
    const auto all = bench.get("/v1/policies");
    CHECK(all.status == 200);
    CHECK(header(all, "ETag") == "\"2\"");
    CHECK(body(all).size() == 2);
    CHECK(body(all).at("default").as_object().size() == policy_field_count);
    CHECK(body(all).at("example") == json::parse(R"({"fit":"subset"})"));
}

TEST_CASE("admin policies: PUT replaces the whole set", "[admin]") {
    AdminBench bench;
    REQUIRE(bench.send("PUT", example, R"({"fit":"subset"})").status == 201);
    const auto put = bench.send("PUT", "/v1/policies", R"({"default":{"udp_tries":2},"Other.Example.":{}})");
    CHECK(put.status == 200);
    CHECK(header(put, "ETag") == "\"3\"");
    CHECK(put.body == bench.get("/v1/policies").body);
    CHECK_FALSE(body(put).contains("example"));
    CHECK(body(put).at("other.example").as_object().empty());
    CHECK(body(put).at("default").at("udp_tries") == 2);
    CHECK(bench.instance.published.size() == 2);
    CHECK(bench.instance.policy("other.example").udp_tries == 2);

    // What was exported can be imported.
    const auto again = bench.send("PUT", "/v1/policies", put.body);
    CHECK(again.status == 200);
    CHECK(again.body == put.body);
    // A set without a root has the built-in one.
    CHECK(body(bench.send("PUT", "/v1/policies", "{}")).at("default").at("udp_tries") == 3);
}

TEST_CASE("admin policies: a set with a fault changes nothing, and the fault has its pointer", "[admin]") {
    AdminBench bench;
    struct Row {
        std::string body;
        std::string type;
        std::string pointer;
    };
    const std::vector<Row> rows = {
        {"[]", "wrong-value", ""},
        {R"({"example":[]})", "wrong-value", "/example"},
        {R"({"example":{"udp_tries":9}})", "wrong-value", "/example/udp_tries"},
        {R"({"example":{"udp_tries":null}})", "wrong-value", "/example/udp_tries"},
        {R"({"example":{"a/b":1}})", "unknown-field", "/example/a~1b"},
        {R"({"a..b":{}})", "wrong-value", "/a..b"},
        {R"({"example":{},"EXAMPLE.":{}})", "wrong-value", "/EXAMPLE."},
        {R"({"example":{},"example":{}})", "wrong-value", "/example"},
    };
    for (const Row& row : rows) {
        INFO(row.body);
        const auto response = bench.send("PUT", "/v1/policies", row.body);
        check_problem(response, 422, row.type);
        CHECK(text(body(response), "pointer") == row.pointer);
    }
    CHECK(bench.instance.revision == 1);
}

TEST_CASE("admin policies: a zone is made, replaced and taken away", "[admin]") {
    AdminBench bench;
    check_problem(bench.get(example), 404, "not-found");
    const auto made = bench.send("PUT", example, R"({"fit":"subset","udp_tries":1})");
    CHECK(made.status == 201);
    CHECK(header(made, "ETag") == "\"2\"");
    CHECK(body(made) == json::parse(R"({"fit":"subset","udp_tries":1})").as_object());
    CHECK(bench.get(example).body == made.body);

    const auto replaced = bench.send("PUT", "/v1/policies/EXAMPLE.", R"({"fit":"fill"})");
    CHECK(replaced.status == 200);
    CHECK(body(bench.get(example)) == json::parse(R"({"fit":"fill"})").as_object());
    CHECK(bench.instance.policy("example").udp_tries == 3);

    const auto patched = bench.send("PATCH", example, R"({"fit":null,"udp_tries":5})");
    CHECK(patched.status == 200);
    CHECK(body(patched) == json::parse(R"({"udp_tries":5})").as_object());

    const auto gone = remove(bench, example);
    CHECK(gone.status == 204);
    CHECK(gone.body.empty());
    CHECK(header(gone, "ETag") == "\"5\"");
    check_problem(bench.get(example), 404, "not-found");
    check_problem(remove(bench, example), 404, "not-found");
    check_problem(bench.send("PATCH", example, "{}"), 404, "not-found");
    CHECK(bench.instance.published.size() == 1);
}

TEST_CASE("admin policies: effective is all of a zone's policy", "[admin]") {
    AdminBench bench;
    REQUIRE(bench.send("PUT", example, R"({"fit":"subset"})").status == 201);
    REQUIRE(bench.patch(R"({"udp_tries":7})").status == 200);
    const auto effective = bench.get(example + "?effective=true");
    CHECK(body(effective).size() == policy_field_count);
    CHECK(body(effective).at("fit") == "subset");
    CHECK(body(effective).at("udp_tries") == 7);
    CHECK(bench.get(example + "?effective=false").body == bench.get(example).body);

    const auto wrong = bench.get(example + "?effective=maybe");
    check_problem(wrong, 422, "wrong-value");
    CHECK(text(body(wrong), "parameter") == "effective");
    CHECK(text(body(wrong), "expected") == "one of true, false");
    const auto unknown = bench.get(example + "?efective=true");
    check_problem(unknown, 422, "unknown-field");
    CHECK(text(body(unknown), "parameter") == "efective");
    check_problem(bench.get(example + "?effective=true&effective=true"), 422, "wrong-value");
}

TEST_CASE("admin policies: names that are no zones", "[admin]") {
    AdminBench bench;
    for (const char* zone : {"a..b", ".a", "%00", "a%00b", "a%5C", "%5C256"}) {
        INFO(zone);
        check_problem(bench.send("PUT", std::string("/v1/policies/") + zone, "{}"), 422, "wrong-value");
        check_problem(bench.get(std::string("/v1/policies/") + zone), 404, "not-found");
    }
    const std::string label_of_64(64, 'a');
    check_problem(bench.send("PUT", "/v1/policies/" + label_of_64, "{}"), 422, "wrong-value");
    CHECK(bench.instance.revision == 1);
    CHECK(bench.send("PUT", "/v1/policies/" + label_of_64.substr(1), "{}").status == 201);
}

TEST_CASE("admin policies: the root is replaced, and cannot be taken away", "[admin]") {
    AdminBench bench;
    const auto put = bench.send("PUT", "/v1/policies/default", R"({"udp_tries":2})");
    CHECK(put.status == 200);
    CHECK(body(put).size() == policy_field_count);
    CHECK(body(put).at("udp_tries") == 2);
    for (const char* root : {"/v1/policies/default", "/v1/policies/DEFAULT", "/v1/policies/%2E"}) {
        INFO(root);
        CHECK(bench.get(root).status == 200);
        check_problem(remove(bench, root), 409, "conflict");
    }
    CHECK(bench.instance.revision == 2);
}

TEST_CASE("admin policies: presets", "[admin]") {
    AdminBench bench;
    CHECK(bench.get("/v1/presets").body == "{\"presets\":[\"default\",\"coredns-default\"]}\n");
    const auto preset = bench.get("/v1/presets/coredns-default");
    CHECK(preset.status == 200);
    CHECK(body(preset).size() == policy_field_count);
    CHECK_FALSE(body(preset).at("retry_truncated").as_bool());
    check_problem(bench.get("/v1/presets/coredns"), 404, "not-found");

    REQUIRE(bench.send("PUT", example, R"({"fit":"subset"})").status == 201);
    const auto applied = apply(bench, "coredns-default");
    CHECK(applied.status == 200);
    CHECK(header(applied, "ETag") == "\"3\"");
    CHECK(applied.body == preset.body);
    CHECK(bench.get("/v1/policies/default").body == preset.body);
    CHECK(bench.instance.policy("example").retry_truncated == 0);
    CHECK(bench.instance.policy("example").fit == UNCUT_FIT_SUBSET);

    check_problem(apply(bench, "coredns"), 404, "not-found");
    CHECK(bench.send("POST", "/v1/presets/default/apply", "{}").status == 200);
    check_problem(bench.send("POST", "/v1/presets/default/apply", R"({"zone":"example"})"), 422, "unknown-field");
}

TEST_CASE("admin policies: every field is described, and takes what its description says", "[admin]") {
    AdminBench bench;
    const auto response = bench.get("/v1/policy-fields");
    CHECK(response.status == 200);
    const json::object described = body(response);
    const json::array& fields = described.at("fields").as_array();
    REQUIRE(fields.size() == policy_field_count);
    const json::object root = body(bench.get("/v1/policies/default"));
    for (const json::value& value : fields) {
        const json::object& field = value.as_object();
        const std::string name = text(field, "name");
        INFO(name);
        CHECK(field.at("default") == root.at(name));
        CHECK_FALSE(text(field, "meaning").empty());
        CHECK(name.ends_with("_ms") == (text(field, "unit") == "ms"));
        json::array takes;
        if (text(field, "kind") == "boolean") takes = json::parse("[true,false]").as_array();
        for (const char* end : {"minimum", "maximum"}) {
            if (text(field, "kind") == "integer") takes.push_back(field.at(end));
        }
        if (text(field, "kind") == "choice") takes = field.at("words").as_array();
        if (text(field, "kind") == "set") {
            takes.emplace_back(json::array());
            takes.push_back(field.at("words"));
        }
        REQUIRE(takes.size() > 1);
        for (const json::value& one : takes) {
            const auto patched = bench.patch(json::serialize(json::object{{name, one}}));
            INFO(patched.body);
            CHECK(patched.status == 200);
            CHECK(body(patched).at(name) == one);
        }
    }
}

TEST_CASE("admin policies: every write takes If-Match", "[admin]") {
    struct Write {
        std::string method;
        std::string target;
        std::string body;
    };
    const std::vector<Write> writes = {{"PUT", "/v1/policies", R"({"example":{}})"},
                                       {"PUT", example, "{}"},
                                       {"PATCH", example, R"({"udp_tries":1})"},
                                       {"PATCH", "/v1/policies/default", R"({"udp_tries":1})"},
                                       {"DELETE", example, ""},
                                       {"POST", "/v1/presets/coredns-default/apply", ""}};
    for (const Write& write : writes) {
        INFO(write.method << ' ' << write.target);
        AdminBench bench;
        REQUIRE(bench.send("PUT", example, R"({"fit":"subset"})").status == 201);
        const auto with_tag = [&](const char* tag) {
            return bench.send(write.method, write.target, write.body, {{"If-Match", tag}});
        };
        const auto stale = with_tag("\"1\"");
        check_problem(stale, 412, "precondition-failed");
        CHECK(header(stale, "ETag") == "\"2\"");
        check_problem(with_tag("2"), 400, "bad-request");
        CHECK(bench.instance.revision == 2);
        const auto written = with_tag("\"2\"");
        CHECK(written.status / 100 == 2);
        CHECK(header(written, "ETag") == "\"3\"");
    }
}

TEST_CASE("admin policies: nothing that is not there matches", "[admin]") {
    AdminBench bench;
    for (const char* tag : {"*", "\"1\""}) {
        INFO(tag);
        check_problem(bench.send("PUT", example, "{}", {{"If-Match", tag}}), 412, "precondition-failed");
    }
    CHECK(bench.instance.revision == 1);
    CHECK(bench.send("PUT", example, "{}").status == 201);
    CHECK(bench.send("PUT", example, "{}", {{"If-Match", "*"}}).status == 200);
}
