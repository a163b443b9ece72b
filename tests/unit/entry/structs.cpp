// SPDX-License-Identifier: Apache-2.0
#include "module/entry/structs.hpp"

#include <array>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

// A struct that has grown: its first release ended with `second`, this one ends with `fourth`.
struct Grown {
    std::uint32_t size;
    std::uint32_t second;
    std::uint32_t third;
    std::uint16_t fourth;
};

}  // namespace

template <>
inline constexpr std::uint32_t uncut::entry::known_octets<Grown> = UNCUT_STRUCT_SIZE(Grown, fourth);
template <>
inline constexpr std::uint32_t uncut::entry::first_octets<Grown> = UNCUT_STRUCT_SIZE(Grown, second);

using namespace uncut::entry;

namespace {

constexpr std::size_t tail_octets = 16;
constexpr std::size_t room_octets = sizeof(Grown) + tail_octets;

// A host's memory with a Grown at an address that is aligned to nothing.
class HostMemory {
  public:
    explicit HostMemory(unsigned char fill) : octets_(room_octets + 1, fill) {}

    void* at() { return octets_.data() + 1; }
    unsigned char& octet(std::size_t offset) { return octets_[offset + 1]; }
    const std::vector<unsigned char>& all() const { return octets_; }

    void set(const Grown& value, std::uint32_t size) {
        std::memcpy(at(), &value, known_octets<Grown>);
        std::memcpy(at(), &size, sizeof size);
    }
    Grown get() {
        Grown value{};
        std::memcpy(&value, at(), known_octets<Grown>);
        return value;
    }

  private:
    std::vector<unsigned char> octets_;
};

constexpr Grown defaults{0, 20, 30, 40};
constexpr Grown given{0, 2, 3, 4};

}  // namespace

TEST_CASE("A struct is counted to the end of its last member, not of its padding", "[entry]") {
    CHECK(known_octets<Grown> == 14);
    CHECK(sizeof(Grown) == 16);
}

TEST_CASE("A struct of the known size is copied in whole", "[entry]") {
    HostMemory host(0xff);
    host.set(given, known_octets<Grown>);
    Grown to = defaults;
    REQUIRE(copy_in(host.at(), to) == UNCUT_OK);
    CHECK(to.second == 2);
    CHECK(to.third == 3);
    CHECK(to.fourth == 4);
}

TEST_CASE("An older host's shorter struct leaves the defaults of what it does not know", "[entry]") {
    HostMemory host(0xff);
    host.set(given, first_octets<Grown>);
    Grown to = defaults;
    REQUIRE(copy_in(host.at(), to) == UNCUT_OK);
    CHECK(to.second == 2);
    CHECK(to.third == 30);
    CHECK(to.fourth == 40);
}

TEST_CASE("A newer host's longer struct is taken when its tail is zero, and refused when it is not", "[entry]") {
    HostMemory host(0);
    const std::uint32_t size = known_octets<Grown> + static_cast<std::uint32_t>(GENERATE(1, 2, 9, 16));
    host.set(given, size);
    Grown to = defaults;
    SECTION("zero") {
        host.octet(size) = 1;  // behind the end: not the struct's
        REQUIRE(copy_in(host.at(), to) == UNCUT_OK);
        CHECK(to.fourth == 4);
    }
    SECTION("its last octet is not") {
        host.octet(size - 1) = 1;
        REQUIRE(copy_in(host.at(), to) == UNCUT_MISUSE_TAIL);
        CHECK(std::memcmp(&to, &defaults, sizeof to) == 0);
    }
    SECTION("its first octet is not") {
        host.octet(known_octets<Grown>) = 0x80;
        REQUIRE(copy_in(host.at(), to) == UNCUT_MISUSE_TAIL);
        CHECK(std::memcmp(&to, &defaults, sizeof to) == 0);
    }
}

TEST_CASE("A size that no release has is refused, and no tail is read", "[entry]") {
    HostMemory host(0);
    const std::uint32_t size = GENERATE(0u, 3u, 4u, 7u, struct_octets_max + 1, 0xffffffffu);
    host.set(given, size);
    const std::vector<unsigned char> before = host.all();
    Grown to = defaults;
    CHECK(copy_in(host.at(), to) == UNCUT_MISUSE_STRUCT_SIZE);
    CHECK(std::memcmp(&to, &defaults, sizeof to) == 0);
    CHECK(check_size<Grown>(size) == UNCUT_MISUSE_STRUCT_SIZE);
    CHECK(host.all() == before);
}

TEST_CASE("NULL is no struct", "[entry]") {
    Grown to = defaults;
    CHECK(copy_in(nullptr, to) == UNCUT_MISUSE_NULL);
    CHECK(copy_in_element(nullptr, 0, to) == UNCUT_MISUSE_NULL);
    CHECK(check_out(static_cast<const Grown*>(nullptr)) == UNCUT_MISUSE_NULL);
    CHECK(std::memcmp(&to, &defaults, sizeof to) == 0);
}

