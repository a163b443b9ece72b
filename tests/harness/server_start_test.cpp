// SPDX-License-Identifier: Apache-2.0
#include "harness/server/server.hpp"

#include "tests/harness/server_fake.hpp"
#include "tests/harness/server_running.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;

namespace {

std::string refusal_of(ServerConfig config) {
    FakeForwarding fake;
    config.backend.module = &fake_forwarding_module();
    config.backend.instance = fake.handle();
    if (config.listen.empty()) config.listen = {Address::loopback(0)};
    if (config.backend.upstreams.empty()) config.backend.upstreams = {Address::loopback(9)};
    const auto started = Server::start(std::move(config));
    return started ? "started" : started.error();
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("server: a port in use is named, whatever the threads", "[server]") {
    const RunningServer running;
    const Address taken = running.server->addresses()[0];
    const unsigned threads = GENERATE(1U, 3U);
    ServerConfig config;
    config.listen = {taken};
    config.threads = threads;
    const std::string refusal = refusal_of(std::move(config));
    INFO(refusal);
    CHECK(contains(refusal, taken.text()));
    CHECK(contains(refusal, "Address already in use"));
}

// Both programs share ports among their own threads; that must not let one join the other's group.
TEST_CASE("server: a port shared by another server's threads is in use", "[server]") {
    ServerConfig first;
    first.threads = 2;
    const RunningServer running(std::move(first));
    ServerConfig second;
    second.listen = {running.server->addresses()[0]};
    second.threads = 2;
    CHECK(contains(refusal_of(std::move(second)), "Address already in use"));
}

TEST_CASE("server: addresses other than loopback need to be allowed", "[server]") {
    for (const char* text : {"0.0.0.0:0", "[::]:0", "192.0.2.1:53"}) {
        ServerConfig config;
        config.listen = {Address::parse(text, std::nullopt).value()};
        const std::string refusal = refusal_of(std::move(config));
        INFO(refusal);
        CHECK(contains(refusal, "--allow"));
        CHECK(contains(refusal, Address::parse(text, std::nullopt).value().text()));
    }
}

TEST_CASE("server: settings that cannot be are refused", "[server]") {
    SECTION("no upstream that could be asked") {
        ServerConfig config;
        config.backend.upstreams = {Address::loopback(0)};
        CHECK(contains(refusal_of(std::move(config)), "upstream 127.0.0.1:0"));
    }
    SECTION("too many upstreams") {
        ServerConfig config;
        config.backend.upstreams.assign(UNCUT_UPSTREAMS_MAX + 1, Address::loopback(9));
        CHECK(contains(refusal_of(std::move(config)), "expected 1 to 16"));
    }
    SECTION("itself as upstream") {
        ServerConfig config;
        config.listen = {Address::loopback(5399)};
        config.backend.upstreams = {Address::loopback(5399)};
        CHECK(contains(refusal_of(std::move(config)), "is this server itself"));
    }
    SECTION("no threads") {
        ServerConfig config;
        config.threads = 0;
        CHECK(contains(refusal_of(std::move(config)), "threads"));
    }
}

TEST_CASE("server: what the engine is given can be tuned, but not its capacity", "[server]") {
    ServerConfig config;
    config.limits.in_flight_max = 3;
    config.tune_engine = [](uncut_engine_config& engine) {
        CHECK(engine.in_flight_max == 1);  // the fake's default
        engine.in_flight_max = 77;
    };
    RunningServer running(std::move(config));
    running.fake.hold = true;
    const uncut::test::UdpClient client(running.endpoint());
    for (std::uint16_t id = 1; id <= 4; ++id) client.send(query(id));
    const auto answer = client.receive(uncut::test::Milliseconds{10'000});
    REQUIRE(answer);
    CHECK(id_of(*answer) == 4);
    CHECK(((*answer)[3] & 0x0f) == 2);
    running.fake.release_all();
}
