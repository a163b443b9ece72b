// SPDX-License-Identifier: Apache-2.0
// Uncut in front of NSD, Knot and BIND: what they serve over TCP arrives, by whichever transport.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "tests/story/real_upstream.hpp"
#include "tests/story/zones.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/http.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

Answer whole(const Endpoint& server, const Octets& query) {
    const auto message = ask_tcp(server, query);
    REQUIRE(message);
    Answer answer = read_answer(*message);
    REQUIRE_FALSE(answer.tc);
    return answer;
}

// What a client sees of an answer, but the ID, the size, and what the OPT says of the hop.
void check_same(const Answer& through, const Answer& direct) {
    CHECK(through.answer == direct.answer);
    CHECK(through.authority == direct.authority);
    CHECK(through.additional == direct.additional);
    CHECK(through.rcode == direct.rcode);
    CHECK(through.question == direct.question);
    CHECK(through.edns == direct.edns);
    CHECK(through.dnssec_ok == direct.dnssec_ok);
}

// Asks as a client that accepts `bufsize` octets over UDP, and again over TCP if it is told to.
void check_name(const Endpoint& uncut, const Endpoint& upstream, const Question& question, const QueryOptions& options,
                unsigned client_bufsize) {
    INFO(question.name << " with " << options.bufsize.value_or(0) << " octets");
    const Octets query = make_query(question, options);
    const Answer direct = whole(upstream, query);
    const auto message = ask_udp(uncut, query);
    REQUIRE(message);
    const unsigned limit = std::min<unsigned>(std::max<unsigned>(options.bufsize.value_or(512), 512), client_bufsize);
    CHECK(message->size() <= limit);
    const Answer over_udp = read_answer(*message);
    CHECK(over_udp.id == options.id);
    if (direct.octets <= limit) {
        CHECK_FALSE(over_udp.tc);
        check_same(over_udp, direct);
    } else {
        CHECK(over_udp.tc);
        CHECK(std::ranges::includes(direct.answer, over_udp.answer));
    }
    const Answer over_tcp = whole(uncut, query);
    CHECK(over_tcp.id == options.id);
    check_same(over_tcp, direct);
}

void check_every_size(const Endpoint& uncut, const Endpoint& upstream, const Question& question,
                      unsigned client_bufsize) {
    for (const unsigned bufsize : {0u, 512u, 1232u, 4096u, 65535u}) {
        QueryOptions options;
        if (bufsize != 0) options.bufsize = static_cast<std::uint16_t>(bufsize);
        check_name(uncut, upstream, question, options, client_bufsize);
    }
}

std::vector<std::string> transfer(const Endpoint& server) {
    const Ended ended = run({"dig", fmt::format("@{}", server.address), "-p", std::to_string(server.port), "+time=10",
                             "+tries=1", "+noall", "+answer", "+onesoa", std::string(plain_origin), "AXFR"});
    INFO(ended.err << ended.out);
    CHECK(ended.code == 0);
    CHECK_FALSE(ended.out.contains("failed"));
    std::vector<std::string> lines;
    std::istringstream text(ended.out);
    for (std::string line; std::getline(text, line);) {
        if (!line.empty() && !line.starts_with(';')) lines.push_back(line);
    }
    std::ranges::sort(lines);
    return lines;
}

}  // namespace

TEST_CASE("what NSD, Knot and BIND serve over TCP arrives through Uncut", "[story][upstream]") {
    const auto software = GENERATE(Software::nsd, Software::knot, Software::bind);
    INFO(program_of(software));
    if (!have_programs({program_of(software), "dig"})) return;
    const RealUpstream upstream(
        software, {{std::string(plain_origin), plain_zone()}, {std::string(huge_origin), huge_zone()}}, {});
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));

    SECTION("each name, at each size that a client may accept") {
        for (const auto& name : story_names) {
            check_every_size(uncut.dns(), upstream.endpoint(), {name.name(), name.type}, 1232);
        }
        check_every_size(uncut.dns(), upstream.endpoint(), {"no-such-name.example.test", type_a}, 1232);
        check_every_size(uncut.dns(), upstream.endpoint(), {std::string(plain_origin), type_aaaa}, 1232);
    }
    SECTION("200 addresses in one datagram, for a client and a policy that allow it") {
        REQUIRE(patch_policy(uncut.admin(), R"({"client_bufsize": 4096})").status == 200);
        QueryOptions options;
        options.bufsize = 4096;
        check_name(uncut.dns(), upstream.endpoint(), {many_addresses.name(), type_a}, options, 4096);
    }
    SECTION("an answer of 65,535 octets, over TCP, and TC over UDP") {
        const Octets query = make_query({huge_text.name(huge_origin), type_txt});
        const auto direct = ask_tcp(upstream.endpoint(), query);
        const auto through = ask_tcp(uncut.dns(), query);
        REQUIRE(direct);
        REQUIRE(through);
        CHECK(direct->size() == 65535);
        CHECK(through->size() == 65535);
        check_same(read_answer(*through), read_answer(*direct));
        check_name(uncut.dns(), upstream.endpoint(), {huge_text.name(huge_origin), type_txt}, {}, 1232);
    }
    SECTION("a zone transfer") {
        const auto direct = transfer(upstream.endpoint());
        CHECK(direct.size() == 322);  // all records of the zone
        CHECK(transfer(uncut.dns()) == direct);
    }
}

