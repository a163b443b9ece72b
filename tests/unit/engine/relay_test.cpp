// SPDX-License-Identifier: Apache-2.0
// Zone transfers: relayed message by message, and ended.
#include "module/engine/relay.hpp"
#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;
using engine::Progress;
using engine::Transfer;

namespace {

Bytes soa_rdata(std::uint32_t serial) {
    Bytes rdata;
    story::put_name(rdata, "ns.example.");
    story::put_name(rdata, "host.example.");
    for (const std::uint32_t number : {serial, 2u, 3u, 4u, 5u}) story::put32(rdata, number);
    return rdata;
}

Make& soa(Make& message, std::uint32_t serial = 1) {
    return message.record(wire::answer, "", wire::type::soa, soa_rdata(serial));
}

Bytes axfr(std::uint16_t id = 0x77) {
    return Make("example.", wire::type::axfr).id(id);
}

Bytes part(const Bytes& query, bool first, bool last, std::uint32_t addresses) {
    Make made = answer_to(query);
    if (first) soa(made);
    made.a(addresses);
    if (last) soa(made);
    return made;
}

}  // namespace

TEST_CASE("a transfer ends with the SOA it began with", "[engine]") {
    const Bytes query = axfr(1);
    Transfer transfer;
    transfer.begin(query);
    SECTION("in one message") {
        CHECK(transfer.read(part(query, true, true, 3)) == Progress::last);
    }
    SECTION("in three") {
        CHECK(transfer.read(part(query, true, false, 3)) == Progress::more);
        CHECK(transfer.read(part(query, false, false, 3)) == Progress::more);
        CHECK(transfer.read(part(query, false, true, 3)) == Progress::last);
    }
    SECTION("with the SOA alone first and last") {
        CHECK(transfer.read(part(query, true, false, 0)) == Progress::more);
        CHECK(transfer.read(part(query, false, true, 0)) == Progress::last);
    }
    SECTION("or with an error") {
        CHECK(transfer.read(answer_to(query).rcode(wire::rcode::refused).bytes()) == Progress::last);
    }
    SECTION("or with nothing") {
        CHECK(transfer.read(answer_to(query).bytes()) == Progress::last);
    }
    SECTION("and not with what is not of it") {
        CHECK(transfer.read(query) == Progress::foreign);
        CHECK(transfer.read(Octets(query).first(11)) == Progress::foreign);
        CHECK(transfer.read(answer_to(axfr(2)).bytes()) == Progress::foreign);
    }
    SECTION("what does not parse passes, and the end is not looked for any more") {
        CHECK(transfer.read(answer_to(query).a(1).octets({1}).bytes()) == Progress::more);
        CHECK(transfer.read(part(query, true, true, 1)) == Progress::more);
    }
}

TEST_CASE("an incremental transfer ends with its third SOA of the new serial", "[engine]") {
    const Bytes query = Make("example.", wire::type::ixfr).id(1);
    Transfer transfer;
    transfer.begin(query);
    Make message = answer_to(query);
    soa(message, 3);
    soa(message, 1).a(1);  // deletions
    soa(message, 2).a(2);  // additions
    soa(message, 2).a(1);
    soa(message, 3);  // the last record here, but more is added
    CHECK(transfer.read(message.bytes()) == Progress::more);
    Make rest = answer_to(query).a(2);
    soa(rest, 3);
    CHECK(transfer.read(rest.bytes()) == Progress::last);
}

TEST_CASE("a zone transfer is relayed message by message on a connection of its own", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        if (wire::load16(query.data() + query.size() - 4) != wire::type::axfr) {
            return stream.send(answer_to(query).a(1));
        }
        for (int number = 0; number < 50; ++number) stream.send(part(query, number == 0, number == 49, 100));
    });
    ToyHost host({server.address()});
    CHECK(host.ask(Make("www.example."), tcp).answers() == 1);
    host.submit(axfr(), 5, tcp);
    REQUIRE(host.until_completed(51));
    CHECK(server.connections == 2);
    for (std::size_t index = 1; index <= 50; ++index) {
        const Completed& each = host.completed[index];
        CHECK(each.token == 5);
        CHECK(each.outcome == (index == 50 ? UNCUT_OUTCOME_DELIVERED : UNCUT_OUTCOME_STREAM));
        CHECK(each.id() == 0x77);
        CHECK(each.transport == tcp);
    }
    CHECK(host.engine->in_flight() == 0);
    CHECK(host.until([&] { return server.closed == 1; }));
    CHECK(host.count(Counter::bypassed) == 1);
}

