// SPDX-License-Identifier: Apache-2.0
// Each verb of ctl asks for the right thing, and prints what came.
#include <fstream>
#include <functional>
#include <sstream>

#include "harness/cli/ctl_verbs.hpp"
#include "tests/harness/ctl_fake_api.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;
using uncut::harness::test::FakeApi;

namespace {

using Requests = std::vector<std::string>;

const char* fields = R"({"fields":[
    {"name":"retry_truncated","unit":"","kind":"boolean","meaning":"ask again"},
    {"name":"suspect","unit":"","kind":"set","words":["cut","oversize"],"meaning":"what counts"},
    {"name":"client_bufsize","unit":"octets","kind":"integer","minimum":512,"maximum":65535,"meaning":"the most"}]})";

std::string refusal(const CtlDone& done) {
    return done ? "" : fmt::format("{} {}", done.error().status, done.error().text);
}

}  // namespace

TEST_CASE("ctl verbs: policy set reads each value as its field says", "[ctl]") {
    FakeApi api;
    api.answer("GET /v1/policy-fields", 200, fields);
    api.answer("PATCH /v1/policies/default", 200, R"({"retry_truncated":false,"suspect":[],"client_bufsize":512})",
               "\"4\"");
    const auto ctl = api.session();
    CHECK(ctl_policy_set(ctl, "default", {"retry_truncated=false", "suspect=", "client_bufsize=512"}));
    CHECK(api.take_requests() == Requests{"GET /v1/policy-fields",
                                          "PATCH /v1/policies/default "
                                          R"({"retry_truncated":false,"suspect":[],"client_bufsize":512})"});
    CHECK(api.take_out() == "default: retry_truncated=false suspect= client_bufsize=512 (revision 4)\n");
}

TEST_CASE("ctl verbs: policy set makes a zone that is not there", "[ctl]") {
    FakeApi api;
    api.answer("GET /v1/policy-fields", 200, fields);
    api.answer("PUT /v1/policies/k8s.example", 201, R"({"suspect":["cut"]})", "\"5\"");
    CHECK(ctl_policy_set(api.session(), "k8s.example", {"suspect=cut"}));
    CHECK(api.take_requests() == Requests{"GET /v1/policy-fields",
                                          R"(PATCH /v1/policies/k8s.example {"suspect":["cut"]})",
                                          R"(PUT /v1/policies/k8s.example {"suspect":["cut"]})"});
    CHECK(api.take_out() == "k8s.example: suspect=cut (revision 5)\n");
}

TEST_CASE("ctl verbs: a refusal is not tried in another way", "[ctl]") {
    FakeApi api;
    api.answer("GET /v1/policy-fields", 200, fields);
    api.answer("PATCH /v1/policies/default", 422,
               R"({"detail":"/retry_truncated: expected true or false, got \"maybe\"","pointer":"/retry_truncated"})");
    CHECK(refusal(ctl_policy_set(api.session(), "default", {"retry_truncated=maybe"})) ==
          "1 /retry_truncated: expected true or false, got \"maybe\"");
    CHECK(api.take_requests() ==
          Requests{"GET /v1/policy-fields", R"(PATCH /v1/policies/default {"retry_truncated":"maybe"})"});
}

TEST_CASE("ctl verbs: a policy is shown with units and meanings, or as the API has it", "[ctl]") {
    FakeApi api;
    api.answer("GET /v1/policy-fields", 200, fields);
    api.answer("GET /v1/policies/z.?effective=true", 200, R"({"suspect":[],"client_bufsize":512,"unheard_of":1})");
    CHECK(ctl_policy_get(api.session(), "z.", true));
    CHECK(api.take_out() ==
          "suspect         (none)          what counts\n"
          "client_bufsize  512     octets  the most\n"
          "unheard_of      1       -       -\n");
    CHECK(ctl_policy_get(api.session({.admin = "", .token_file = "", .if_match = "", .json = true}), "z.", true));
    CHECK(api.take_out() == R"({"suspect":[],"client_bufsize":512,"unheard_of":1})");
}

