// SPDX-License-Identifier: Apache-2.0
// The calls of the host: what they promise, when they come from a completion, and when the system has nothing left.
#include <sys/resource.h>

#include <string>

#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

std::uint64_t resident_octets() {
    FILE* file = std::fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    unsigned long resident = 0;
    if (file != nullptr) {
        if (std::fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
        std::fclose(file);
    }
    return std::uint64_t{resident} * 4096;
}

policy::Policy slow() {
    policy::Policy policy;
    policy.udp_timeout_ms = 30'000;
    policy.deadline_ms = 60'000;
    return policy;
}

std::uint64_t sum(const ToyHost& host, std::string_view name) {
    std::uint64_t total = 0;
    for (std::uint32_t index = 0; index < exchange::counter_count; ++index) {
        if (name == exchange::counter_texts[index].name) total += host.instance.counters.get(index);
    }
    return total;
}

}  // namespace

TEST_CASE("submit sends nothing and completes nothing; process does", "[engine]") {
    ToyServer server(answer_1, nullptr);
    ToyHost host({server.address()});
    host.submit(Make("www.example."));
    host.submit({1, 2, 3});                                         // to be dropped, but not from inside submit
    host.submit(Make("www.example.").edns(1232, false, {}, 0, 1));  // BADVERS, made here
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    CHECK(server.datagrams == 0);
    CHECK(host.completed.empty());
    CHECK(host.engine->in_flight() == 3);
    REQUIRE(host.until_completed(3));
    CHECK(host.completed[0].cause == UNCUT_CAUSE_SHORT);
    CHECK(host.completed[0].outcome == UNCUT_OUTCOME_DROPPED);
    CHECK(host.completed[1].delivered());
    CHECK(host.completed[2].answers() == 1);
}

