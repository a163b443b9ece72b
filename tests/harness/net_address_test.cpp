// SPDX-License-Identifier: Apache-2.0
#include "harness/net/address.hpp"

#include "harness/net/cidr.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;

TEST_CASE("net: addresses are read in every form", "[net]") {
    struct Row {
        const char* text;
        const char* normal;
    };
    const Row row = GENERATE(values<Row>({
        {"127.0.0.1", "127.0.0.1:53"},
        {"127.0.0.1:5300", "127.0.0.1:5300"},
        {"127.0.0.1#5300", "127.0.0.1:5300"},
        {"0.0.0.0:0", "0.0.0.0:0"},
        {"255.255.255.255:65535", "255.255.255.255:65535"},
        {"::1", "[::1]:53"},
        {"[::1]", "[::1]:53"},
        {"[::1]:5300", "[::1]:5300"},
        {"[::1]#5300", "[::1]:5300"},
        {"::1#5300", "[::1]:5300"},
        {"2001:DB8::1", "[2001:db8::1]:53"},
        {"2001:db8:0:0:0:0:0:1", "[2001:db8::1]:53"},
        {"[::ffff:192.0.2.1]:53", "[::ffff:192.0.2.1]:53"},
        {"fe80::1%lo", "[fe80::1%1]:53"},
        {"[fe80::1%7]:5300", "[fe80::1%7]:5300"},
        {"fe80::1%7#5300", "[fe80::1%7]:5300"},
    }));
    INFO(row.text);
    const auto address = Address::parse(row.text, 53);
    if (!address) FAIL(address.error());
    CHECK(address->text() == row.normal);
    // What is written is read as the same, without a default.
    CHECK(Address::parse(address->text(), std::nullopt).value() == *address);
}

TEST_CASE("net: what is no address is refused, and quoted", "[net]") {
    const std::string text = GENERATE(
        as<std::string>{}, "", ":", ":53", "#53", "localhost", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536",
        "127.0.0.1:53x", "127.0.0.1: 53", " 127.0.0.1", "127.0.0.1 ", "127.0.0", "127.0.0.256", "127.0.0.1:53:53",
        "127.0.0.1#53#53", "[127.0.0.1]:53", "[::1", "::1]", "[::1]53", "[::1]:", "[::1]:99999", "[]", "[]:53", ":::1",
        "1:2:3:4:5:6:7:8:9", "fe80::1%", "fe80::1%nosuchinterface", "127.0.0.1%lo");
    const auto address = Address::parse(text, 53);
    INFO(text);
    REQUIRE_FALSE(address);
    INFO(address.error());
    CHECK(address.error().starts_with("\"" + text + "\": "));
}

TEST_CASE("net: a port that is needed and missing is an error", "[net]") {
    CHECK_FALSE(Address::parse("127.0.0.1", std::nullopt));
    CHECK_FALSE(Address::parse("::1", std::nullopt));
    CHECK_FALSE(Address::parse("[::1]", std::nullopt));
    CHECK(Address::parse("127.0.0.1:53", std::nullopt));
}

TEST_CASE("net: addresses go to the system's and the ABI's form, and back", "[net]") {
    for (const char* text : {"192.0.2.7:53", "[2001:db8::7]:5300", "[fe80::1%3]:1"}) {
        const Address address = Address::parse(text, std::nullopt).value();
        sockaddr_storage raw{};
        const socklen_t octets = address.to_sockaddr(raw);
        CHECK(Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets) == address);
        CHECK_FALSE(Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), octets - 1).has_value());
        const uncut_address abi = address.to_abi();
        CHECK(abi.size == UNCUT_STRUCT_SIZE(uncut_address, scope));
        CHECK(abi.family == (address.is_v6() ? 6 : 4));
        CHECK(abi.port == address.port());
        CHECK(abi.scope == address.scope());
        CHECK(std::equal(address.octets().begin(), address.octets().end(), abi.octets));
    }
    sockaddr_storage none{};
    CHECK_FALSE(Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&none), sizeof none).has_value());
}

TEST_CASE("net: loopback and any are known", "[net]") {
    const auto of = [](const char* text) { return Address::parse(text, 0).value(); };
    CHECK(of("127.0.0.1").is_loopback());
    CHECK(of("127.255.0.9").is_loopback());
    CHECK(of("::1").is_loopback());
    CHECK_FALSE(of("128.0.0.1").is_loopback());
    CHECK_FALSE(of("::2").is_loopback());
    CHECK_FALSE(of("0.0.0.0").is_loopback());
    CHECK_FALSE(of("::").is_loopback());
    CHECK_FALSE(of("100::1").is_loopback());
    CHECK(of("0.0.0.0").is_any());
    CHECK(of("::").is_any());
    CHECK_FALSE(of("0.0.0.1").is_any());
}

TEST_CASE("net: blocks contain what they should", "[net]") {
    struct Row {
        const char* block;
        const char* address;
        bool inside;
    };
    const Row row = GENERATE(values<Row>({
        {"0.0.0.0/0", "203.0.113.9", true},
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.4/31", "192.0.2.5", true},
        {"192.0.2.4/31", "192.0.2.6", false},
        {"192.0.2.4/32", "192.0.2.4", true},
        {"192.0.2.4", "192.0.2.5", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", false},
        {"0.0.0.0/0", "::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
        {"::1/128", "::2", false},
    }));
    INFO(row.block << " and " << row.address);
    const auto block = Cidr::parse(row.block);
    if (!block) FAIL(block.error());
    CHECK(block->contains(Address::parse(row.address, 53).value()) == row.inside);
    CHECK(Cidr::parse(block->text()).value().text() == block->text());
}

TEST_CASE("net: what is no block is refused, and quoted", "[net]") {
    const std::string text = GENERATE(as<std::string>{}, "", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                                      "10.0.0.0/8x", "10.0.0.1/8", "192.0.2.1/31", "2001:db8::1/64", "10.0.0.0/8/8",
                                      "10.0.0.0:53/8", "[::1]/128", "example/8", "fe80::%1/10");
    const auto block = Cidr::parse(text);
    INFO(text);
    REQUIRE_FALSE(block);
    CHECK(block.error().starts_with("\"" + text + "\": "));
}