TEST_CASE("ctl verbs: what each asks for", "[ctl]") {
    struct Row {
        std::function<CtlDone(const Ctl&)> verb;
        std::string request;  // the only one, or the last
        std::string body;     // of the answer; "": 204
        std::string out;
    };
    CtlAnswer records{"www.example", "A", {"192.0.2.1", "192.0.2.2"}, {}, {}, 60};
    CtlAnswer large{"big.example", "TXT", {}, {}, 1500, {}};
    CtlAnswer many{"many.example", "A", {}, 200, {}, {}};
    CtlQuestion question;
    question.name = "www.example";
    CtlQuestion over_tcp = question;
    over_tcp.type = "AAAA";
    over_tcp.server = "before";
    over_tcp.tcp = over_tcp.no_edns = over_tcp.dnssec = over_tcp.no_retry = true;
    CtlExchanges filter;
    filter.name = "www.example";
    filter.limit = "5";
    const Row rows[] = {
        {ctl_upstreams_get, "GET /v1/upstreams", R"({"upstreams":["127.0.0.1:53","[::1]:53"]})",
         "127.0.0.1:53\n[::1]:53\n"},
        {[](const Ctl& ctl) { return ctl_upstreams_set(ctl, {"127.0.0.1", "::1"}); },
         R"(PUT /v1/upstreams {"upstreams":["127.0.0.1","::1"]})", R"({"upstreams":["127.0.0.1:53","[::1]:53"]})",
         "upstreams: 127.0.0.1:53,[::1]:53 (revision 9)\n"},
        {ctl_listeners, "GET /v1/listeners",
         R"({"listeners":[{"name":"uncut","address":"127.0.0.1:5300","transports":["udp","tcp"]}]})",
         "uncut  127.0.0.1:5300  udp,tcp\n"},
        {ctl_module_get, "GET /v1/module", R"({"path":"/lib/x.so","version":"0.1.0","abi":"0.2","loads":1})",
         "path     /lib/x.so\nversion  0.1.0\nABI      0.2\nloads    1\n"},
        {ctl_module_reload, "POST /v1/module/reload {}", R"({"path":"/x","version":"0.1.0","abi":"0.2","loads":2})",
         "path     /x\nversion  0.1.0\nABI      0.2\nloads    2\n"},
        {ctl_reset, "POST /v1/reset {}", R"({"revision":9})", "all is as it was at the start (revision 9)\n"},
        {ctl_policy_list, "GET /v1/policies", R"({"default":{"fit":"rrset","suspect":[]},"z.example":{}})",
         "default    fit                    rrset\n           suspect                (none)\n"
         "z.example  (sets nothing itself)\n"},
        {[](const Ctl& ctl) { return ctl_policy_unset(ctl, "z.example", {"fit", "suspect"}); },
         R"(PATCH /v1/policies/z.example {"fit":null,"suspect":null})", "{}",
         "z.example: no longer sets fit, suspect (revision 9)\n"},
        {[](const Ctl& ctl) { return ctl_policy_delete(ctl, "z.example"); }, "DELETE /v1/policies/z.example", "",
         "z.example: deleted (revision 9)\n"},
        {ctl_preset_list, "GET /v1/presets", R"({"presets":["default","coredns-default"]})",
         "default\ncoredns-default\n"},
        {[](const Ctl& ctl) { return ctl_preset_apply(ctl, "coredns-default"); },
         "POST /v1/presets/coredns-default/apply {}", "{}", "default: preset coredns-default (revision 9)\n"},
        {ctl_answer_list, "GET /v1/answers",
         R"({"answers":[{"name":"a.","type":"A","records":["1","2","3","4"],"ttl_s":30},
                        {"name":"b.","type":"TXT","octets":1500,"ttl_s":30}]})",
         "a.  30  A    1, 2, 3, ... 4 in all\nb.  30  TXT  1500 octets\n"},
        {[](const Ctl& ctl) { return ctl_answer_get(ctl, "a.", "A"); }, "GET /v1/answers/a./A",
         R"({"name":"a.","type":"A","records":["1","2","3","4"],"ttl_s":30})",
         "a.  30  A  1\na.  30  A  2\na.  30  A  3\na.  30  A  4\n"},
        {[&](const Ctl& ctl) { return ctl_answer_set(ctl, records); },
         R"(PUT /v1/answers/www.example/A {"records":["192.0.2.1","192.0.2.2"],"ttl_s":60})",
         R"({"name":"www.example.","type":"A","records":["192.0.2.1","192.0.2.2"],"ttl_s":60})",
         "www.example. A: 192.0.2.1, 192.0.2.2 (revision 9)\n"},
        {[&](const Ctl& ctl) { return ctl_answer_set(ctl, large); },
         R"(PUT /v1/answers/big.example/TXT {"octets":1500})", R"({"name":"big.example.","type":"TXT","octets":1500})",
         "big.example. TXT: 1500 octets (revision 9)\n"},
        {[&](const Ctl& ctl) { return ctl_answer_set(ctl, many); },
         R"(PUT /v1/answers/many.example/A {"addresses":200})",
         R"({"name":"many.example.","type":"A","addresses":200})", "many.example. A: 200 addresses (revision 9)\n"},
        {[](const Ctl& ctl) { return ctl_answer_delete(ctl, ".", "NS"); }, "DELETE /v1/answers/%2E/NS", "",
         ". NS: deleted (revision 9)\n"},
        {ctl_answer_clear, "DELETE /v1/answers", "", "no answer is left (revision 9)\n"},
        {[](const Ctl& ctl) {
             return ctl_fault_add(ctl, "tc_partial", {"octets=512", "name=www.example", "type=A", "times=3"});
         },
         R"(POST /v1/faults {"kind":"tc_partial","octets":512,"name":"www.example","type":"A","times":3})",
         R"({"id":1,"kind":"tc_partial","name":"www.example.","type":"A","times":3,"octets":512,"struck":0})",
         "fault 1: tc_partial name=www.example. type=A times=3 octets=512 (revision 9)\n"},
        {[](const Ctl& ctl) { return ctl_fault_set(ctl, "1", {"times=", "octets=600"}); },
         R"(PATCH /v1/faults/1 {"times":null,"octets":600})", R"({"id":1,"kind":"tc_partial","octets":600})",
         "fault 1: tc_partial octets=600 (revision 9)\n"},
        {ctl_fault_list, "GET /v1/faults",
         R"({"faults":[{"id":1,"kind":"drop","times":3,"struck":2},{"id":12,"kind":"delay","delay_ms":5,"struck":7}]})",
         "1   drop   times=3     struck 2 of 3\n12  delay  delay_ms=5  struck 7\n"},
        {ctl_fault_kinds, "GET /v1/fault-kinds",
         R"({"kinds":[{"kind":"tc_partial","meaning":"cuts","transports":["udp"],"parameters":[
              {"name":"octets","minimum":12,"maximum":65535,"required":true},{"name":"rcode","required":false}]}]})",
         "tc_partial  udp  octets=12..65535 [rcode=...]  cuts\n"},
        {[](const Ctl& ctl) { return ctl_fault_delete(ctl, "1"); }, "DELETE /v1/faults/1", "",
         "fault 1: deleted (revision 9)\n"},
        {ctl_fault_clear, "DELETE /v1/faults", "", "no fault is left (revision 9)\n"},
        {ctl_scenario_list, "GET /v1/scenarios", R"({"scenarios":[{"name":"atr","title":"A late TC"}]})",
         "atr  A late TC\n"},
        {[&](const Ctl& ctl) { return ctl_exchanges(ctl, filter); }, "GET /v1/exchanges?name=www.example&limit=5",
         R"({"exchanges":[]})", ""},
        {ctl_exchanges_clear, "DELETE /v1/exchanges", "", "no exchange is left (revision 9)\n"},
        {[&](const Ctl& ctl) { return ctl_ask(ctl, question); }, R"(POST /v1/ask {"name":"www.example","type":"A"})",
         R"({"answers":[{"transport":"udp","time_us":9,"outcome":"no_answer","message":null}]})",
         "over udp, 9 us: no_answer\n"},
        {[&](const Ctl& ctl) { return ctl_ask(ctl, over_tcp); },
         R"(POST /v1/ask {"name":"www.example","type":"AAAA","server":"before","transport":"tcp","bufsize":null,)"
         R"("dnssec":true,"retry":false})",
         R"({"answers":[]})", ""},
        {[](const Ctl& ctl) { return ctl_words(ctl, {"parameter", "k", "p"}); }, "GET /v1/fault-kinds",
         R"({"kinds":[{"kind":"k","parameters":[{"name":"p","words":["x","y"]}]}]})", "x\ny\n"},
    };
    for (const Row& row : rows) {
        INFO(row.request);
        FakeApi api;
        const std::string key = row.request.substr(0, row.request.find(' ', row.request.find(' ') + 1));
        api.answer(key, row.body.empty() ? 204 : 200, row.body, "\"9\"");
        const auto done = row.verb(api.session());
        CHECK(refusal(done) == "");
        CHECK(api.take_requests() == Requests{row.request});
        CHECK(api.take_out() == row.out);
    }
}

