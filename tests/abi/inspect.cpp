// SPDX-License-Identifier: Apache-2.0
// Level 1, what reads: inspect, classify, name_text.
#include <string>

#include "tests/abi/structs.hpp"

using namespace uncut::abi_test;

namespace {

// Messages that break the format, each with the status that says how and the octet where.
struct Malformed {
    const char* what;
    Octets message;
    uncut_status status;
};

std::vector<Malformed> malformed() {
    const Octets good = response(query("www.example.com", 1232), 2);
    std::vector<Malformed> all;
    all.push_back({"nothing", {}, UNCUT_WIRE_HEADER});
    all.push_back({"eleven octets", Octets(good.begin(), good.begin() + 11), UNCUT_WIRE_HEADER});
    all.push_back({"the last octet is missing", Octets(good.begin(), good.end() - 1), UNCUT_WIRE_CUT});
    Octets bad = good;
    bad.push_back(0);
    all.push_back({"an octet too many", bad, UNCUT_WIRE_TRAILING});
    bad = good;
    bad[12] = 0x40;
    all.push_back({"a label of a type that is none", bad, UNCUT_WIRE_LABEL});
    bad = good;
    bad[12] = 0xc0;
    bad[13] = 12;
    all.push_back({"a pointer to itself", bad, UNCUT_WIRE_POINTER});
    bad = good;
    const std::size_t rdlength = query("www.example.com").size() + 10;
    bad[rdlength + 1] = 3;
    all.push_back({"an A record of three octets", bad, UNCUT_WIRE_RDATA});
    bad = query("www.example.com", 1232);
    bad[11] = 2;
    const Octets opt = {0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 0};
    bad.insert(bad.end(), opt.begin(), opt.end());
    all.push_back({"a second OPT", bad, UNCUT_WIRE_OPT});
    return all;
}

}  // namespace