TEST_CASE("a signed zone keeps its signatures through Uncut", "[story][upstream]") {
    const auto software = GENERATE(Software::nsd, Software::knot, Software::bind);
    INFO(program_of(software));
    if (!have_programs({program_of(software), "ldns-keygen", "ldns-signzone"})) return;
    const RealUpstream upstream(software, {{std::string(signed_origin), signed_zone()}}, {});
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));

    for (const unsigned bufsize : {512u, 1232u, 4096u}) {
        QueryOptions options;
        options.bufsize = static_cast<std::uint16_t>(bufsize);
        options.dnssec_ok = true;
        for (const auto& name : {one_address, few_addresses, sixty_addresses, many_addresses}) {
            check_name(uncut.dns(), upstream.endpoint(), {name.name(signed_origin), type_a}, options, 1232);
        }
        check_name(uncut.dns(), upstream.endpoint(), {std::string(signed_origin), type_dnskey}, options, 1232);
        check_name(uncut.dns(), upstream.endpoint(), {"no-such-name.signed.test", type_a}, options, 1232);

        const Answer keys = whole(uncut.dns(), make_query({std::string(signed_origin), type_dnskey}, options));
        CHECK(keys.octets > 2048);
        CHECK(keys.dnssec_ok);
        CHECK(keys.count("DNSKEY") == 8);
        CHECK(keys.count("RRSIG") >= 1);
    }
    // A signed RRset goes whole, with its signatures, or not at all: RFC 4035 3.1.1.
    QueryOptions options;
    options.bufsize = 1232;
    options.dnssec_ok = true;
    const auto cut = ask_udp(uncut.dns(), make_query({many_addresses.name(signed_origin), type_a}, options));
    REQUIRE(cut);
    const Answer truncated = read_answer(*cut);
    CHECK(truncated.tc);
    CHECK(truncated.count("A") == 0);
}

TEST_CASE("a signed query reaches BIND with every octet, and its signed answer comes back", "[story][upstream]") {
    if (!have_programs({"named", "dig"})) return;
    constexpr std::string_view secret = "dW5jdXQgZG9lcyBub3QgdG91Y2ggdGhpcyBtZXNzYWdl";
    RealUpstreamOptions options;
    options.more = fmt::format("key \"story\" {{ algorithm hmac-sha256; secret \"{}\"; }};\n", secret);
    const RealUpstream upstream(Software::bind, {{std::string(plain_origin), plain_zone()}}, options);
    const UncutProgram uncut(serve_arguments(upstream.endpoint()));
    const std::string transport = GENERATE("+notcp", "+tcp");
    const std::string edns = GENERATE("+noedns", "+bufsize=1232");
    INFO(transport << " " << edns);
    for (const auto& name : {one_address, few_addresses, sixty_addresses, many_addresses}) {
        const Ended ended = run({"dig", "@127.0.0.1", "-p", std::to_string(uncut.dns().port), "+time=10", "+tries=1",
                                 transport, edns, "-y", fmt::format("hmac-sha256:story:{}", secret), name.name()});
        INFO(ended.out << ended.err);
        CHECK(ended.code == 0);
        // dig checks the answer's signature, and says so where it is wrong.
        CHECK(ended.out.contains("TSIG PSEUDOSECTION"));
        CHECK(ended.out.contains("NOERROR"));
        CHECK_FALSE(ended.out.contains("could not be validated"));
        CHECK_FALSE((ended.out + ended.err).contains("verify"));
        CHECK(ended.out.contains(fmt::format("ANSWER: {},", name.records)));
    }
}

TEST_CASE("of two upstreams one is dead: the other answers", "[story][threads]") {
    if (!have_programs({"nsd"})) return;
    const RealUpstream upstream(Software::nsd, {{std::string(plain_origin), plain_zone()}}, {});
    const Endpoint dead{"127.0.0.1", free_port()};
    const UncutProgram uncut({"serve", "--upstream", dead.text(), "--upstream", upstream.endpoint().text(), "--dns",
                              "127.0.0.1:0", "--threads", "2"});
    for (const auto& name : story_names) {
        check_name(uncut.dns(), upstream.endpoint(), {name.name(), name.type}, {}, 1232);
    }
}
