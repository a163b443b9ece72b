// SPDX-License-Identifier: Apache-2.0
// Incremental transfers of which there is nothing to transfer.
#include "module/engine/transfer.hpp"
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

// A client that has the version with this serial.
Bytes ixfr(std::uint32_t serial) {
    return Make("example.", wire::type::ixfr).id(1).record(wire::authority, "", wire::type::soa, soa_rdata(serial));
}

Bytes soa_alone(const Bytes& query, std::uint32_t serial) {
    return answer_to(query).record(wire::answer, "", wire::type::soa, soa_rdata(serial));
}

Progress first_read(const Bytes& query, const Bytes& answer) {
    Transfer transfer;
    transfer.begin(query);
    return transfer.read(answer);
}

}  // namespace

TEST_CASE("an incremental transfer ends with one SOA where the client is up to date", "[engine]") {
    CHECK(first_read(ixfr(7), soa_alone(ixfr(7), 7)) == Progress::last);
    CHECK(first_read(ixfr(8), soa_alone(ixfr(8), 7)) == Progress::last);
    CHECK(first_read(ixfr(0), soa_alone(ixfr(0), 0xffffffff)) == Progress::last);  // RFC 1982: 0 comes next
    // A newer version follows, one record a message perhaps.
    CHECK(first_read(ixfr(7), soa_alone(ixfr(7), 8)) == Progress::more);
    CHECK(first_read(ixfr(0xffffffff), soa_alone(ixfr(0xffffffff), 0)) == Progress::more);
    // What the client has is not known.
    const Bytes axfr = Make("example.", wire::type::axfr).id(1);
    CHECK(first_read(axfr, soa_alone(axfr, 7)) == Progress::more);
    const Bytes bare = Make("example.", wire::type::ixfr).id(1);
    CHECK(first_read(bare, soa_alone(bare, 7)) == Progress::more);
}

TEST_CASE("a secondary that is up to date is told so at once and holds no connection", "[engine]") {
    ToyServer server(nullptr, [](ToyServer::Stream& stream, const Bytes& query) { stream.send(soa_alone(query, 7)); });
    ToyHost host({server.address()});
    const Completed got = host.ask(ixfr(7), tcp);
    CHECK(got.delivered());
    CHECK(got.answers() == 1);
    CHECK(host.engine->in_flight() == 0);
    CHECK(host.until([&] { return server.closed == 1; }));
}
