// SPDX-License-Identifier: Apache-2.0
// The admin API over a fake module, without sockets, and what its tests read of a response.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/admin/application.hpp"
#include "tests/harness/fake_module.hpp"
#include "tests/support/catch.hpp"

namespace uncut::harness::test {

/// The application without sockets: a request goes through refuse and handle as the server would have it.
class AdminBench {
  public:
    explicit AdminBench(AccessRules rules = {}) : application_({store()}, std::move(rules)) {}

    HttpResponse ask(HttpRequest request) {
        if (request.count("Host") == 0) request.headers.push_back({"Host", "127.0.0.1:8053"});
        if (auto refused = application_.refuse(request)) return *refused;
        return application_.handle(request);
    }
    HttpResponse get(std::string target, std::vector<HttpHeader> headers = {}) {
        return ask({"GET", std::move(target), std::move(headers), ""});
    }
    /// A request with a JSON body.
    HttpResponse send(std::string method, std::string target, std::string body, std::vector<HttpHeader> headers = {}) {
        headers.push_back({"Content-Type", method == "PATCH" ? "application/merge-patch+json" : "application/json"});
        return ask({std::move(method), std::move(target), std::move(headers), std::move(body)});
    }
    HttpResponse patch(std::string body, std::vector<HttpHeader> headers = {}) {
        return send("PATCH", "/v1/policies/default", std::move(body), std::move(headers));
    }

    FakeInstance instance;

  private:
    std::shared_ptr<PolicyStore> store() {
        auto created = PolicyStore::create({&fake_module(), instance.handle()}, {});
        REQUIRE(created);
        return *created;
    }
    AdminApplication application_;
};

inline std::string header(const HttpResponse& response, std::string_view name) {
    for (const HttpHeader& candidate : response.headers) {
        if (candidate.name == name) return candidate.value;
    }
    return "";
}

inline boost::json::object body(const HttpResponse& response) {
    const auto value = parse_json(response.body);
    INFO(response.body);
    REQUIRE(value);
    REQUIRE(value->is_object());
    return value->get_object();
}

inline std::string text(const boost::json::object& object, std::string_view member) {
    INFO(boost::json::serialize(object));
    REQUIRE(object.contains(member));
    return std::string(object.at(member).as_string());
}

/// A problem+json of this status and type, consistent in itself.
inline void check_problem(const HttpResponse& response, unsigned status, std::string_view type) {
    INFO(response.body);
    CHECK(response.status == status);
    CHECK(response.content_type == "application/problem+json");
    const auto object = body(response);
    CHECK(text(object, "type") == "urn:uncut:problem:" + std::string(type));
    CHECK(object.at("status").to_number<unsigned>() == status);
    CHECK_FALSE(text(object, "title").empty());
    CHECK_FALSE(text(object, "detail").empty());
}

}  // namespace uncut::harness::test
