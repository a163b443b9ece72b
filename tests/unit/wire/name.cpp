// SPDX-License-Identifier: Apache-2.0
#include "module/wire/name.hpp"

#include <string>

#include "module/wire/message.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

std::string text_of(const Bytes& octets) {
    char text[wire::name_text_max];
    const std::size_t needed = wire::name_to_text(octets, text, sizeof text);
    REQUIRE(needed <= sizeof text);
    return {text, needed - 1};
}

}  // namespace

TEST_CASE("name: presentation form, there and back", "[wire]") {
    struct Row {
        const char* text;
        Bytes octets;
    };
    const Row rows[] = {
        {".", {0}},
        {"a.", {1, 'a', 0}},
        {"www.example.test.", name("www.example.test")},
        {"a\\.b.", {3, 'a', '.', 'b', 0}},
        {"\\000\\255.", {2, 0, 255, 0}},
        {"\\032\\127.", {2, 32, 127, 0}},
        {"\\\\\\\".", {2, '\\', '"', 0}},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(text_of(row.octets) == row.text);
        wire::Name parsed;
        REQUIRE(wire::name_from_text(row.text, parsed));
        CHECK(Bytes(parsed.span().begin(), parsed.span().end()) == row.octets);
    }
    char longest[wire::name_text_max];
    CHECK(wire::name_to_text(label(63, '\1') + label(63, '\1') + label(63, '\1') + label(61, '\1') + Bytes{0}, longest,
                             sizeof longest) <= sizeof longest);
    char small[4] = "old";
    CHECK(wire::name_to_text(name("abc"), small, sizeof small) == 5);
    CHECK(std::string(small) == "old");
}

TEST_CASE("name: what is no name is refused", "[wire]") {
    wire::Name parsed;
    const std::string most = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + ".";
    for (const std::string& text : {std::string("a..b"), std::string(".a"), std::string("a\\"), std::string("\\25"),
                                    std::string("\\256"), std::string(64, 'x'), most + std::string(62, 'd')})
        CHECK_FALSE(wire::name_from_text(text, parsed));
    for (const std::string& text : {std::string(""), std::string("a"), std::string(63, 'x'),
                                    most + std::string(61, 'd'), most + std::string(61, 'd') + "."})
        CHECK(wire::name_from_text(text, parsed));
    CHECK(parsed.length == 255);
}

TEST_CASE("name: equal whatever letter case and compression", "[wire]") {
    Builder builder = Builder().question(name("WWW.example.test"));
    const std::size_t spelled = builder.offset();
    builder.addresses(wire::answer, name("www.EXAMPLE.test"), 1);
    const std::size_t mixed = builder.offset();
    builder.addresses(wire::answer, label(3, 'w') + pointer(16), 1);
    const std::size_t other = builder.offset();
    builder.addresses(wire::answer, label(3, 'v') + pointer(16), 1);
    const Bytes octets = builder.build();
    wire::Message view;
    REQUIRE(wire::parse(octets, view) == UNCUT_OK);
    const auto equal = [&](std::size_t one, std::size_t two) {
        return wire::names_equal(octets.data(), static_cast<std::uint32_t>(one), static_cast<std::uint32_t>(two));
    };
    CHECK(equal(12, spelled));
    CHECK(equal(12, mixed));
    CHECK(equal(spelled, mixed));
    CHECK_FALSE(equal(12, other));
    CHECK_FALSE(equal(12, 16));
    wire::Name expanded;
    wire::expand_name(octets.data(), 12, expanded);
    CHECK(text_of({expanded.span().begin(), expanded.span().end()}) == "WWW.example.test.");
    wire::expand_name_lower(octets.data(), static_cast<std::uint32_t>(mixed), expanded);
    CHECK(text_of({expanded.span().begin(), expanded.span().end()}) == "www.example.test.");
}

TEST_CASE("name: at or below a zone is by whole labels", "[wire]") {
    CHECK(wire::at_or_below(name("a.example"), name("EXAMPLE")));
    CHECK(wire::at_or_below(name("example"), name("example")));
    CHECK(wire::at_or_below(name("example"), name(".")));
    CHECK_FALSE(wire::at_or_below(name("example"), name("a.example")));
    CHECK_FALSE(wire::at_or_below(name("badexample"), name("example")));
    // The octets of the suffix are there, but inside a label: 7 is the length of "example".
    CHECK_FALSE(
        wire::at_or_below(Bytes{9, 'x'} + Bytes{7, 'e', 'x', 'a', 'm', 'p', 'l', 'e'} + Bytes{0}, name("example")));
}

TEST_CASE("name: letter case counts for nothing in a question's name and for all in its type", "[wire]") {
    const Bytes https = name("a.b") + u16(0x41) + u16(1);  // type 65, HTTPS
    CHECK(wire::same_question(https, name("A.B") + u16(0x41) + u16(1)));
    CHECK_FALSE(wire::same_question(https, name("a.b") + u16(0x61) + u16(1)));  // type 97 is no lower-case HTTPS
    CHECK_FALSE(wire::same_question(https, name("a.b") + u16(0x41) + u16(3)));
    CHECK_FALSE(wire::same_question(https, name("a.bc") + u16(0x41) + u16(1)));
}
