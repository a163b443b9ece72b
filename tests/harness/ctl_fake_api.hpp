// SPDX-License-Identifier: Apache-2.0
// An admin API that answers what it is told to, and remembers what it was asked.
#pragma once

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/admin/http.hpp"
#include "harness/admin/problem.hpp"
#include "harness/cli/ctl.hpp"
#include "tests/support/catch.hpp"

namespace uncut::harness::test {

class FakeApi : private HttpApplication {
  public:
    FakeApi() {
        auto started = HttpServer::start(Address::loopback(0), *this);
        REQUIRE(started);
        server_ = std::move(*started);
    }

    /// What "GET /v1/answers" gets from here on; all else gets 404.
    void answer(const std::string& request, unsigned status, std::string body, std::string tag = "") {
        HttpResponse response;
        response.status = status;
        if (status != 204) response.content_type = status < 300 ? "application/json" : "application/problem+json";
        if (!tag.empty()) response.headers.push_back({"ETag", tag});
        response.body = std::move(body);
        const std::lock_guard guard(lock_);
        answers_[request] = std::move(response);
    }

    /// "PUT /v1/upstreams {"upstreams":[...]}" for each request so far, then none.
    std::vector<std::string> take_requests() {
        const std::lock_guard guard(lock_);
        std::vector<std::string> lines;
        for (const HttpRequest& request : seen_) {
            lines.push_back(fmt::format("{} {}{}{}", request.method, request.target, request.body.empty() ? "" : " ",
                                        request.body));
        }
        seen_.clear();
        return lines;
    }
    HttpRequest last() {
        const std::lock_guard guard(lock_);
        REQUIRE_FALSE(seen_.empty());
        return seen_.back();
    }

    std::string address() const { return server_->address().text(); }

    /// A session with it, whose output goes to out().
    Ctl session(CtlOptions options = {}) {
        options.admin = address();
        auto ctl = Ctl::make(options, [this](std::string_view text) {
            out_ += text;
            return true;
        });
        REQUIRE(ctl);
        return std::move(*ctl);
    }
    /// What was printed since this was called last.
    std::string take_out() { return std::exchange(out_, {}); }

  private:
    std::optional<HttpResponse> refuse(const HttpRequest&) override { return std::nullopt; }
    HttpResponse handle(const HttpRequest& request) override {
        const std::lock_guard guard(lock_);
        seen_.push_back(request);
        const auto found = answers_.find(request.method + " " + request.target);
        return found == answers_.end() ? problem(Problem::not_found, "there is nothing at this path") : found->second;
    }

    std::mutex lock_;
    std::map<std::string, HttpResponse> answers_;
    std::vector<HttpRequest> seen_;
    std::string out_;
    std::unique_ptr<HttpServer> server_;  // ends before what it uses
};

}  // namespace uncut::harness::test
