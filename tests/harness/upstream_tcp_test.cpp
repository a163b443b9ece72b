// SPDX-License-Identifier: Apache-2.0
// What the scripted upstream does wrong with TCP, as a client's socket sees it.
#include <linux/tcp.h>  // glibc's own knows less of tcp_info

#include <algorithm>

#include "tests/harness/upstream_running.hpp"

using namespace uncut::harness::upstream;
using namespace uncut::test;

namespace {

constexpr Milliseconds nothing_comes{300};
constexpr Milliseconds long_enough{10'000};

Octets framed(const Octets& message) {
    Octets out;
    put16(out, static_cast<unsigned>(message.size()));
    out.insert(out.end(), message.begin(), message.end());
    return out;
}

Octets joined(Octets first, const Octets& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// A connection whose octets are looked at as they come.
class RawConnection {
  public:
    explicit RawConnection(const Endpoint& server) : socket_(open_socket(server, SOCK_STREAM)) {
        const SystemAddress address(server);
        REQUIRE(::connect(socket_.fd(), address.get(), address.octets) == 0);
    }
    void send(const Octets& octets) const {
        REQUIRE(::send(socket_.fd(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(octets.size()));
    }
    void close_sending() const { REQUIRE(::shutdown(socket_.fd(), SHUT_WR) == 0); }
    /// So many octets, or as many as come before the end.
    Octets receive(std::size_t octets) const {
        Octets out(octets);
        std::size_t have = 0;
        while (have < octets && readable(socket_, long_enough)) {
            const ssize_t count = ::recv(socket_.fd(), out.data() + have, octets - have, 0);
            if (count <= 0) break;
            have += static_cast<std::size_t>(count);
        }
        out.resize(have);
        return out;
    }
    bool says_nothing() const { return !readable(socket_, nothing_comes); }
    bool ended() const {
        std::uint8_t octet = 0;
        return readable(socket_, long_enough) && ::recv(socket_.fd(), &octet, 1, 0) <= 0;
    }
    /// How many segments with data have come.
    std::uint32_t segments() const {
        tcp_info info{};
        socklen_t octets = sizeof info;
        REQUIRE(::getsockopt(socket_.fd(), IPPROTO_TCP, TCP_INFO, &info, &octets) == 0);
        return info.tcpi_data_segs_in;
    }

  private:
    Socket socket_;
};

const Octets chain_query = make_query({chain_name});

/// The whole answer to the query of the chain, framed.
Octets chain_answer() {
    return framed(start_upstream().tcp(chain_query).value());
}

}  // namespace

TEST_CASE("upstream tcp: an answer without faults is one segment", "[upstream]") {
    const RunningUpstream server = start_upstream();
    const Octets answer = chain_answer();
    const RawConnection client(server.endpoint);
    client.send(framed(chain_query));
    CHECK(client.receive(answer.size()) == answer);
    CHECK(client.segments() == 1);
}

TEST_CASE("upstream tcp: one octet a segment", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_one_octet}});
    const Octets answer = chain_answer();
    const RawConnection client(server.endpoint);
    client.send(framed(chain_query));
    CHECK(client.receive(answer.size()) == answer);
    CHECK(client.segments() >= answer.size());  // TCP may have sent some again
}

TEST_CASE("upstream tcp: the longest answer comes one octet a segment too", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_one_octet}, {.kind = FaultKind::size_max}});
    const RawConnection client(server.endpoint);
    client.send(framed(chain_query));
    CHECK(client.receive(65'537).size() == 65'537);
    CHECK(client.segments() >= 65'537);  // TCP may have sent some again
    CHECK(client.says_nothing());
}

TEST_CASE("upstream tcp: stalls and closes after so many octets, the length among them", "[upstream]") {
    const auto kind = GENERATE(FaultKind::tcp_stall, FaultKind::tcp_close);
    const std::int32_t octets = GENERATE(0, 1, 2, 3, 100, 65'537);
    const RunningUpstream server = start_upstream({{.kind = kind, .parameters = {.octets = octets}}});
    Octets expected = chain_answer();
    expected.resize(std::min(expected.size(), static_cast<std::size_t>(octets)));
    const RawConnection client(server.endpoint);
    client.send(framed(chain_query));
    CHECK(client.receive(expected.size()) == expected);
    if (kind == FaultKind::tcp_close) {
        CHECK(client.ended());
    } else {
        client.send(framed(chain_query));
        CHECK(client.says_nothing());
    }
}

TEST_CASE("upstream tcp: the length is another than the message's", "[upstream]") {
    struct Row {
        FaultParameters parameters;
        int difference;
    };
    const auto row = GENERATE(values<Row>({{{}, 1}, {{.difference = -3}, -3}, {{.difference = 7}, 7}}));
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::tcp_wrong_length, .parameters = row.parameters}});
    Octets expected = chain_answer();
    const int length = static_cast<int>(expected.size()) - 2 + row.difference;
    expected[0] = static_cast<std::uint8_t>(length >> 8);
    expected[1] = static_cast<std::uint8_t>(length);
    const RawConnection client(server.endpoint);
    client.send(framed(chain_query));
    CHECK(client.receive(expected.size()) == expected);
    CHECK(client.says_nothing());
}