TEST_CASE("inspect reads from any address and not one octet behind the message") {
    for (const std::size_t label : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {  // each length is another alignment
        Guarded message(response(query(std::string(label, 'a') + ".example.com", 4096), 3));
        auto info = sized<uncut_message_info>();
        REQUIRE(table().inspect(message.data(), message.size(), &info) == UNCUT_OK);
        CHECK(info.size == crosses(&info));
        CHECK(info.octets == message.size());
        CHECK(info.counts[1] == 3);
        CHECK(info.udp_payload_size == 1232);
        CHECK(info.qtype == 1);
        // Whatever is missing at its end, the guard behind it is not touched.
        for (std::size_t octets = 0; octets < message.size(); ++octets) {
            Guarded cut(message.octets().first(octets));
            const uncut_status status = table().inspect(cut.data(), octets, &info);
            CHECK(status == (octets < 12 ? UNCUT_WIRE_HEADER : UNCUT_WIRE_CUT));
        }
    }
}

TEST_CASE("inspect gives each malformation its status, an offset, and what was read before") {
    for (const Malformed& bad : malformed()) {
        INFO(bad.what);
        Guarded message(bad.message);
        auto info = sized<uncut_message_info>();
        info.octets = info.error_offset = 0xdead;
        CHECK(table().inspect(message.data(), message.size(), &info) == bad.status);
        CHECK(info.octets == message.size());
        CHECK(info.error_offset <= message.size());
        CHECK(((info.facts & UNCUT_FACT_HEADER) != 0) == (message.size() >= 12));
        if (message.size() >= 12) CHECK(info.id == 0x1234);
    }
}

TEST_CASE("inspect refuses misuse and leaves the info untouched") {
    Guarded message(response(query("www.example.com"), 1));
    check_struct_rules(sized<uncut_message_info>(), Direction::out,
                       [&](uncut_message_info* info) { return table().inspect(message.data(), message.size(), info); });
    Resized<uncut_message_info> info(sized<uncut_message_info>(), crosses(static_cast<uncut_message_info*>(nullptr)),
                                     0);
    CHECK(table().inspect(nullptr, 12, info.get()) == UNCUT_MISUSE_NULL);
    CHECK(info.unchanged());
    CHECK(table().inspect(nullptr, 0, info.get()) == UNCUT_WIRE_HEADER);
}

TEST_CASE("a message of more than 65,535 octets is over a limit everywhere") {
    const Octets large(65536);
    auto info = sized<uncut_message_info>();
    CHECK(table().inspect(large.data(), large.size(), &info) == UNCUT_LIMIT_OCTETS);
    std::uint32_t verdict = 77;
    CHECK(table().classify(large.data(), large.size(), nullptr, &verdict) == UNCUT_LIMIT_OCTETS);
    CHECK(verdict == 77);
    std::uint8_t out[16];
    auto clamp_options = sized<uncut_clamp_options>();
    clamp_options.bufsize = 1232;
    auto clamp_result = sized<uncut_clamp_result>();
    CHECK(table().clamp(large.data(), large.size(), &clamp_options, out, sizeof out, &clamp_result) ==
          UNCUT_LIMIT_OCTETS);
    auto fit_options = sized<uncut_fit_options>();
    fit_options.limit = 1232;
    auto fit_result = sized<uncut_fit_result>();
    CHECK(table().fit(large.data(), large.size(), &fit_options, out, sizeof out, &fit_result) == UNCUT_LIMIT_OCTETS);
}

TEST_CASE("classify judges a response, with and without its query") {
    const Octets asked = query("www.example.com");
    Guarded answer(response(asked, 2));
    Guarded truncated(response(asked, 2, true));
    Guarded mine(asked);
    auto options = sized<uncut_classify_options>();
    options.suspect = 7;
    options.query = mine.data();
    options.query_octets = mine.size();
    std::uint32_t verdict = 77;
    for (const uncut_classify_options* how :
         {static_cast<const uncut_classify_options*>(nullptr), static_cast<const uncut_classify_options*>(&options)}) {
        CHECK(table().classify(answer.data(), answer.size(), how, &verdict) == UNCUT_OK);
        CHECK(verdict == UNCUT_VERDICT_WHOLE);
        CHECK(table().classify(truncated.data(), truncated.size(), how, &verdict) == UNCUT_OK);
        CHECK(verdict == UNCUT_VERDICT_TRUNCATED);
        CHECK(table().classify(answer.data(), answer.size() - 1, how, &verdict) == UNCUT_OK);
        CHECK(verdict == UNCUT_VERDICT_CUT);
    }
    const Octets other = query("www.example.net");
    options.query = other.data();
    CHECK(table().classify(answer.data(), answer.size(), &options, &verdict) == UNCUT_OK);
    CHECK(verdict == UNCUT_VERDICT_NOT_OURS);
}

TEST_CASE("classify refuses misuse and leaves the verdict untouched") {
    Guarded answer(response(query("www.example.com"), 1));
    std::uint32_t verdict = 77;
    auto options = sized<uncut_classify_options>();
    auto call = [&](const uncut_classify_options* how) {
        return table().classify(answer.data(), answer.size(), how, &verdict);
    };
    CHECK(table().classify(nullptr, 12, nullptr, &verdict) == UNCUT_MISUSE_NULL);
    CHECK(table().classify(answer.data(), answer.size(), nullptr, nullptr) == UNCUT_MISUSE_NULL);
    options.suspect = 8;
    CHECK(call(&options) == UNCUT_MISUSE_VALUE);
    options.suspect = 7;
    options.transport = 3;
    CHECK(call(&options) == UNCUT_MISUSE_VALUE);
    options.transport = 0;
    options.query_octets = 12;
    CHECK(call(&options) == UNCUT_MISUSE_NULL);
    CHECK(verdict == 77);
    options.query_octets = 0;
    // NULL options are allowed: they stand for no query and all suspicions.
    check_struct_rules(options, Direction::in, [&](uncut_classify_options* how) -> uncut_status {
        if (how == nullptr) return UNCUT_MISUSE_NULL;
        verdict = 77;
        const uncut_status status = call(how);
        if (status != UNCUT_OK) CHECK(verdict == 77);
        return status;
    });
}

TEST_CASE("name_text writes a name, says how long it is, and writes nothing where it is too long") {
    Guarded message(response(query("www.example.com"), 1));
    const std::string text = "www.example.com.";
    const std::size_t owner = query("www.example.com").size();  // a pointer to the question's name
    for (const std::size_t offset : {std::size_t{12}, owner}) {
        std::size_t needed = 0;
        Guarded exact(text.size() + 1, 0xa5);
        CHECK(table().name_text(message.data(), message.size(), offset, reinterpret_cast<char*>(exact.data()),
                                exact.size(), &needed) == UNCUT_OK);
        CHECK(needed == text.size() + 1);
        CHECK(reinterpret_cast<char*>(exact.data()) == text);
        for (std::size_t capacity = 0; capacity <= text.size(); ++capacity) {
            Guarded small(capacity, 0xa5);
            needed = 0;
            CHECK(table().name_text(message.data(), message.size(), offset, reinterpret_cast<char*>(small.data()),
                                    capacity, &needed) == UNCUT_MISUSE_SHORT_BUFFER);
            CHECK(needed == text.size() + 1);
            CHECK(small.holds_only(0xa5));
        }
        CHECK(table().name_text(message.data(), message.size(), offset, nullptr, 0, &needed) ==
              UNCUT_MISUSE_SHORT_BUFFER);
        CHECK(table().name_text(message.data(), message.size(), offset, reinterpret_cast<char*>(exact.data()),
                                exact.size(), nullptr) == UNCUT_OK);
    }
}

TEST_CASE("name_text refuses misuse and leaves its outputs untouched") {
    Guarded message(response(query("www.example.com"), 1));
    Guarded out(64, 0xa5);
    auto* text = reinterpret_cast<char*>(out.data());
    std::size_t needed = 77;
    CHECK(table().name_text(nullptr, 20, 12, text, out.size(), &needed) == UNCUT_MISUSE_NULL);
    CHECK(table().name_text(message.data(), message.size(), 12, nullptr, 64, &needed) == UNCUT_MISUSE_NULL);
    for (const std::size_t offset : {std::size_t{0}, std::size_t{11}, message.size(), SIZE_MAX}) {
        INFO("offset " << offset);
        CHECK(table().name_text(message.data(), message.size(), offset, text, out.size(), &needed) ==
              UNCUT_MISUSE_VALUE);
    }
    CHECK(needed == 77);
    CHECK(out.holds_only(0xa5));
}