TEST_CASE("Results reach as far as the host's struct and keep its size field", "[entry]") {
    HostMemory host(0xaa);
    const std::uint32_t size = GENERATE(8u, 12u, 13u, 14u, 23u);
    std::memcpy(host.at(), &size, sizeof size);
    copy_out(host.at(), Grown{known_octets<Grown>, 0x11111111, 0x11111111, 0x1111});
    CHECK(load_size(host.at()) == size);
    const std::size_t written = std::min(size, known_octets<Grown>);
    for (std::size_t i = sizeof size; i < room_octets; ++i) {
        INFO("octet " << i << " of a struct of " << size);
        CHECK(host.octet(i) == (i < written ? 0x11 : 0xaa));
    }
}

TEST_CASE("A result is written in place where the host's struct is aligned and long enough, else copied", "[entry]") {
    alignas(Grown) std::array<unsigned char, room_octets + alignof(Grown)> octets;
    octets.fill(0xaa);
    const std::size_t shift = GENERATE(0u, 1u, 2u);
    const std::uint32_t size = GENERATE(8u, 13u, 14u, 23u);
    auto* host = reinterpret_cast<Grown*>(octets.data() + shift);
    std::memcpy(octets.data() + shift, &size, sizeof size);

    Result<Grown> result(host);
    const bool in_place = shift == 0 && size >= known_octets<Grown>;
    CHECK((static_cast<void*>(&*result) == static_cast<void*>(host)) == in_place);
    (*result).second = (*result).third = 0x11111111;
    (*result).fourth = 0x1111;
    result.show();
    CHECK(load_size(octets.data() + shift) == size);
    const std::size_t written = std::min(size, known_octets<Grown>);
    for (std::size_t i = sizeof size; i < room_octets; ++i) {
        INFO("octet " << i << " of a struct of " << size << ", shifted by " << shift);
        CHECK(octets[shift + i] == (i < written ? 0x11 : 0xaa));
    }
}

TEST_CASE("Elements of an array lie their size, rounded up to 8, apart", "[entry]") {
    // Sizes 14 (16 apart), 16 (16 apart) and 17 (24 apart).
    const std::uint32_t size = GENERATE(14u, 16u, 17u);
    const std::size_t apart = size <= 16 ? 16 : 24;
    std::vector<unsigned char> array(3 * apart, 0);
    for (std::uint32_t i = 0; i < 3; ++i) {
        const Grown element{size, i + 1, i + 10, static_cast<std::uint16_t>(i + 20)};
        std::memcpy(array.data() + i * apart, &element, known_octets<Grown>);
    }
    for (std::uint32_t i = 0; i < 3; ++i) {
        Grown to = defaults;
        REQUIRE(copy_in_element(array.data(), i, to) == UNCUT_OK);
        CHECK(to.second == i + 1);
        CHECK(to.third == i + 10);
        CHECK(to.fourth == i + 20);
    }
}

TEST_CASE("Elements of one array that differ in size are refused", "[entry]") {
    const std::array<Grown, 2> array{Grown{known_octets<Grown>, 1, 2, 3}, Grown{first_octets<Grown>, 1, 2, 3}};
    Grown to = defaults;
    CHECK(copy_in_element(array.data(), 0, to) == UNCUT_OK);
    to = defaults;
    CHECK(copy_in_element(array.data(), 1, to) == UNCUT_MISUSE_STRUCT_SIZE);
    CHECK(std::memcmp(&to, &defaults, sizeof to) == 0);
}

TEST_CASE("Single values are written at any alignment, and nowhere when the host does not ask", "[entry]") {
    std::array<unsigned char, 16> octets{};
    put(octets.data() + 1, std::uint64_t{0x0102030405060708});
    std::uint64_t read = 0;
    std::memcpy(&read, octets.data() + 1, sizeof read);
    CHECK(read == 0x0102030405060708);
    CHECK(octets[0] == 0);
    CHECK(octets[9] == 0);
    put(nullptr, std::uint64_t{1});

    put_field(octets.data() + 1, 4, std::uint32_t{0xffffffff});
    std::memcpy(&read, octets.data() + 1, sizeof read);
    CHECK(read == 0xffffffff05060708);
}

TEST_CASE("A message that the host lends is bounded, and NULL only without octets", "[entry]") {
    const unsigned char octet = 0;
    CHECK(check_message(nullptr, 0) == UNCUT_OK);
    CHECK(check_message(nullptr, 1) == UNCUT_MISUSE_NULL);
    CHECK(check_message(&octet, 65535) == UNCUT_OK);
    CHECK(check_message(&octet, 65536) == UNCUT_LIMIT_OCTETS);
}
