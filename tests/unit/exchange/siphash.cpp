// SPDX-License-Identifier: Apache-2.0
#include "module/exchange/siphash.hpp"

#include "tests/support/catch.hpp"

using namespace uncut::exchange;

namespace {

constexpr std::uint8_t paper_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

std::uint64_t hash_of_first(std::uint32_t octets) {
    SipHash hash(sip_key(paper_key));
    for (std::uint32_t octet = 0; octet < octets; ++octet) hash.add(static_cast<std::uint8_t>(octet));
    return hash.finish();
}

}  // namespace

TEST_CASE("siphash: the test values of its authors") {
    CHECK(hash_of_first(15) == 0xa129ca6149be45e5);  // appendix A of the paper
    CHECK(hash_of_first(0) == 0x726fdb47dd0e0e31);   // and of the reference implementation
    CHECK(hash_of_first(1) == 0x74f839c593dc67fd);
    CHECK(hash_of_first(8) == 0x93f5f5799a932462);
}

TEST_CASE("siphash: numbers are added least significant octet first") {
    SipHash octets(sip_key(paper_key));
    for (const int octet : {0x44, 0x33, 0x22, 0x11, 8, 7, 6, 5, 4, 3, 2, 1})
        octets.add(static_cast<std::uint8_t>(octet));
    SipHash numbers(sip_key(paper_key));
    numbers.add32(0x11223344);
    numbers.add64(0x0102030405060708);
    CHECK(octets.finish() == numbers.finish());
}
