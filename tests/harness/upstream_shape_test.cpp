// SPDX-License-Identifier: Apache-2.0
// Malformed answers of the scripted upstream, octet for octet, over both transports.
#include <algorithm>

#include "harness/upstream/wire.hpp"
#include "tests/harness/upstream_running.hpp"

using namespace uncut::harness::upstream;
using namespace uncut::test;

namespace {

/// A right answer, and the same with a fault in it.
struct Pair {
    Octets right;
    Octets spoiled;
    std::size_t first;  ///< where the first record begins, in both
};

Octets ask(const RunningUpstream& server, const Octets& query, bool tcp) {
    const auto message = tcp ? server.tcp(query) : server.udp(query);
    REQUIRE(message);
    return *message;
}

Pair ask_both(Fault fault, const Octets& query, bool tcp) {
    const RunningUpstream server = start_upstream();
    Pair out;
    out.right = ask(server, query, tcp);
    REQUIRE(server.set_faults({std::move(fault)}));
    out.spoiled = ask(server, query, tcp);
    CHECK(server.upstream->faults().at(0).struck == 1);
    out.first = name_end(out.right, header_octets) + 4;
    return out;
}

Octets tail(const Octets& message, std::size_t from) {
    return {message.begin() + static_cast<std::ptrdiff_t>(std::min(from, message.size())), message.end()};
}

Octets joined(Octets first, const Octets& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

const Octets plain_query = make_query({one_name});
const Octets edns_query = make_query({one_name}, {.bufsize = 1232});
constexpr std::size_t pointer_octets = 2;

}  // namespace

TEST_CASE("upstream shape: the owner of the first record is no name, and nothing else is wrong", "[upstream]") {
    const auto kind = GENERATE(FaultKind::pointer_loop, FaultKind::pointer_forward, FaultKind::long_name);
    const bool tcp = GENERATE(false, true);
    const std::size_t which = GENERATE(0U, 1U, 2U);
    // The last one's first record is of the authority section.
    const Octets queries[] = {plain_query, edns_query, make_query({"text.default.svc.cluster.local"})};
    const Octets& query = queries[which];
    const Pair pair = ask_both({.kind = kind}, query, tcp);
    const std::size_t first = pair.first;
    CHECK(
        std::equal(pair.right.begin(), pair.right.begin() + static_cast<std::ptrdiff_t>(first), pair.spoiled.begin()));
    std::size_t owner_octets = pointer_octets;
    if (kind == FaultKind::pointer_loop) {
        CHECK(get_u16(pair.spoiled, first) == (0xC000 | first));
    } else if (kind == FaultKind::pointer_forward) {
        const std::size_t target = get_u16(pair.spoiled, first) & 0x3FFFU;
        CHECK(target > first + 1);
        CHECK(pair.spoiled.at(target) == 0);  // what is there is the name of the root
    } else {
        owner_octets = name_end(pair.spoiled, first) - first;
        CHECK(owner_octets == name_octets_max + 2);
    }
    CHECK(tail(pair.spoiled, first + owner_octets) == tail(pair.right, first + pointer_octets));
    if (kind != FaultKind::pointer_forward) CHECK_THROWS(read_answer(pair.spoiled));  // which ldns lets pass
}

TEST_CASE("upstream shape: RDLENGTH of the first record is past the end of the message", "[upstream]") {
    const bool tcp = GENERATE(false, true);
    const bool edns = GENERATE(false, true);
    const Octets& query = edns ? edns_query : plain_query;
    const Pair pair = ask_both({.kind = FaultKind::bad_rdlength}, query, tcp);
    const std::size_t rdlength = pair.first + pointer_octets + 8;
    CHECK(get_u16(pair.spoiled, rdlength) == 65'535);
    Octets mended = pair.spoiled;
    put_u16(mended, rdlength, get_u16(pair.right, rdlength));
    CHECK(mended == pair.right);
}

TEST_CASE("upstream shape: an answer without records gets one for what needs one", "[upstream]") {
    const auto kind = GENERATE(FaultKind::pointer_loop, FaultKind::long_name, FaultKind::bad_rdlength);
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::rcode, .parameters = {.rcode = 2}}, {.kind = kind}});
    const Octets message = ask(server, edns_query, false);
    CHECK(get_u16(message, 6) == 1);
    CHECK((message[3] & 0x0F) == 2);
    CHECK_THROWS(read_answer(message));
    const Octets opt = tail(edns_query, edns_query.size() - opt_octets);
    CHECK(tail(message, message.size() - opt_octets)[2] == opt[2]);
}