TEST_CASE("a submission that is out of range changes nothing", "[engine]") {
    ToyServer server(answer_1, nullptr);
    ToyHost host({server.address()});
    host.config.in_flight_max = 2;
    engine::Engine& engine = host.start();
    const Bytes query = Make("www.example.");
    std::uint64_t ticket = 42;
    CHECK(engine.submit(query, 0, 1, ticket) == UNCUT_MISUSE_VALUE);
    CHECK(engine.submit(query, 3, 1, ticket) == UNCUT_MISUSE_VALUE);
    const Bytes large(65'536);
    CHECK(engine.submit(large, udp, 1, ticket) == UNCUT_LIMIT_OCTETS);
    CHECK(ticket == 42);
    CHECK(engine.submit(query, udp, 1, ticket) == UNCUT_OK);
    CHECK(engine.submit(query, udp, 2, ticket) == UNCUT_OK);
    const std::uint64_t started = host.count(Counter::started);
    CHECK(engine.submit(query, udp, 3, ticket) == UNCUT_LIMIT_IN_FLIGHT);
    CHECK(engine.in_flight() == 2);
    CHECK(host.count(Counter::started) == started);
    REQUIRE(host.until_completed(2));
    CHECK(engine.submit(query, udp, 3, ticket) == UNCUT_OK);
}

TEST_CASE("large queries are carried while there is room for them", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        stream.send(answer_to(query).a(query.size() > 60'000 ? 6 : 2));
    });
    ToyHost host({server.address()});
    const Bytes padded = Make("www.example.").edns(1232, false, story::option(65001, Bytes(60'000, 7)));
    CHECK(host.ask(padded, tcp).answers() == 6);
    std::size_t taken = 0;
    std::uint64_t ticket = 0;
    while (taken < 100 && host.engine->submit(padded, tcp, taken, ticket) == UNCUT_OK) ++taken;
    CHECK(taken >= 16);
    CHECK(taken < 100);
    const Bytes usual = Make("www.example.").edns(1232, false, story::option(65001, Bytes(400, 7)));
    host.submit(usual, 1000, tcp);  // for these there is always room
    REQUIRE(host.until_completed(1 + taken + 1));
}

TEST_CASE("a cancelled query completes no more, whatever it waits for", "[engine]") {
    ToyServer server(silence, [](ToyServer::Stream&, const Bytes&) {});
    ToyHost host({server.address()}, slow());
    const std::uint64_t queued = host.submit(Make("www.example."), 1);
    CHECK(host.engine->cancel(queued) == UNCUT_OK);
    CHECK(host.engine->cancel(queued) == UNCUT_MISUSE_NOT_FOUND);
    const std::uint64_t over = host.submit({1}, 2);
    CHECK(host.engine->cancel(over) == UNCUT_OK);
    host.run_for(20);
    CHECK(server.datagrams == 0);
    const std::uint64_t asking_udp = host.submit(Make("www.example."), 3);
    const std::uint64_t asking_tcp = host.submit(Make("www.example."), 4, tcp);
    REQUIRE(host.until([&] { return server.datagrams == 1 && server.messages == 1; }));
    CHECK(host.engine->cancel(asking_udp) == UNCUT_OK);
    CHECK(host.engine->cancel(asking_tcp) == UNCUT_OK);
    CHECK(host.engine->cancel(12345) == UNCUT_MISUSE_NOT_FOUND);
    host.run_for(20);
    CHECK(host.completed.empty());
    CHECK(host.engine->in_flight() == 0);
    CHECK(host.count(Counter::started) == 4);
    CHECK(host.count(Counter::dropped_cancelled) == 3);
    CHECK(host.count(Counter::dropped_short) == 1);
}

TEST_CASE("stopping completes everything that is in flight, once", "[engine]") {
    ToyServer server(
        [](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            return datagram.query[13] == 't' ? truncated(datagram) : std::vector<Bytes>{};
        },
        [](ToyServer::Stream&, const Bytes&) {});
    ToyHost host({server.address()}, slow());
    for (std::uint64_t token = 0; token < 20; ++token) host.submit(Make("udp.example."), token);
    for (std::uint64_t token = 20; token < 40; ++token) host.submit(Make("tcp.example."), token);
    host.submit(Make("example.", wire::type::axfr), 40, tcp);
    REQUIRE(host.until([&] { return server.messages >= 2; }));
    host.submit(Make("queued.example."), 41);
    std::vector<Status> submitted;
    host.on_completed = [&](const Completed&) {
        std::uint64_t ticket = 0;
        submitted.push_back(host.engine->submit(Make("more.example.").bytes(), udp, 99, ticket));
        CHECK(host.engine->inside_completion());
        CHECK(host.engine->process() == UNCUT_MISUSE_STATE);
    };
    host.engine->stop();
    CHECK(host.completed.size() == 42);
    std::vector<bool> seen(42);
    for (const Completed& each : host.completed) {
        CHECK(each.outcome == UNCUT_OUTCOME_DROPPED);
        CHECK(each.cause == UNCUT_CAUSE_CANCELLED);
        CHECK_FALSE(seen.at(each.token));
        seen[each.token] = true;
    }
    for (const Status status : submitted) CHECK(status == UNCUT_UNUSABLE_STOPPED);
    CHECK(host.engine->in_flight() == 0);
    CHECK(host.engine->process() == UNCUT_UNUSABLE_STOPPED);
    CHECK(host.count(Counter::started) ==
          host.count(Counter::delivered) + host.count(Counter::bypassed) + sum(host, "exchanges_dropped"));
}

TEST_CASE("completions may submit, and the slots they free are used again", "[engine]") {
    ToyServer server(answer_1, nullptr);
    ToyHost host({server.address()});
    host.config.in_flight_max = 1;
    host.on_completed = [&](const Completed& each) {
        if (each.token < 200) host.submit(Make("www.example."), each.token + 1);
    };
    host.submit(Make("www.example."), 1);
    REQUIRE(host.until_completed(200));
    for (std::size_t index = 0; index < 200; ++index) CHECK(host.completed[index].token == index + 1);
}

TEST_CASE("a host that submits from each completion does not keep process from returning", "[engine]") {
    ToyServer closed(nullptr, nullptr);
    ToyHost host({closed.address()});
    host.keep = false;
    engine::Engine& engine = host.start();
    host.keep = true;
    std::size_t resubmitted = 0;
    host.on_completed = [&](const Completed&) {
        ++resubmitted;
        std::uint64_t ticket = 0;
        engine.submit(Bytes{1}, udp, 0, ticket);  // dropped at once, which completes, which submits
    };
    host.submit({1});
    REQUIRE(engine.process() == UNCUT_OK);
    CHECK(resubmitted > 1);
    CHECK(resubmitted < 100);
    // What it left is not forgotten: the descriptor says so.
    pollfd watched{engine.descriptor(), POLLIN, 0};
    CHECK(::poll(&watched, 1, 1000) == 1);
    const std::size_t before = resubmitted;
    REQUIRE(engine.process() == UNCUT_OK);
    CHECK(resubmitted > before);
}

TEST_CASE("an engine with nothing to do is not readable", "[engine]") {
    ToyServer server(truncated, answer_22);
    ToyHost host({server.address()});
    for (int count = 0; count < 5; ++count) host.ask(Make("www.example."));
    host.run_for(100);
    const std::size_t before = host.wakes;
    host.run_for(200);
    CHECK(host.wakes - before <= 2);
}

TEST_CASE("without descriptors queries fail, and work again when there are some", "[engine]") {
    ToyServer server(answer_1, answer_22);
    ToyHost host({server.address()});
    host.start();
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit tight = before;
    tight.rlim_cur = 3;  // those that are open stay open
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t token = 0; token < 10; ++token) host.submit(Make("www.example."), token, token % 2 ? udp : tcp);
    const bool done = host.until_completed(10);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    REQUIRE(done);
    CHECK(elapsed_ms(began) < 3000);
    for (const Completed& each : host.completed) CHECK(each.rcode() == wire::rcode::servfail);
    CHECK(host.ask(Make("www.example.")).answers() == 1);
    CHECK(host.ask(Make("www.example."), tcp).answers() == 22);
}

TEST_CASE("an engine that cannot be made says why", "[engine]") {
    ToyServer server(answer_1, nullptr);
    ToyHost host({server.address()});
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit tight = before;
    tight.rlim_cur = 3;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    errno = 0;
    const Status status = engine::Engine::create(host.instance, host.config, host.engine);
    const int error = errno;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(status == UNCUT_UNUSABLE_SYSTEM);
    CHECK(error == EMFILE);
    CHECK(host.engine == nullptr);
}

TEST_CASE("ten thousand queries in flight are answered, and take little memory", "[engine]") {
    constexpr std::size_t queries = 10'000;
    std::vector<ToyServer::Datagram> held;
    held.reserve(queries);
    std::atomic<ToyServer*> self{nullptr};
    std::atomic<bool> release{false};
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (!release) {
                held.push_back(datagram);
                return {};
            }
            for (const ToyServer::Datagram& each : held) self.load()->send_to(each.port, answer_to(each.query).a(1));
            held.clear();
            return {};
        },
        nullptr);
    self = &server;
    ToyHost host({server.address()}, slow());
    host.config.in_flight_max = queries;
    host.keep = false;
    host.start();
    [[maybe_unused]] const std::uint64_t before = resident_octets();
    for (std::size_t count = 0; count < queries; ++count) {
        host.submit(Make("quote-redis-cluster.default.svc.cluster.local.").edns(1232));
        if (count % 500 == 499) host.until([&] { return server.datagrams == count + 1; });
    }
    REQUIRE(server.datagrams == queries);
    CHECK(host.engine->in_flight() == queries);
#if !UNCUT_TEST_SANITIZED
    // Of 24 MiB for the whole server; what the toy server holds of the queries is counted too.
    CHECK(resident_octets() - before < (std::uint64_t{14} << 20));
#endif
    release = true;
    server.send_to(server.address().port, Bytes(12));
    CHECK(host.until([&] { return host.completions == queries; }));
}
