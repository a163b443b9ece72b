// SPDX-License-Identifier: Apache-2.0
#include "harness/net/socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "tests/support/catch.hpp"

using namespace uncut::harness;

TEST_CASE("net: a socket that cannot be bound says which and why", "[net]") {
    const auto udp = bind_udp(Address::loopback(0));
    const auto tcp = listen_tcp(Address::loopback(0));
    REQUIRE(udp);
    REQUIRE(tcp);
    const Address udp_address = local_address(udp->get());
    const Address tcp_address = local_address(tcp->get());
    REQUIRE(udp_address.port() != 0);

    const auto udp_again = bind_udp(udp_address);
    REQUIRE_FALSE(udp_again);
    CHECK(udp_again.error().code == EADDRINUSE);
    CHECK(udp_again.error().message ==
          "cannot listen at UDP " + udp_address.text() + ": Address already in use: another program has this port");
    const auto tcp_again = listen_tcp(tcp_address);
    REQUIRE_FALSE(tcp_again);
    CHECK(tcp_again.error().message.starts_with("cannot listen at TCP " + tcp_address.text() +
                                                ": Address already in use"));

    const auto elsewhere = bind_udp(Address::parse("192.0.2.1:0", std::nullopt).value());
    REQUIRE_FALSE(elsewhere);
    CHECK(elsewhere.error().code == EADDRNOTAVAIL);
    CHECK(elsewhere.error().message.starts_with("cannot listen at UDP 192.0.2.1:0: "));
}

TEST_CASE("net: a group shares a port, and nobody else joins it", "[net]") {
    UdpOptions first_options;
    first_options.sharing = PortSharing::first_of_group;
    const auto first = bind_udp(Address::loopback(0), first_options);
    REQUIRE(first);
    const Address address = local_address(first->get());
    UdpOptions more_options;
    more_options.sharing = PortSharing::joins_group;
    const auto second = bind_udp(address, more_options);
    CHECK(second.has_value());
    CHECK_FALSE(bind_udp(address, first_options).has_value());
    CHECK_FALSE(bind_udp(address).has_value());

    const auto tcp_first = listen_tcp(Address::loopback(0), PortSharing::first_of_group);
    REQUIRE(tcp_first);
    const Address tcp_address = local_address(tcp_first->get());
    CHECK(listen_tcp(tcp_address, PortSharing::joins_group).has_value());
    CHECK_FALSE(listen_tcp(tcp_address, PortSharing::first_of_group).has_value());
    CHECK_FALSE(listen_tcp(tcp_address).has_value());
}

TEST_CASE("net: IPv4 and IPv6 have a port each of the same number", "[net]") {
    const auto v4 = bind_udp(Address::parse("0.0.0.0:0", std::nullopt).value());
    REQUIRE(v4);
    const auto port = local_address(v4->get()).port();
    const auto v6 = bind_udp(Address::parse("[::]:0", std::nullopt).value().with_port(port));
    CHECK(v6.has_value());
}

TEST_CASE("net: datagrams tell where they were sent to, and leave from where they are told", "[net]") {
    struct Row {
        const char* any;
        const char* asked;
    };
    const Row row = GENERATE(values<Row>({{"0.0.0.0:0", "127.0.0.3"}, {"[::]:0", "::1"}}));
    UdpOptions options;
    options.packet_info = true;
    const auto server = bind_udp(Address::parse(row.any, std::nullopt).value(), options);
    REQUIRE(server);
    const auto asked = Address::parse(row.asked, local_address(server->get()).port()).value();
    const auto client = connect_udp(asked);
    REQUIRE(client);
    REQUIRE(send(client->get(), "query", 5, 0) == 5);

    char octets[16];
    iovec part{octets, sizeof octets};
    alignas(cmsghdr) unsigned char control[packet_info_octets];
    sockaddr_storage sender{};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    REQUIRE(recvmsg(server->get(), &message, 0) == 5);
    const auto destination = packet_destination(message);
    REQUIRE(destination);
    CHECK(destination->same_host(asked));

    part.iov_len = 5;
    set_packet_source(message, control, *destination);
    REQUIRE(sendmsg(server->get(), &message, 0) == 5);
    CHECK(recv(client->get(), octets, sizeof octets, 0) == 5);  // connected: from `asked` and nowhere else

    msghdr without{};
    CHECK_FALSE(packet_destination(without).has_value());
}

TEST_CASE("net: a descriptor has one owner", "[net]") {
    Fd first(::dup(0));
    const int raw = first.get();
    REQUIRE(first);
    Fd second = std::move(first);
    CHECK_FALSE(first);
    CHECK(second.get() == raw);
    second = Fd(::dup(0));
    CHECK(second.get() != -1);
    const int held = second.release();
    CHECK_FALSE(second);
    CHECK(::close(held) == 0);
}
