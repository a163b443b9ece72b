// SPDX-License-Identifier: Apache-2.0
// Level 3 at the border: configs, tickets, completions, who may call what. What the engine does on the wire is tested
// in tests/unit/engine.
#include <poll.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "tests/abi/engines.hpp"

using namespace uncut::abi_test;

TEST_CASE("an engine asks again over TCP what came truncated, and completes each submission once") {
    Engine engine(60);
    std::uint64_t ticket = 0;
    for (std::uint64_t token = 1; token <= 10; ++token) {
        const Octets asked = query(std::to_string(token) + ".example.com", 1232, 0xbee0);
        REQUIRE(engine.submit(asked, token, &ticket) == UNCUT_OK);
        CHECK(engine.host.heard.empty());  // never from inside submit
    }
    CHECK(engine.in_flight() == 10);
    REQUIRE(engine.run_until(10));
    CHECK(engine.in_flight() == 0);
    for (const auto& [token, heard] : engine.host.heard) {
        REQUIRE(heard.size() == 1);
        CHECK(heard[0].completion.size == UNCUT_STRUCT_SIZE(uncut_completion, upstream));
        CHECK(heard[0].completion.outcome == UNCUT_OUTCOME_DELIVERED);
        CHECK(heard[0].completion.transport == UNCUT_TRANSPORT_TCP);
        auto info = sized<uncut_message_info>();
        REQUIRE(table().inspect(heard[0].message.data(), heard[0].message.size(), &info) == UNCUT_OK);
        CHECK(info.counts[1] == 60);
        CHECK(info.id == 0xbee0);
        CHECK((info.flags & 0x0200) == 0);
    }
}

