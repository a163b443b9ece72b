// SPDX-License-Identifier: Apache-2.0
// Nothing is lost: through the ABI, as any host would, every query taken in is answered, bypassed or counted as
// dropped with a cause.
#include <dlfcn.h>
#include <poll.h>
#include <uncut.h>

#include <map>
#include <string>

#include <uncut_paths.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/toy_upstream.hpp"

using namespace uncut::test;

namespace {

struct Completions {
    std::map<std::uint64_t, int> ended;  // by token: how often it ended
    std::uint64_t delivered = 0;
    std::map<std::uint32_t, std::uint64_t> dropped;  // by cause
    std::uint64_t streamed = 0;
};

void complete(void* host, std::uint64_t token, const uncut_completion* completion) {
    auto& completions = *static_cast<Completions*>(host);
    if (completion->outcome == UNCUT_OUTCOME_STREAM) {
        ++completions.streamed;
        return;
    }
    ++completions.ended[token];
    if (completion->outcome == UNCUT_OUTCOME_DELIVERED) ++completions.delivered;
    if (completion->outcome == UNCUT_OUTCOME_DROPPED) ++completions.dropped[completion->cause];
}

// The module, an instance, an engine, closed in the right order.
struct Host {
    explicit Host(const Endpoint& upstream) {
        library = ::dlopen(UNCUT_SO, RTLD_NOW | RTLD_LOCAL);
        REQUIRE(library != nullptr);
        const auto open = reinterpret_cast<uncut_module_open_fn>(::dlsym(library, "uncut_module_open"));
        REQUIRE(open != nullptr);
        uncut_handshake handshake{};
        handshake.size = UNCUT_STRUCT_SIZE(uncut_handshake, minor);
        handshake.host_major = UNCUT_ABI_MAJOR;
        handshake.host_minor = UNCUT_ABI_MINOR;
        module = open(&handshake, nullptr);
        REQUIRE(module != nullptr);
        REQUIRE(module->instance_create(nullptr, &instance) == UNCUT_OK);

        uncut_policy policy{};
        policy.size = UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s);
        REQUIRE(module->policy_preset(nullptr, &policy) == UNCUT_OK);
        policy.udp_timeout_ms = 30;
        policy.tcp_timeout_ms = 60;
        policy.deadline_ms = 200;
        uncut_zone_policy root{};
        root.size = UNCUT_STRUCT_SIZE(uncut_zone_policy, policy);
        root.zone = "";
        root.policy = &policy;
        REQUIRE(module->set_policies(instance, &root, 1, nullptr, nullptr) == UNCUT_OK);

        uncut_address address{};
        address.size = UNCUT_STRUCT_SIZE(uncut_address, scope);
        address.family = 4;
        address.octets[0] = 127;
        address.octets[3] = 1;
        address.port = upstream.port;
        uncut_engine_config config{};
        config.size = UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case);
        REQUIRE(module->engine_defaults(&config) == UNCUT_OK);
        config.upstream_count = 1;
        config.upstreams = &address;
        config.complete = complete;
        config.host = &completions;
        REQUIRE(module->engine_create(instance, &config, &engine) == UNCUT_OK);
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() {
        stop();
        if (module != nullptr) module->instance_destroy(instance);
        if (library != nullptr) ::dlclose(library);
    }

    void stop() {
        if (engine != nullptr) module->engine_destroy(std::exchange(engine, nullptr));
    }

    std::uint64_t submit(const Octets& query, std::uint32_t transport) {
        uncut_submission submission{};
        submission.size = UNCUT_STRUCT_SIZE(uncut_submission, token);
        submission.transport = transport;
        submission.message = query.data();
        submission.octets = query.size();
        submission.token = submitted++;
        std::uint64_t ticket = 0;
        REQUIRE(module->engine_submit(engine, &submission, &ticket) == UNCUT_OK);
        return ticket;
    }

    std::size_t in_flight() const {
        std::size_t count = 0;
        REQUIRE(module->engine_in_flight(engine, &count) == UNCUT_OK);
        return count;
    }

    void process_until(std::size_t in_flight_left) {
        int descriptor = -1;
        REQUIRE(module->engine_descriptor(engine, &descriptor) == UNCUT_OK);
        REQUIRE(module->engine_process(engine) == UNCUT_OK);
        const auto end = std::chrono::steady_clock::now() + Milliseconds{20'000};
        while (in_flight() > in_flight_left) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            pollfd one{descriptor, POLLIN, 0};
            ::poll(&one, 1, 1'000);
            REQUIRE(module->engine_process(engine) == UNCUT_OK);
        }
    }

    // By name, summed over causes, and by "name/cause".
    std::map<std::string, std::uint64_t> counters() const {
        std::size_t needed = 0;
        module->counters(instance, nullptr, 0, &needed);
        std::vector<std::uint64_t> values(needed);
        REQUIRE(module->counters(instance, values.data(), values.size(), &needed) == UNCUT_OK);
        std::map<std::string, std::uint64_t> result;
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            uncut_counter_info info{};
            info.size = UNCUT_STRUCT_SIZE(uncut_counter_info, help);
            REQUIRE(module->counter_info(i, &info) == UNCUT_OK);
            result[info.name] += values[i];
            result[std::string(info.name) + "/" + info.cause] += values[i];
        }
        return result;
    }