TEST_CASE("upstream shape: ANCOUNT lies", "[upstream]") {
    struct Row {
        FaultParameters parameters;
        unsigned count;
    };
    const auto row = GENERATE(values<Row>({{{}, 2}, {{.count = 0}, 0}, {{.count = 65'535}, 65'535}}));
    const bool tcp = GENERATE(false, true);
    const Pair pair = ask_both({.kind = FaultKind::lying_counts, .parameters = row.parameters}, plain_query, tcp);
    CHECK(get_u16(pair.right, 6) == 1);
    CHECK(get_u16(pair.spoiled, 6) == row.count);
    CHECK(tail(pair.spoiled, 8) == tail(pair.right, 8));
}

TEST_CASE("upstream shape: trailing octets are those of an address that no count includes", "[upstream]") {
    const auto octets = GENERATE(1, 11, 16, 100);
    const bool tcp = GENERATE(false, true);
    const bool edns = GENERATE(false, true);
    const Octets& query = edns ? edns_query : plain_query;
    const Pair pair = ask_both({.kind = FaultKind::trailing_octets, .parameters = {.octets = octets}}, query, tcp);
    REQUIRE(pair.spoiled.size() == pair.right.size() + static_cast<std::size_t>(octets));
    CHECK(std::equal(pair.right.begin(), pair.right.end(), pair.spoiled.begin()));
    if (octets != 16) return;
    Octets counted = pair.spoiled;  // with a count that includes it, it comes alive
    put_u16(counted, 10, get_u16(counted, 10) + 1U);
    const Answer answer = read_answer(counted);
    REQUIRE(answer.additional.size() == 1);
    CHECK(answer.additional.begin()->ends_with("198.51.100.66"));
}

TEST_CASE("upstream edns: the OPT comes twice", "[upstream]") {
    const bool tcp = GENERATE(false, true);
    const Pair pair = ask_both({.kind = FaultKind::two_opts}, edns_query, tcp);
    CHECK(get_u16(pair.spoiled, 10) == 2);
    const Octets opt = tail(pair.right, pair.right.size() - opt_octets);
    CHECK(tail(pair.spoiled, 12) == joined(tail(pair.right, 12), opt));
}

TEST_CASE("upstream edns: version, size and options of the OPT", "[upstream]") {
    struct Row {
        FaultKind kind;
        FaultParameters parameters;
        std::size_t at;  // of the OPT's octets, from its owner
        unsigned value;
    };
    const auto row = GENERATE(values<Row>({
        {FaultKind::opt_version, {}, 5, 1},
        {FaultKind::opt_version, {.version = 255}, 5, 255},
        {FaultKind::opt_size, {}, 3, 0},
        {FaultKind::opt_size, {.octets = 65'535}, 3, 65'535},
        {FaultKind::opt_options, {}, 9, 400},
        {FaultKind::opt_options, {.octets = 7}, 9, 7},
        {FaultKind::opt_options, {.octets = 60'000}, 9, 60'000},
    }));
    const bool tcp = row.value > 1'232 || GENERATE(false, true);
    const Pair pair = ask_both({.kind = row.kind, .parameters = row.parameters}, edns_query, tcp);
    const std::size_t opt = pair.right.size() - opt_octets;
    CHECK(get_u16(pair.spoiled, opt + row.at) == row.value);
    Octets mended = pair.spoiled;
    put_u16(mended, opt + row.at, get_u16(pair.right, opt + row.at));
    mended.resize(pair.right.size());
    CHECK(mended == pair.right);
    const std::size_t options = row.kind == FaultKind::opt_options ? row.value : 0;
    CHECK(pair.spoiled.size() == pair.right.size() + options);
    if (options > 0) CHECK(read_answer(pair.spoiled).edns);  // ldns finds them well-formed
}

TEST_CASE("upstream edns: faults of the OPT leave queries without one alone", "[upstream]") {
    const auto kind =
        GENERATE(FaultKind::two_opts, FaultKind::opt_version, FaultKind::opt_size, FaultKind::opt_options);
    const RunningUpstream server = start_upstream({{.kind = kind}});
    CHECK_FALSE(read_answer(ask(server, plain_query, false)).edns);
    CHECK(server.upstream->faults().at(0).struck == 0);
}