TEST_CASE("an engine takes as many exchanges as it was made for, and a ticket gives one up without a completion") {
    Engine engine(1, 3);
    engine.upstream.fall_silent();
    std::uint64_t tickets[4] = {77, 77, 77, 77};
    const Octets asked = query("www.example.com", 1232);
    for (std::uint64_t i = 0; i < 3; ++i) REQUIRE(engine.submit(asked, i, &tickets[i]) == UNCUT_OK);
    CHECK(engine.submit(asked, 3, &tickets[3]) == UNCUT_LIMIT_IN_FLIGHT);
    CHECK(tickets[3] == 77);
    CHECK(engine.in_flight() == 3);
    CHECK(table().engine_cancel(engine.engine, tickets[1]) == UNCUT_OK);
    CHECK(table().engine_cancel(engine.engine, tickets[1]) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(engine.in_flight() == 2);
    CHECK(engine.submit(asked, 3, &tickets[3]) == UNCUT_OK);
    CHECK(tickets[3] != tickets[1]);
    CHECK(table().engine_cancel(engine.engine, tickets[1]) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(table().engine_cancel(engine.engine, tickets[0] ^ 0x5555555555555555u) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(table().engine_process(engine.engine) == UNCUT_OK);
    CHECK(engine.host.heard.empty());
}

TEST_CASE("destroying an engine completes everything as dropped, cancelled") {
    Instance instance;
    Upstream upstream(1);
    const uncut_address address = upstream.address();
    Host host;
    auto config = sized<uncut_engine_config>();
    REQUIRE(table().engine_defaults(&config) == UNCUT_OK);
    config.upstreams = &address;
    config.upstream_count = 1;
    config.complete = Host::complete;
    config.host = &host;
    uncut_engine* engine = nullptr;
    REQUIRE(table().engine_create(instance.get(), &config, &engine) == UNCUT_OK);
    const Octets asked = query("www.example.com", 1232);
    auto submission = sized<uncut_submission>();
    submission.transport = UNCUT_TRANSPORT_UDP;
    submission.message = asked.data();
    submission.octets = asked.size();
    std::uint64_t ticket = 0;
    for (submission.token = 1; submission.token <= 5; ++submission.token)
        REQUIRE(table().engine_submit(engine, &submission, &ticket) == UNCUT_OK);
    REQUIRE(table().engine_process(engine) == UNCUT_OK);
    CHECK(table().engine_destroy(engine) == UNCUT_OK);
    CHECK(host.heard.size() == 5);
    for (const auto& [token, heard] : host.heard) {
        REQUIRE(heard.size() == 1);
        CHECK(heard[0].completion.outcome == UNCUT_OUTCOME_DROPPED);
        CHECK(heard[0].completion.cause == UNCUT_CAUSE_CANCELLED);
    }
    CHECK(table().engine_destroy(nullptr) == UNCUT_OK);
}

TEST_CASE("a completion may submit and cancel, and may neither process nor destroy") {
    Engine engine(1);
    const Octets asked = query("www.example.com", 1232);
    std::uint64_t ticket = 0;
    std::uint64_t next = 2;
    int visits = 0;
    engine.host.inside = [&] {
        ++visits;
        CHECK(table().engine_process(engine.engine) == UNCUT_MISUSE_STATE);
        CHECK(table().engine_destroy(engine.engine) == UNCUT_MISUSE_STATE);
        if (next > 3) return;
        CHECK(engine.submit(asked, next++, &ticket) == UNCUT_OK);
        std::uint64_t spare = 0;
        CHECK(engine.submit(asked, 99, &spare) == UNCUT_OK);
        CHECK(table().engine_cancel(engine.engine, spare) == UNCUT_OK);
    };
    REQUIRE(engine.submit(asked, 1, &ticket) == UNCUT_OK);
    REQUIRE(engine.run_until(3));
    CHECK(visits == 3);
    CHECK_FALSE(engine.host.heard.contains(99));
    CHECK(engine.in_flight() == 0);
}

TEST_CASE("an engine refuses configs that are out of range") {
    Instance instance;
    Host host;
    auto address = sized<uncut_address>();
    address.family = 4;
    address.octets[0] = 127;
    address.octets[3] = 1;
    address.port = 53;
    auto good = sized<uncut_engine_config>();
    REQUIRE(table().engine_defaults(&good) == UNCUT_OK);
    good.upstreams = &address;
    good.upstream_count = 1;
    good.complete = Host::complete;
    good.host = &host;
    auto* const untouched = reinterpret_cast<uncut_engine*>(&host);
    uncut_engine* engine = untouched;
    auto create = [&](const uncut_engine_config* how) {
        engine = untouched;
        const uncut_status status = table().engine_create(instance.get(), how, &engine);
        CHECK((engine == untouched) == (status != UNCUT_OK));
        if (status == UNCUT_OK) CHECK(table().engine_destroy(engine) == UNCUT_OK);
        return status;
    };
    const struct {
        const char* name;
        std::uint32_t uncut_engine_config::* member;
        std::uint32_t lowest, highest;
    } ranges[] = {
        {"in_flight_max", &uncut_engine_config::in_flight_max, 1, 65536},
        {"udp_sockets", &uncut_engine_config::udp_sockets, 1, 1024},
        {"udp_queries_per_socket", &uncut_engine_config::udp_queries_per_socket, 1, 65536},
        {"udp_socket_age_max_ms", &uncut_engine_config::udp_socket_age_max_ms, 1, 3600000},
        {"tcp_connections_max", &uncut_engine_config::tcp_connections_max, 1, 64},
        {"tcp_pipeline_max", &uncut_engine_config::tcp_pipeline_max, 1, 4096},
        {"tcp_idle_ms", &uncut_engine_config::tcp_idle_ms, 1, 600000},
        {"tcp_waiters_max", &uncut_engine_config::tcp_waiters_max, 1, 4096},
        {"letter_case", &uncut_engine_config::letter_case, 0, 1},
    };
    for (const auto& range : ranges) {
        for (const std::uint32_t value : {range.lowest - 1, range.highest + 1, UINT32_MAX}) {
            INFO(range.name << " = " << value);
            auto bad = good;
            bad.*range.member = value;
            CHECK(create(&bad) == UNCUT_MISUSE_VALUE);
        }
        INFO(range.name << " at its lowest");
        auto least = good;
        least.*range.member = range.lowest;
        CHECK(create(&least) == UNCUT_OK);
    }
    auto bad = good;
    bad.upstream_count = 0;
    CHECK(create(&bad) == UNCUT_MISUSE_VALUE);
    bad.upstream_count = UNCUT_UPSTREAMS_MAX + 1;
    CHECK(create(&bad) == UNCUT_LIMIT_UPSTREAMS);
    bad = good;
    bad.upstreams = nullptr;
    CHECK(create(&bad) == UNCUT_MISUSE_NULL);
    bad = good;
    bad.complete = nullptr;
    CHECK(create(&bad) == UNCUT_MISUSE_NULL);
    for (const std::uint32_t port : {0u, 65536u}) {
        address.port = port;
        CHECK(create(&good) == UNCUT_MISUSE_VALUE);
    }
    address.port = 53;
    for (const std::uint32_t family : {0u, 5u}) {
        address.family = family;
        CHECK(create(&good) == UNCUT_MISUSE_VALUE);
    }
    address.family = 4;
    CHECK(table().engine_create(nullptr, &good, &engine) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_create(instance.get(), &good, nullptr) == UNCUT_MISUSE_NULL);
    check_struct_rules(good, Direction::in, [&](uncut_engine_config* how) { return create(how); });
    check_struct_rules(sized<uncut_engine_config>(), Direction::out,
                       [](uncut_engine_config* to) { return table().engine_defaults(to); });
    check_struct_rules(address, Direction::in, [&](uncut_address* at) {
        auto how = good;
        how.upstreams = at;
        return create(&how);
    });
}

TEST_CASE("an engine refuses submissions that are misuse, and nothing is in flight") {
    Engine engine(1);
    Guarded message(query("www.example.com", 1232));
    auto good = sized<uncut_submission>();
    good.transport = UNCUT_TRANSPORT_UDP;
    good.message = message.data();
    good.octets = message.size();
    std::uint64_t ticket = 77;
    auto submit = [&](const uncut_submission* what) { return table().engine_submit(engine.engine, what, &ticket); };
    auto bad = good;
    for (const std::uint32_t transport : {0u, 3u, UINT32_MAX}) {
        bad.transport = transport;
        CHECK(submit(&bad) == UNCUT_MISUSE_VALUE);
    }
    bad = good;
    bad.message = nullptr;
    CHECK(submit(&bad) == UNCUT_MISUSE_NULL);
    const Octets large(65536);
    bad = good;
    bad.message = large.data();
    bad.octets = large.size();
    CHECK(submit(&bad) == UNCUT_LIMIT_OCTETS);
    CHECK(table().engine_submit(nullptr, &good, &ticket) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_submit(engine.engine, &good, nullptr) == UNCUT_MISUSE_NULL);
    CHECK(ticket == 77);
    CHECK(engine.in_flight() == 0);

    std::size_t count = 77;
    int descriptor = 77;
    CHECK(table().engine_cancel(nullptr, 1) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_process(nullptr) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_descriptor(nullptr, &descriptor) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_descriptor(engine.engine, nullptr) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_in_flight(nullptr, &count) == UNCUT_MISUSE_NULL);
    CHECK(table().engine_in_flight(engine.engine, nullptr) == UNCUT_MISUSE_NULL);
    CHECK(descriptor == 77);
    CHECK(count == 77);

    std::size_t accepted = 0;
    check_struct_rules(good, Direction::in, [&](uncut_submission* what) {
        const uncut_status status = submit(what);
        accepted += status == UNCUT_OK;
        CHECK(engine.in_flight() == accepted);
        return status;
    });
}

TEST_CASE("an engine draws its own IDs, whatever its instance was given") {
    // Both have the same secret, and still nothing of the one's IDs is to be had from the other's.
    Engine one(1);
    Engine other(1);
    std::uint64_t ticket = 0;
    for (Engine* engine : {&one, &other}) {
        for (std::uint64_t token = 0; token < 50; ++token)
            REQUIRE(engine->submit(query("www.example.com", 1232, 1), token, &ticket) == UNCUT_OK);
        REQUIRE(engine->run_until(50));
    }
    REQUIRE(one.upstream.udp_ids().size() == 50);
    REQUIRE(other.upstream.udp_ids().size() == 50);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < 50; ++i) equal += one.upstream.udp_ids()[i] == other.upstream.udp_ids()[i];
    // One pair in 65,536 is equal by chance: three of fifty, less than once in a thousand million runs.
    CHECK(equal < 3);
    const std::set<std::uint16_t> distinct(one.upstream.udp_ids().begin(), one.upstream.udp_ids().end());
    CHECK(distinct.size() > 45);
}

TEST_CASE("an engine starts no thread, and process does not wait for an answer") {
    const auto threads = [] {
        const std::filesystem::directory_iterator tasks("/proc/self/task");
        return std::distance(begin(tasks), end(tasks));
    };
    const auto before = threads();
    Engine engine(1);
    engine.upstream.fall_silent();
    std::uint64_t ticket = 0;
    REQUIRE(engine.submit(query("www.example.com", 1232), 1, &ticket) == UNCUT_OK);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) REQUIRE(table().engine_process(engine.engine) == UNCUT_OK);
    // An answer would be waited for a second, so ten would take ten.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
    CHECK(engine.host.heard.empty());
    CHECK(threads() == before);
}

TEST_CASE("engines of one instance run on a thread each", "[threads]") {
    Instance instance;
    instance.use(preset("coredns-prefer-udp"));
    std::atomic<std::size_t> delivered{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 3; ++number) {
        threads.emplace_back([&] {
            Upstream upstream(60);
            const uncut_address address = upstream.address();
            Host host;
            auto config = sized<uncut_engine_config>();
            table().engine_defaults(&config);
            config.upstreams = &address;
            config.upstream_count = 1;
            config.complete = Host::complete;
            config.host = &host;
            uncut_engine* engine = nullptr;
            if (table().engine_create(instance.get(), &config, &engine) != UNCUT_OK) return;
            const Octets asked = query("www.example.com", 1232);
            auto submission = sized<uncut_submission>();
            submission.transport = UNCUT_TRANSPORT_UDP;
            submission.message = asked.data();
            submission.octets = asked.size();
            std::uint64_t ticket = 0;
            for (submission.token = 1; submission.token <= 50; ++submission.token)
                table().engine_submit(engine, &submission, &ticket);
            pollfd ready{-1, POLLIN, 0};
            table().engine_descriptor(engine, &ready.fd);
            const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
            while (host.heard.size() < 50 && std::chrono::steady_clock::now() < end) {
                table().engine_process(engine);
                upstream.serve();
                poll(&ready, 1, 1);
            }
            for (const auto& [token, heard] : host.heard)
                delivered += heard.size() == 1 && heard[0].completion.outcome == UNCUT_OUTCOME_DELIVERED;
            table().engine_destroy(engine);
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(delivered == 150);
}