    void* library = nullptr;
    const uncut_module* module = nullptr;
    uncut_instance* instance = nullptr;
    uncut_engine* engine = nullptr;
    Completions completions;
    std::uint64_t submitted = 0;
};

// What the upstream does depends on the first letter of the name.
Replies moody(const Octets& query, bool over_tcp) {
    const auto letter = static_cast<char>(query.at(13));
    ToyResponse response{addresses(letter == 't' ? 40 : 2)};
    Octets good = make_response(query, response);
    if (letter == 's') return {};  // silent
    if (letter == 'm') return {Octets(good.begin(), good.begin() + 20), good};
    if (letter == 'i') {
        Octets other = good;
        other[0] ^= 1;
        return {other, good};
    }
    if (letter == 't' && !over_tcp) {
        response.answers.clear();
        response.tc = true;
        return {make_response(query, response)};
    }
    return {good};
}

std::vector<Octets> all_kinds() {
    std::vector<Octets> queries;
    for (const char* name : {"good.test", "silent.test", "malformed-first.test", "id-first.test", "truncated.test"}) {
        queries.push_back(make_query({name, type_a}));
    }
    const Octets good = queries.front();
    queries.emplace_back(good.begin(), good.begin() + 11);  // short
    queries.push_back(good);
    queries.back()[2] |= 0x80;                              // a response
    queries.emplace_back(good.begin(), good.begin() + 15);  // its question cannot be read
    queries.push_back(good);
    queries.back().push_back(0);  // FORMERR
    return queries;
}

void check_sums(const Host& host) {
    auto counted = host.counters();
    CHECK(counted["exchanges_started"] == host.submitted);
    CHECK(counted["exchanges_started"] ==
          counted["exchanges_delivered"] + counted["exchanges_bypassed"] + counted["exchanges_dropped"]);
    CHECK(counted["exchanges_delivered"] == host.completions.delivered);
    for (const auto& [token, times] : host.completions.ended) {
        INFO("token " << token);
        CHECK(times == 1);
    }
}

}  // namespace

TEST_CASE("the counters add up: every query is delivered, bypassed or dropped with a cause", "[story][counters]") {
    ToyUpstream upstream(moody);
    Host host(upstream.endpoint());
    constexpr int rounds = 50;
    const auto kinds = all_kinds();

    SECTION("all of them ended") {
        for (int round = 0; round < rounds; ++round) {
            for (const auto& query : kinds)
                host.submit(query, round % 2 == 0 ? UNCUT_TRANSPORT_UDP : UNCUT_TRANSPORT_TCP);
        }
        host.process_until(0);
        check_sums(host);
        CHECK(host.completions.ended.size() == host.submitted);
        CHECK(host.completions.dropped[UNCUT_CAUSE_SHORT] == rounds);
        CHECK(host.completions.dropped[UNCUT_CAUSE_RESPONSE] == rounds);
        CHECK(host.completions.dropped[UNCUT_CAUSE_NO_QUESTION] == rounds);
        auto counted = host.counters();
        CHECK(counted["exchanges_dropped/short"] == rounds);
        CHECK(counted["exchanges_dropped/response"] == rounds);
        CHECK(counted["exchanges_dropped/no_question"] == rounds);
        CHECK(counted["answered_here/formerr"] == rounds);
        CHECK(counted["answered_here/servfail"] >= rounds);  // the silent upstream's
        CHECK(counted["truncated_responses/tc"] == rounds / 2);
        CHECK(counted["ignored_datagrams/id"] == rounds / 2);
    }
    SECTION("some given up, the rest cut off by the end of the engine") {
        std::vector<std::uint64_t> tickets;
        for (int round = 0; round < rounds; ++round) {
            for (const auto& query : kinds) {
                const auto ticket = host.submit(query, UNCUT_TRANSPORT_UDP);
                if (query == kinds[1]) tickets.push_back(ticket);
            }
        }
        REQUIRE(host.module->engine_process(host.engine) == UNCUT_OK);
        std::uint64_t cancelled = 0;
        for (std::size_t i = 0; i < tickets.size(); i += 2) {
            REQUIRE(host.module->engine_cancel(host.engine, tickets[i]) == UNCUT_OK);
            ++cancelled;
        }
        host.stop();
        check_sums(host);
        CHECK(host.completions.ended.size() == host.submitted - cancelled);
        CHECK(host.counters()["exchanges_dropped/cancelled"] ==
              cancelled + host.completions.dropped[UNCUT_CAUSE_CANCELLED]);
        CHECK(cancelled == rounds / 2);
    }
}
