// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "module/engine/letter_case.hpp"
#include "tests/unit/engine/toy_host.hpp"

using namespace uncut;
using namespace uncut::lab;

namespace {

std::string text(Octets octets) {
    return {octets.begin(), octets.end()};
}

// The query with the letters of its name turned to capitals.
Bytes shout(Bytes message) {
    for (std::size_t at = wire::header_octets; message[at] != 0; ++at) {
        if (message[at] >= 'a' && message[at] <= 'z') message[at] = static_cast<std::uint8_t>(message[at] - 0x20);
    }
    return message;
}

}  // namespace

TEST_CASE("the letter case of a question is tossed, its other octets are not", "[engine]") {
    engine::Random random;
    const Bytes query = Make("a1-b.example.");
    std::set<std::string> seen;
    for (int count = 0; count < 200; ++count) {
        Bytes tossed = query;
        REQUIRE(engine::randomise_case(tossed, random));
        CHECK(shout(tossed) == shout(query));
        CHECK(text(engine::question_name(tossed)).size() == 14);
        seen.insert(text(tossed));
    }
    CHECK(seen.size() > 100);  // of 512 that there are
}

TEST_CASE("a question's name is found only where it is whole and uncompressed", "[engine]") {
    const Bytes query = Make("www.example.");
    CHECK(engine::question_name(query).size() == 13);
    for (std::size_t octets = 0; octets < wire::header_octets + 13; ++octets) {
        CHECK(engine::question_name(Octets(query).first(octets)).empty());
    }
    CHECK(engine::question_name(Make("www.example.").counts(wire::question, 0).bytes()).empty());
    Bytes pointer = query;
    pointer[wire::header_octets] = 0xc0;
    CHECK(engine::question_name(pointer).empty());
    CHECK(engine::question_name(Make("").bytes()).size() == 1);
}

TEST_CASE("with letter case as a secret, an answer in another case does not end the wait", "[engine]") {
    std::atomic<int> tossed{0};
    const Bytes query = Make("abcdefghijklmnopqrstuvwxyz.example.").id(9);
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (Octets(datagram.query).size() > 20 && engine::question_name(datagram.query)[1] != 'a') ++tossed;
            const Bytes right = answer_to(datagram.query).a(2);
            Bytes wrong = answer_to(datagram.query).a(1);
            wrong[wire::header_octets + 5] ^= 0x20;
            return {wrong, right};
        },
        nullptr);
    ToyHost host({server.address()});
    host.config.letter_case = true;
    for (int count = 0; count < 40; ++count) {
        const Completed got = host.ask(query);
        REQUIRE(got.answers() == 2);
        // Towards the client it is the client's own.
        REQUIRE(text(engine::question_name(got.message)) == text(engine::question_name(query)));
    }
    CHECK(host.count(Counter::ignored_letter_case) == 40);
    CHECK(tossed > 0);
    CHECK(tossed < 40);
}

TEST_CASE("without letter case as a secret the question goes out as it came", "[engine]") {
    std::atomic<bool> same{true};
    const Bytes query = Make("MixedCase.Example.");
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (text(engine::question_name(datagram.query)) != text(engine::question_name(query))) same = false;
            return {answer_to(shout(datagram.query)).a(1)};
        },
        nullptr);
    ToyHost host({server.address()});
    for (int count = 0; count < 10; ++count) {
        const Completed got = host.ask(query);
        CHECK(text(engine::question_name(got.message)) == text(engine::question_name(query)));
    }
    CHECK(same);
}

TEST_CASE("a signed query keeps its letter case and its ID", "[engine]") {
    std::atomic<int> changed{0};
    const Bytes query = Make("signed.example.").id(0x4242).tsig();
    ToyServer server(
        [&](const ToyServer::Datagram& datagram) -> std::vector<Bytes> {
            if (datagram.query != query) ++changed;
            return {answer_to(datagram.query).a(1).tsig()};
        },
        nullptr);
    ToyHost host({server.address()});
    host.config.letter_case = true;
    for (int count = 0; count < 20; ++count) CHECK(host.ask(query).answers() == 1);
    CHECK(changed == 0);
}
