// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/system.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "harness/admin/policies.hpp"
#include "harness/admin/program_view.hpp"
#include "harness/assets/assets.hpp"
#include "tests/harness/admin_bench.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;

namespace {

/// The resources of a program of which everything is made up.
class SystemBench {
  public:
    SystemBench() {
        SystemView view;
        view.versions = [] { return VersionView{"1.2.3", "4.5.6", "0.2", "0.3", "0.2"}; };
        view.listeners = [] {
            return std::vector<ListenerView>{{"uncut", "127.0.0.1:5300", {"udp", "tcp"}},
                                             {"admin", "[::1]:8053", {"http"}}};
        };
        view.not_ready = [this] { return not_ready; };
        add_system_resources(router_, std::move(view));
    }

    HttpResponse get(const std::string& target) const {
        const HttpRequest request{"GET", target, {}, ""};
        const auto found = router_.find(request);
        return found ? found->route->handle(request, found->parameters) : found.error();
    }

    std::vector<std::string> not_ready;

  private:
    Router router_;
};

}  // namespace

TEST_CASE("admin: what says how the program is", "[admin]") {
    SystemBench bench;
    CHECK(bench.get("/health").body == "{\"status\":\"ok\"}\n");
    CHECK(bench.get("/ready").body == "{\"status\":\"ready\"}\n");
    CHECK(bench.get("/version").body ==
          R"({"harness":"1.2.3","module":"4.5.6","abi":{"harness":"0.2","module":"0.3","negotiated":"0.2"}})"
          "\n");
    CHECK(bench.get("/v1/listeners").body ==
          R"({"listeners":[{"name":"uncut","address":"127.0.0.1:5300","transports":["udp","tcp"]},)"
          R"({"name":"admin","address":"[::1]:8053","transports":["http"]}]})"
          "\n");
}

TEST_CASE("admin: what is not ready is named", "[admin]") {
    SystemBench bench;
    bench.not_ready = {"uncut", "before"};
    const auto response = bench.get("/ready");
    check_problem(response, 503, "not-ready");
    CHECK(boost::json::serialize(body(response).at("not_ready")) == R"(["uncut","before"])");
    bench.not_ready.clear();
    CHECK(bench.get("/ready").status == 200);
}

TEST_CASE("admin: links lead to what has a path of its own", "[admin]") {
    SystemBench bench;
    CHECK(bench.get("/v1").body == R"({"links":{"openapi.json":"/v1/openapi.json","listeners":"/v1/listeners"}})"
                                   "\n");
    const auto links = body(AdminBench().get("/v1")).at("links").as_object();
    CHECK(links.at("policies") == "/v1/policies");
    CHECK(links.at("reset") == "/v1/reset");
    for (const auto& [name, path] : links) CHECK(path.as_string().find('{') == boost::json::string::npos);
}

TEST_CASE("admin: the contract is served as it is written", "[admin]") {
    const Asset* contract = find_asset("admin/openapi.json");
    REQUIRE(contract != nullptr);
    const auto response = SystemBench().get("/v1/openapi.json");
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/json");
    CHECK(response.body == contract->content);
}