TEST_CASE("ctl verbs: an answer is one of records, addresses and octets", "[ctl]") {
    FakeApi api;
    CHECK(refusal(ctl_answer_set(api.session(), {"a", "A", {}, {}, {}, {}}))
              .starts_with("2 answer set: expected one of"));
    CHECK(refusal(ctl_answer_set(api.session(), {"a", "A", {"192.0.2.1"}, 5, {}, {}})).starts_with("2 "));
    CHECK(api.take_requests().empty());
}

TEST_CASE("ctl verbs: a scenario of a file, and of a name", "[ctl]") {
    const uncut::test::TempDir folder;
    FakeApi api;
    const std::string scenario = R"({"name":"atr","answers":[{"name":"a."}],"faults":[]})";
    api.answer("GET /v1/scenarios/atr", 200, scenario);
    api.answer("PUT /v1/scenario", 200, scenario, "\"3.4\"");
    api.answer("GET /v1/scenario", 200, scenario, "\"3.4\"");
    CHECK(ctl_scenario_load(api.session(), "atr"));
    CHECK(api.take_requests() == Requests{"GET /v1/scenarios/atr", "PUT /v1/scenario " + scenario});
    CHECK(api.take_out() == "scenario atr: 1 answers, 0 faults (revision 3.4)\n");

    const std::string file = folder / "saved.json";
    CHECK(ctl_scenario_save(api.session(), file));
    CHECK(api.take_out() == fmt::format("saved to {} (revision 3.4)\n", file));
    api.take_requests();
    CHECK(ctl_scenario_load(api.session(), file));
    CHECK(api.take_requests() == Requests{"PUT /v1/scenario " + scenario});

    CHECK(refusal(ctl_scenario_load(api.session(), "none"))
              .ends_with("(a file has a slash in its name, or ends in .json)"));
    CHECK(refusal(ctl_scenario_load(api.session(), folder / "none.json")).starts_with("2 "));
    const auto broken = folder.write("broken.json", "{\n\"a\":}");
    CHECK(
        refusal(ctl_scenario_load(api.session(), broken)).starts_with(fmt::format("2 {}: line 2, column 5: ", broken)));
}