TEST_CASE("a zone transfer that breaks off ends with the cause", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        stream.send(part(query, true, false, 3));
        stream.close();
    });
    ToyHost host({server.address()});
    host.submit(axfr(), 5, tcp);
    REQUIRE(host.until_completed(2));
    CHECK(host.completed[0].outcome == UNCUT_OUTCOME_STREAM);
    CHECK(host.completed[1].outcome == UNCUT_OUTCOME_DROPPED);
    CHECK(host.completed[1].cause == UNCUT_CAUSE_CLOSED);
}

TEST_CASE("a zone transfer that cannot begin is answered with SERVFAIL", "[engine]") {
    SECTION("refused") {
        ToyServer server(answer_1, nullptr);
        ToyHost host({server.address()});
        const Completed got = host.ask(axfr(), tcp);
        CHECK(got.delivered());
        CHECK(got.rcode() == wire::rcode::servfail);
        CHECK(got.id() == 0x77);
        CHECK(wire::count(got.message.data(), wire::question) == 1);
    }
    SECTION("closed at once") {
        ToyServer server(answer_1, [](ToyServer::Stream& stream, const Bytes&) { stream.close(); });
        ToyHost host({server.address()});
        CHECK(host.ask(axfr(), tcp).rcode() == wire::rcode::servfail);
    }
    SECTION("as many as there may be are under way") {
        ToyServer server(answer_1, [](ToyServer::Stream&, const Bytes&) {});
        ToyHost host({server.address()});
        for (std::size_t count = 0; count <= engine::relays_max; ++count) host.submit(axfr(), count, tcp);
        REQUIRE(host.until_completed(1));
        CHECK(host.completed[0].rcode() == wire::rcode::servfail);
        CHECK(host.engine->in_flight() == engine::relays_max);
        host.engine->stop();
        CHECK(host.completed.size() == engine::relays_max + 1);
    }
}

TEST_CASE("a zone transfer can be cancelled, from its own completion too", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) {
        for (int number = 0; number < 50; ++number) stream.send(part(query, number == 0, false, 100));
    });
    ToyHost host({server.address()});
    const std::uint64_t ticket = host.submit(axfr(), 5, tcp);
    std::size_t octets = 0;
    host.on_completed = [&](const Completed& each) {
        CHECK(host.engine->cancel(ticket) == UNCUT_OK);
        octets = each.message.size();
    };
    REQUIRE(host.until_completed(1));
    host.run_for(50);
    CHECK(host.completed.size() == 1);
    CHECK(octets > 1600);
    CHECK(host.engine->in_flight() == 0);
    CHECK(host.until([&] { return server.closed == 1; }));
}

TEST_CASE("over UDP a transfer is one question or an error", "[engine]") {
    std::atomic<int> same_id{0};
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (wire::id(datagram.query.data()) == 0x99) ++same_id;
            Make answer = answer_to(datagram.query);
            soa(answer, 7);
            Bytes foreign = answer;
            foreign[13] ^= 1;
            if (datagram.query[13] == 'b') answer.a(100);
            return {foreign, answer};
        },
        nullptr);
    ToyHost host({server.address()});
    SECTION("AXFR is FORMERR") {
        const Completed got = host.ask(axfr());
        CHECK(got.rcode() == wire::rcode::formerr);
        CHECK(server.datagrams == 0);
    }
    SECTION("IXFR is relayed") {
        const Completed got = host.ask(Make("example.", wire::type::ixfr).id(0x99));
        CHECK(got.answers() == 1);
        CHECK(got.id() == 0x99);
        CHECK(host.count(Counter::ignored_question) == 1);
    }
    SECTION("but not in more octets than the client takes") {
        const Completed got = host.ask(Make("big.example.", wire::type::ixfr).id(0x99));
        CHECK(got.tc());
        CHECK(got.answers() == 0);
        CHECK(got.message.size() <= wire::udp_octets_min);
    }
    CHECK(host.engine->in_flight() == 0);
}

TEST_CASE("a transfer that cannot begin is refused with an OPT for who sent one", "[engine]") {
    for (const bool opt : {false, true}) {
        INFO(opt);
        Bytes query = axfr();
        if (opt) {
            query.insert(query.end(), {0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0});
            wire::set_count(query.data(), wire::additional, 1);
        }
        Bytes out(512);
        out.resize(engine::write_error(query, wire::rcode::servfail, false, out));
        wire::Message view;
        REQUIRE(wire::parse(out, view) == UNCUT_OK);
        CHECK(view.id == wire::id(query.data()));
        CHECK(view.rcode == wire::rcode::servfail);
        CHECK(view.has(UNCUT_FACT_OPT) == opt);
        CHECK(view.has(UNCUT_FACT_DO) == opt);
    }
}
