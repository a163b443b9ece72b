// SPDX-License-Identifier: Apache-2.0
// What stands behind the servers, changed while they run.
#include <filesystem>
#include <fstream>
#include <mutex>

#include "tests/admin/api.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;
namespace json = boost::json;

namespace {

/// Answers with so many addresses, and what is asked for "held..." only when it is let go.
class Counting {
  public:
    explicit Counting(std::size_t count)
        : upstream_([this, count](const Octets& query, bool) -> Replies {
              const Octets reply =
                  make_response(query, {.answers = addresses(count), .rcode = 0, .tc = false, .ra = true});
              if (query[13] == 'h' && !open_) return {};
              return {reply};
          }) {}
    const Endpoint& endpoint() const { return upstream_.endpoint(); }
    std::size_t asked() const { return upstream_.asked_udp(); }
    void let_go() { open_ = true; }

  private:
    std::atomic<bool> open_ = false;
    ToyUpstream upstream_;
};

std::string upstreams_body(const Endpoint& upstream) {
    return json::serialize(json::object{{"upstreams", json::array{json::string(upstream.text())}}});
}

std::size_t addresses_of(const Endpoint& dns, const char* name) {
    const auto reply = ask_udp(dns, make_query({name}, {.bufsize = 1232}));
    REQUIRE(reply);
    return read_answer(*reply).count("A");
}

}  // namespace

TEST_CASE("behind: the list of upstreams is replaced, and what is in flight ends where it began", "[admin]") {
    Counting one(1);
    Counting two(2);
    const UncutProgram uncut(serve_arguments(one.endpoint(), {"--threads", "2"}));
    patch_policy(uncut.admin(), R"({"udp_timeout_ms": 50, "udp_tries": 8, "deadline_ms": 20000})");
    const HttpResponse before = call(uncut.admin(), "GET", "/v1/upstreams");
    CHECK(json_of(before).at("upstreams") == json::array{json::string(one.endpoint().text())});
    CHECK(addresses_of(uncut.dns(), "a.example") == 1);

    const UdpClient waiting(uncut.dns());
    waiting.send(make_query({"held.example"}));
    REQUIRE(until([&] { return one.asked() >= 2; }));
    const HttpResponse put = call(uncut.admin(), "PUT", "/v1/upstreams", upstreams_body(two.endpoint()),
                                  {{"If-Match", before.headers.at("etag")}});
    json_of(put);
    for (int i = 0; i < 20; ++i) CHECK(addresses_of(uncut.dns(), "a.example") == 2);  // at once, on every thread
    one.let_go();
    const auto held = waiting.receive(Milliseconds{10'000});
    REQUIRE(held);
    CHECK(read_answer(*held).count("A") == 1);  // of the old one: it was asked again there, not here

    CHECK(call(uncut.admin(), "PUT", "/v1/upstreams", upstreams_body(one.endpoint()),
               {{"If-Match", before.headers.at("etag")}})
              .status == 412);
    CHECK(addresses_of(uncut.dns(), "b.example") == 2);
    CHECK(call(uncut.admin(), "POST", "/v1/reset").status == 200);
    CHECK(addresses_of(uncut.dns(), "b.example") == 1);
}

TEST_CASE("behind: upstreams that cannot be are refused, and the old ones stay", "[admin]") {
    Counting one(1);
    const UncutProgram uncut(serve_arguments(one.endpoint()));
    const std::string own = upstreams_body(uncut.dns());
    const std::string many = "{\"upstreams\": [" + [] {
        std::string list;
        for (int i = 0; i < 17; ++i) list += std::string(i == 0 ? "" : ",") + "\"127.0.0.1:9\"";
        return list;
    }() + "]}";
    const struct {
        std::string body;
        const char* pointer;
    } rows[] = {{"{}", "/upstreams"},
                {R"({"upstreams": []})", "/upstreams"},
                {R"({"upstreams": "127.0.0.1"})", "/upstreams"},
                {many, "/upstreams"},
                {R"({"upstreams": ["127.0.0.1", "localhost"]})", "/upstreams/1"},
                {R"({"upstreams": ["127.0.0.1:0"]})", "/upstreams/0"},
                {R"({"upstreams": ["0.0.0.0:53"]})", "/upstreams"},
                {own, "/upstreams"},
                {R"({"upstreams": ["127.0.0.1"], "more": 1})", "/more"},
                {"[]", ""}};
    for (const auto& row : rows) {
        INFO(row.body);
        CHECK(json_of(call(uncut.admin(), "PUT", "/v1/upstreams", row.body), 422).at("pointer") == row.pointer);
    }
    CHECK(addresses_of(uncut.dns(), "a.example") == 1);
}

TEST_CASE("behind: the module is loaded again while queries are in flight; policies and revision stay", "[admin]") {
    Counting upstream(1);
    const TempDir folder;
    const std::string module = folder / "libuncut.so";
    std::filesystem::copy_file(UNCUT_SO, module);
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--module", module, "--journal", "1000"}));
    const json::object first = json_of(call(uncut.admin(), "GET", "/v1/module"));
    CHECK(first.at("path") == json::string(module));
    CHECK(first.at("abi") == "0.2");
    CHECK(first.at("loads") == 1);
    patch_policy(uncut.admin(), R"({"udp_timeout_ms": 50, "udp_tries": 8, "deadline_ms": 20000})");
    const HttpResponse policy = patch_policy(uncut.admin(), R"({"client_bufsize": 600})");

    const UdpClient waiting(uncut.dns());
    for (std::uint16_t load = 2; load <= 5; ++load) {
        waiting.send(make_query({"held.example"}, {.id = load, .bufsize = 1232}));
        REQUIRE(until([&] { return upstream.asked() >= load; }));
        CHECK(json_of(call(uncut.admin(), "POST", "/v1/module/reload")).at("loads") == load);
        CHECK(addresses_of(uncut.dns(), "a.example") == 1);
        const HttpResponse after = call(uncut.admin(), "GET", "/v1/policies/default");
        CHECK(after.body == policy.body);
        CHECK(after.headers.at("etag") == policy.headers.at("etag"));
        const json::object last = json_of(call(uncut.admin(), "GET", "/v1/exchanges?limit=1"));
        CHECK("\"" + std::to_string(last.at("exchanges").at(0).at("revision").as_int64()) + "\"" ==
              policy.headers.at("etag"));
    }
    upstream.let_go();
    for (int i = 0; i < 4; ++i) CHECK(waiting.receive(Milliseconds{10'000}));

    // What is no module is refused, and what runs goes on; then the file is mended and taken.
    std::ofstream(module, std::ios::trunc) << "no module";
    const json::object refused = json_of(call(uncut.admin(), "POST", "/v1/module/reload"), 409);
    CHECK(std::string(refused.at("detail").as_string()).starts_with("module " + module + ": not a module"));
    CHECK(addresses_of(uncut.dns(), "b.example") == 1);
    std::filesystem::remove(module);
    CHECK(call(uncut.admin(), "POST", "/v1/module/reload").status == 409);
    std::filesystem::copy_file(UNCUT_SO, module);
    CHECK(json_of(call(uncut.admin(), "POST", "/v1/module/reload")).at("loads") == 6);
    CHECK(addresses_of(uncut.dns(), "c.example") == 1);
    CHECK(call(uncut.admin(), "POST", "/v1/module/reload", R"({"path": "/tmp/other.so"})").status == 422);
}
