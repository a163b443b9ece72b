// SPDX-License-Identifier: Apache-2.0
// Many clients at once, on UDP and TCP, while policies change and what was learned is forgotten: each query gets its
// own answer. With ThreadSanitizer this is where threads would be caught.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/http.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

constexpr unsigned clients = 4;
constexpr unsigned queries_per_client = 400;
constexpr unsigned names = 16;  // few, so that retries are shared
constexpr std::size_t addresses_in_all = 40;

Replies truncating(const Octets& query, bool over_tcp) {
    ToyResponse response;
    response.tc = !over_tcp;
    if (over_tcp) response.answers = addresses(addresses_in_all);
    return {make_response(query, response)};
}

// Empty if the answer is the query's own, and whole; else what is wrong with it.
std::string fault_of(const Octets& query, const Octets& answer) {
    if (answer.size() < query.size()) return fmt::format("{} octets", answer.size());
    if (answer[0] != query[0] || answer[1] != query[1]) return "another ID";
    const auto question_octets = static_cast<std::ptrdiff_t>(query.size() - 11);
    if (!std::equal(query.begin() + 12, query.begin() + question_octets, answer.begin() + 12))
        return "another question";
    if ((answer[2] & 2) != 0) return "TC is set";
    if (answer[7] != addresses_in_all) return fmt::format("{} records, rcode {}", answer[7], answer[3] & 15);
    return {};
}

Octets query_of(unsigned client, unsigned number) {
    QueryOptions options;
    options.bufsize = 1232;
    options.id = static_cast<std::uint16_t>(client << 12 | number);
    // The letter case differs by client: each gets its own back.
    const std::string_view label = client % 2 == 0 ? "name" : "nAmE";
    return make_query({fmt::format("{}-{}.example.test", label, number % names), type_a}, options);
}

template <typename Client>
std::string ask_many(Client& client, unsigned number_of_client) {
    constexpr unsigned window = 20;
    for (unsigned sent = 0; sent < queries_per_client; sent += window) {
        for (unsigned i = 0; i < window; ++i) client.send(query_of(number_of_client, sent + i));
        for (unsigned i = 0; i < window; ++i) {
            const auto message = client.receive(Milliseconds{20'000});
            if (!message) return fmt::format("client {} misses an answer after {}", number_of_client, sent + i);
            if (message->size() < 12) return "a message without a header";
            const auto number = static_cast<unsigned>(message->at(0) << 8 | message->at(1)) & 0xfff;
            if (auto fault = fault_of(query_of(number_of_client, number), *message); !fault.empty()) return fault;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("many clients at once each get their own answer while policies change", "[story][threads]") {
    ToyUpstream upstream(truncating);
    UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--threads", "4", "--log-level", "warn"}));
    std::vector<std::string> faults(clients * 2);
    std::atomic<unsigned> running = clients * 2;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < clients * 2; ++i) {
        threads.emplace_back([&, i] {
            try {
                if (i % 2 == 0) {
                    UdpClient client(uncut.dns());
                    faults[i] = ask_many(client, i);
                } else {
                    TcpClient client(uncut.dns());
                    faults[i] = ask_many(client, i);
                }
            } catch (const std::exception& error) {
                faults[i] = error.what();
            }
            --running;
        });
    }
    // Any of these makes the answer whole.
    unsigned changes = 0;
    constexpr std::string_view policies[] = {R"({"upstream_transport": "learned"})", R"({"upstream_transport": "tcp"})",
                                             R"({"upstream_transport": "udp_first"})",
                                             R"({"upstream_transport": "match_client", "fit": "fill"})"};
    while (running > 0) {
        CHECK(patch_policy(uncut.admin(), policies[changes++ % std::size(policies)]).status == 200);
        HttpRequest reset;
        reset.method = "POST";
        reset.target = "/v1/reset";
        if (changes % 7 == 0) CHECK(http(uncut.admin(), reset).status / 100 == 2);
    }
    for (auto& thread : threads) thread.join();
    for (const auto& fault : faults) CHECK(fault == "");
    CHECK(changes > 1);
    const Ended ended = uncut.process().stop();
    CHECK(ended.code == 0);
    CHECK(ended.err.empty());
}
