// SPDX-License-Identifier: Apache-2.0
// Real clients ask a running server, before and after; what they get is in the table of clients.cpp.
#include <fmt/format.h>

#include <optional>

#include "tests/story/clients.hpp"
#include "tests/story/real_upstream.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

constexpr std::string_view coredns_default =
    R"({"upstream_transport": "match_client", "retry_truncated": false, "suspect": []})";
constexpr std::string_view uncut_default =
    R"({"retry_truncated": true, "suspect": ["cut", "oversize", "dangling_cname"], "fit": "rrset"})";
constexpr std::string_view subset = R"({"fit": "subset"})";

const Endpoint server{"127.0.0.53", 53};
const Endpoint admin{"127.0.0.1", 8053};
const Endpoint upstream_endpoint{"127.0.0.1", 5301};

bool have_clients() {
    for (const auto& program : client_programs()) {
        if (!have_programs({program})) return false;
    }
    return have_namespaces();
}

// A server at port 53 of a namespace whose resolv.conf names it.
std::optional<UncutProgram> serve_in(const Namespace& where) {
    where.set_resolver(server.address);
    UncutOptions options;
    options.where = &where;
    return std::optional<UncutProgram>(std::in_place,
                                       std::vector<std::string>{"serve", "--upstream", upstream_endpoint.text(),
                                                                "--dns", server.text(), "--admin", admin.text()},
                                       options);
}

void set_policy(const Namespace& where, std::string_view patch) {
    HttpResponse response;
    where.inside([&] { response = patch_policy(admin, patch); });
    INFO(response.body);
    REQUIRE(response.status == 200);
}

using Column = Counts ClientMode::*;

std::size_t index_of(const StoryName& name) {
    return static_cast<std::size_t>(&name - story_names.data());
}

void check(std::string_view what, const Asked& asked, int expected) {
    INFO(what << ": " << asked.mode->client << " (" << asked.mode->mode << ") asks for " << asked.name->label << "\n"
              << asked.output);
    CHECK(asked.count == expected);
}

void check_all_clients(const Namespace& where, std::string_view what, Column column) {
    const auto wanted = [&](const ClientMode& mode, const StoryName& name) {
        return (mode.*column)[index_of(name)] != not_asked;
    };
    for (const auto& asked : ask_all(where, wanted)) {
        check(what, asked, (asked.mode->*column)[index_of(*asked.name)]);
    }
}

// A chain to 22 addresses that loses them, and TC too, over UDP.
Replies answer_chain(const Octets& query, bool over_tcp) {
    ToyResponse response;
    const std::string end = "clustercfg.cache.example.test";
    const bool asks_addresses = query[query.size() - (query[11] != 0 ? 11 : 0) - 3] == type_a;
    response.answers.push_back({type_cname, wire_name(end), ""});
    if (!asks_addresses) {
        // No other type there: an answer with a CNAME and an SOA would say so; none at all is shorter.
        response.answers.clear();
    } else if (over_tcp) {
        for (std::size_t i = 1; i <= chain.records; ++i) {
            response.answers.push_back({type_a, {10, 0, 9, static_cast<std::uint8_t>(i)}, end});
        }
    }
    return {make_response(query, response)};
}

}  // namespace

TEST_CASE("every client gets all of it that its buffer allows, before and after", "[story][clients]") {
    if (!have_clients() || !have_programs({"nsd"})) return;
    const Namespace where;
    RealUpstreamOptions options;
    options.where = &where;
    options.listen = upstream_endpoint;
    options.udp_limit = 512;
    const RealUpstream upstream(Software::nsd, {{std::string(plain_origin), plain_zone()}}, options);
    const auto uncut = serve_in(where);

    set_policy(where, coredns_default);
    check_all_clients(where, "before", &ClientMode::before);
    set_policy(where, uncut_default);
    check_all_clients(where, "after", &ClientMode::after);
    set_policy(where, subset);
    check_all_clients(where, "with subset", &ClientMode::subset);
}

TEST_CASE("a chain that lost its addresses, and TC too, is made whole for every client", "[story][clients]") {
    if (!have_clients()) return;
    const Namespace where;
    std::optional<ToyUpstream> upstream;
    where.inside([&] { upstream.emplace(answer_chain, true, upstream_endpoint); });
    const auto uncut = serve_in(where);

    const auto check_chain = [&](std::string_view what, int ClientMode::* column) {
        const auto wanted = [](const ClientMode&, const StoryName& name) { return name.label == chain.label; };
        for (const auto& asked : ask_all(where, wanted)) check(what, asked, asked.mode->*column);
    };
    set_policy(where, coredns_default);
    check_chain("before", &ClientMode::dangling_before);
    set_policy(where, uncut_default);
    check_chain("after", &ClientMode::dangling_after);
}