TEST_CASE("ctl verbs: a zone file goes as it is", "[ctl]") {
    const uncut::test::TempDir folder;
    FakeApi api;
    api.answer("PUT /v1/answers", 200, R"({"answers":[{"name":"a."},{"name":"b."}]})", "\"3\"");
    const auto file = folder.write("zone", "a. 30 IN A 192.0.2.1\nb. 30 IN TXT \"x\"\n");
    CHECK(ctl_answer_load(api.session(), file));
    CHECK(api.take_requests() == Requests{R"(PUT /v1/answers {"zone":"a. 30 IN A 192.0.2.1\nb. 30 IN TXT \"x\"\n"})"});
    CHECK(api.take_out() == fmt::format("2 answers of {} (revision 3)\n", file));
}

TEST_CASE("ctl verbs: status says what is not ready, and ends with 1", "[ctl]") {
    FakeApi api;
    api.answer("GET /health", 200, R"({"status":"ok"})");
    api.answer("GET /version", 200,
               R"({"harness":"0.1.0","module":"0.1.1","abi":{"harness":"0.3","module":"0.2","negotiated":"0.2"}})");
    api.answer("GET /ready", 200, R"({"status":"ready"})");
    CHECK(ctl_status(api.session()));
    const std::string head = fmt::format("admin    http://{}\nhealth   ok\n", api.address());
    const std::string tail = "harness  0.1.0, ABI 0.3\nmodule   0.1.1, ABI 0.2\nABI      0.2\n";
    CHECK(api.take_out() == head + "ready    yes\n" + tail);

    api.answer("GET /ready", 503, R"({"detail":"x","not_ready":["upstreams","listeners"]})");
    CHECK(refusal(ctl_status(api.session())) == "1 ");
    CHECK(api.take_out() == head + "ready    no: upstreams,listeners\n" + tail);
}

TEST_CASE("ctl verbs: completion's words never complain", "[ctl]") {
    FakeApi api;
    for (const auto& about : {std::vector<std::string>{"zones"}, {"no-such-subject"}, {}}) {
        const auto done = ctl_words(api.session(), about);
        REQUIRE_FALSE(done);
        CHECK(done.error().text == "");
    }
    CHECK(api.take_out() == "");
}