TEST_CASE("upstream tcp: a length stays within its 16 bits", "[upstream]") {
    const std::int32_t difference = GENERATE(-65'535, 65'535);
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::tcp_wrong_length, .parameters = {.difference = difference}}});
    const RawConnection client(server.endpoint);
    client.send(framed(chain_query));
    CHECK(client.receive(2) == (difference < 0 ? Octets{0, 0} : Octets{0xFF, 0xFF}));
}

TEST_CASE("upstream tcp: two answers in one segment, of two queries or one twice", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_coalesce}});
    const Octets other_query = query_with_id(one_name, 4711);
    const Octets answer = chain_answer();
    const Octets other = framed(start_upstream().tcp(other_query).value());
    const RawConnection lonely(server.endpoint);
    lonely.send(framed(chain_query));
    CHECK(lonely.receive(2 * answer.size()) == joined(answer, answer));
    CHECK(lonely.segments() == 1);
    CHECK(lonely.says_nothing());
    const RawConnection pair(server.endpoint);
    pair.send(joined(framed(chain_query), framed(other_query)));  // in one segment, so they come together
    CHECK(pair.receive(answer.size() + other.size()) == joined(answer, other));
    CHECK(pair.segments() == 1);
    CHECK(pair.says_nothing());
}

TEST_CASE("upstream tcp: an answer whose companion is dropped goes twice", "[upstream]") {
    const RunningUpstream server =
        start_upstream({{.kind = FaultKind::tcp_coalesce}, {.kind = FaultKind::drop, .match = {.name = one_name}}});
    const Octets answer = chain_answer();
    const RawConnection client(server.endpoint);
    client.send(joined(framed(chain_query), framed(query_with_id(one_name, 4711))));
    CHECK(client.receive(2 * answer.size()) == joined(answer, answer));
}

TEST_CASE("upstream tcp: answers wait for each other and come in the reverse order", "[upstream]") {
    const std::uint16_t count = GENERATE(std::uint16_t{2}, std::uint16_t{5}, std::uint16_t{64});
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_reorder, .parameters = {.count = count}}});
    TcpClient client(server.endpoint);
    for (std::uint16_t id = 1; id <= count; ++id) client.send(query_with_id(one_name, id));
    for (std::uint16_t id = count; id >= 1; --id) {
        CHECK(read_answer(client.receive(long_enough).value()).id == id);
    }
}

TEST_CASE("upstream tcp: an answer with nobody to be reordered with still comes", "[upstream]") {
    const bool closes = GENERATE(false, true);
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_reorder, .parameters = {.count = 3}}});
    const Octets first = query_with_id(one_name, 1);
    const Octets second = query_with_id(one_name, 2);
    const RunningUpstream right = start_upstream();
    const Octets expected = joined(framed(right.tcp(second).value()), framed(right.tcp(first).value()));
    const RawConnection client(server.endpoint);
    client.send(joined(framed(first), framed(second)));
    if (closes) client.close_sending();
    CHECK(client.receive(expected.size()) == expected);
    if (closes) CHECK(client.ended());
}

TEST_CASE("upstream tcp: a burst of closes, and then connections are served again", "[upstream]") {
    const RunningUpstream server = start_upstream({{.kind = FaultKind::tcp_close_burst, .parameters = {.count = 3}}});
    for (std::uint64_t i = 1; i <= 3; ++i) {
        const RawConnection client(server.endpoint);
        CHECK(client.ended());
        CHECK(server.upstream->faults().at(0).struck == i);
    }
    CHECK(server.tcp(chain_query));
    CHECK(server.upstream->faults().at(0).struck == 3);
    CHECK(server.upstream->statistics().tcp_connections == 4);
}

TEST_CASE("upstream tcp: wrong answers come first over TCP too", "[upstream]") {
    const auto kind = GENERATE(FaultKind::wrong_id, FaultKind::wrong_question, FaultKind::duplicate);
    const RunningUpstream server = start_upstream({{.kind = kind}});
    TcpClient client(server.endpoint);
    client.send(chain_query);
    const Octets first = client.receive(long_enough).value();
    const Octets second = client.receive(long_enough).value();
    CHECK((first == second) == (kind == FaultKind::duplicate));
    CHECK(framed(second) == chain_answer());
}
