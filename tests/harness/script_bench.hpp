// SPDX-License-Identifier: Apache-2.0
// The admin API before a real scripted upstream and a module that is none, without a socket for HTTP.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "harness/admin/application.hpp"
#include "harness/admin/json_text.hpp"
#include "tests/harness/fake_module.hpp"
#include "tests/harness/upstream_running.hpp"

namespace uncut::test {

class ScriptBench {
  public:
    /// With the demo's answers and a limit of 512 octets. `scripted` false: as in `uncut serve`.
    explicit ScriptBench(bool scripted = true)
        : server(start_upstream()),
          application_({.policies = policies(), .script = scripted ? script() : nullptr}, {}) {}

    harness::HttpResponse ask(std::string method, std::string target, std::string body = {},
                              std::vector<harness::HttpHeader> headers = {}) {
        headers.push_back({"Host", "127.0.0.1:8053"});
        if (method == "PUT" || method == "POST") headers.push_back({"Content-Type", "application/json"});
        if (method == "PATCH") headers.push_back({"Content-Type", "application/merge-patch+json"});
        const harness::HttpRequest request{std::move(method), std::move(target), std::move(headers), std::move(body)};
        if (auto refused = application_.refuse(request)) return *refused;
        return application_.handle(request);
    }
    boost::json::object json(const harness::HttpResponse& response, unsigned status = 200) {
        INFO(response.body);
        REQUIRE(response.status == status);
        const auto value = harness::parse_json(response.body);
        REQUIRE(value);
        return value->as_object();
    }
    /// The body of a GET.
    std::string get(std::string target) {
        const auto response = ask("GET", std::move(target));
        INFO(response.body);
        REQUIRE(response.status == 200);
        return response.body;
    }
    boost::json::array faults() { return json(ask("GET", "/v1/faults")).at("faults").as_array(); }

    RunningUpstream server;
    harness::test::FakeInstance instance;

  private:
    std::shared_ptr<harness::PolicyStore> policies() {
        auto created = harness::PolicyStore::create({&harness::test::fake_module(), instance.handle()}, {});
        REQUIRE(created);
        return *created;
    }
    std::shared_ptr<harness::ScriptStore> script() {
        auto answers = harness::upstream::answers_of_text(harness::upstream::demo_zone_text());
        REQUIRE(answers);
        harness::Script start{.answers = std::move(*answers), .udp_octets_max = 512};
        start.about.name = "start";
        auto created = harness::ScriptStore::create(*server.upstream, std::move(start));
        REQUIRE(created);
        return *created;
    }
    harness::AdminApplication application_;
};

inline std::string header_of(const harness::HttpResponse& response, std::string_view name) {
    for (const auto& candidate : response.headers) {
        if (candidate.name == name) return candidate.value;
    }
    return "";
}

/// A problem+json of this status and type.
inline void check_problem_of(const harness::HttpResponse& response, unsigned status, std::string_view type) {
    INFO(response.body);
    CHECK(response.status == status);
    CHECK(response.content_type == "application/problem+json");
    CHECK(response.body.find("\"urn:uncut:problem:" + std::string(type) + "\"") != std::string::npos);
}

}  // namespace uncut::test
