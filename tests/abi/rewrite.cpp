// SPDX-License-Identifier: Apache-2.0
// Level 1, what writes: clamp and fit.
#include "tests/abi/structs.hpp"

using namespace uncut::abi_test;

namespace {

uncut_clamp_options clamp_to(std::uint32_t bufsize, std::uint32_t edns = UNCUT_EDNS_KEEP) {
    auto options = sized<uncut_clamp_options>();
    options.bufsize = bufsize;
    options.edns = edns;
    return options;
}

uncut_fit_options fit_to(std::uint32_t limit, std::uint32_t mode = UNCUT_FIT_RRSET) {
    auto options = sized<uncut_fit_options>();
    options.limit = limit;
    options.mode = mode;
    return options;
}

}  // namespace

TEST_CASE("clamp writes a query at any address, in place or elsewhere, and nothing behind it") {
    for (const std::size_t label : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {
        const Octets asked = query(std::string(label, 'a') + ".example.com", 4096);
        const auto options = clamp_to(1232);
        auto result = sized<uncut_clamp_result>();
        Guarded in(asked);
        Guarded out(asked.size(), 0xa5);
        REQUIRE(table().clamp(in.data(), in.size(), &options, out.data(), out.size(), &result) == UNCUT_OK);
        CHECK(result.action == UNCUT_CLAMP_LOWERED);
        CHECK(result.bufsize_before == 4096);
        CHECK(result.bufsize_after == 1232);
        CHECK(result.octets == asked.size());
        CHECK(same(in.octets(), asked));
        REQUIRE(table().clamp(in.data(), in.size(), &options, in.data(), in.size(), &result) == UNCUT_OK);
        CHECK(same(in.octets(), out.octets()));
    }
}

TEST_CASE("clamp in a short buffer says what it needs and writes nothing") {
    const Octets asked = query("www.example.com");
    Guarded in(asked);
    const auto options = clamp_to(1232, UNCUT_EDNS_ADD);
    const std::size_t needed = asked.size() + 11;  // an OPT without options
    for (std::size_t capacity = 0; capacity < needed; ++capacity) {
        Guarded out(capacity, 0xa5);
        auto result = sized<uncut_clamp_result>();
        result.action = 77;
        CHECK(table().clamp(in.data(), in.size(), &options, out.data(), capacity, &result) ==
              UNCUT_MISUSE_SHORT_BUFFER);
        CHECK(result.octets == needed);
        CHECK(result.action == 77);
        CHECK(out.holds_only(0xa5));
    }
    auto result = sized<uncut_clamp_result>();
    CHECK(table().clamp(in.data(), in.size(), &options, nullptr, 0, &result) == UNCUT_MISUSE_SHORT_BUFFER);
    CHECK(result.octets == needed);
    Guarded out(needed, 0xa5);
    CHECK(table().clamp(in.data(), in.size(), &options, out.data(), out.size(), &result) == UNCUT_OK);
    CHECK(result.action == UNCUT_CLAMP_ADDED);
    // In place, where the buffer is as long as the query alone.
    CHECK(table().clamp(in.data(), in.size(), &options, in.data(), in.size(), &result) == UNCUT_MISUSE_SHORT_BUFFER);
    CHECK(same(in.octets(), asked));
}

TEST_CASE("clamp refuses misuse and changes nothing") {
    const Octets asked = query("www.example.com", 4096);
    Guarded in(asked);
    Guarded out(asked.size(), 0xa5);
    const auto good = clamp_to(1232);
    Resized<uncut_clamp_result> result(sized<uncut_clamp_result>(), crosses(static_cast<uncut_clamp_result*>(nullptr)),
                                       0);
    auto call = [&](const uncut_clamp_options& how) {
        return table().clamp(in.data(), in.size(), &how, out.data(), out.size(), result.get());
    };
    CHECK(table().clamp(nullptr, 20, &good, out.data(), out.size(), result.get()) == UNCUT_MISUSE_NULL);
    CHECK(table().clamp(in.data(), in.size(), nullptr, out.data(), out.size(), result.get()) == UNCUT_MISUSE_NULL);
    CHECK(table().clamp(in.data(), in.size(), &good, nullptr, 100, result.get()) == UNCUT_MISUSE_NULL);
    for (const std::uint32_t bufsize : {0u, 511u, 4097u, UINT32_MAX})
        CHECK(call(clamp_to(bufsize)) == UNCUT_MISUSE_VALUE);
    CHECK(call(clamp_to(1232, 2)) == UNCUT_MISUSE_VALUE);
    // Overlapping in any way but being the same.
    CHECK(table().clamp(in.data(), in.size(), &good, in.data() + 1, in.size() - 1, result.get()) == UNCUT_MISUSE_VALUE);
    CHECK(result.unchanged());
    CHECK(out.holds_only(0xa5));
    CHECK(same(in.octets(), asked));

    auto spare = sized<uncut_clamp_result>();
    check_struct_rules(good, Direction::in, [&](uncut_clamp_options* how) {
        return table().clamp(in.data(), in.size(), how, out.data(), out.size(), &spare);
    });
    check_struct_rules(spare, Direction::out, [&](uncut_clamp_result* to) {
        return table().clamp(in.data(), in.size(), &good, out.data(), out.size(), to);
    });
}

TEST_CASE("clamp writes nothing for what is malformed or is a response") {
    const auto options = clamp_to(1232);
    auto result = sized<uncut_clamp_result>();
    Guarded out(600, 0xa5);
    const Octets answer = response(query("www.example.com", 4096), 1);
    CHECK(table().clamp(answer.data(), answer.size(), &options, out.data(), out.size(), &result) ==
          UNCUT_WIRE_DIRECTION);
    const Octets asked = query("www.example.com", 4096);
    for (std::size_t octets = 0; octets < asked.size(); ++octets) {
        Guarded cut(std::span<const std::uint8_t>(asked).first(octets));
        CHECK(table().clamp(cut.data(), octets, &options, out.data(), out.size(), &result) ==
              (octets < 12 ? UNCUT_WIRE_HEADER : UNCUT_WIRE_CUT));
        CHECK(result.error_offset <= octets);
    }
    CHECK(out.holds_only(0xa5));
}

TEST_CASE("fit writes a response at any address and nothing behind it") {
    for (const std::size_t label : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {
        Guarded in(response(query(std::string(label, 'a') + ".example.com", 4096), 60));
        for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY, UNCUT_FIT_SUBSET}) {
            INFO("mode " << mode);
            const auto options = fit_to(513, mode);  // 513 and not 512: the buffer begins at an odd address
            Guarded out(513, 0xa5);
            auto result = sized<uncut_fit_result>();
            REQUIRE(table().fit(in.data(), in.size(), &options, out.data(), out.size(), &result) == UNCUT_OK);
            CHECK(result.action == (mode == UNCUT_FIT_SUBSET ? UNCUT_FIT_SUBSETTED : UNCUT_FIT_TRUNCATED));
            REQUIRE(result.octets <= 513);
            auto info = sized<uncut_message_info>();
            REQUIRE(table().inspect(out.data(), result.octets, &info) == UNCUT_OK);
            CHECK(info.counts[1] == result.kept[0]);
            CHECK(((info.flags >> 9) & 1) == (mode == UNCUT_FIT_SUBSET ? 0 : 1));
            CHECK((info.facts & UNCUT_FACT_OPT) != 0);
        }
        const auto roomy = fit_to(65535);
        Guarded out(in.size(), 0xa5);
        auto result = sized<uncut_fit_result>();
        REQUIRE(table().fit(in.data(), in.size(), &roomy, out.data(), out.size(), &result) == UNCUT_OK);
        CHECK(result.action == UNCUT_FIT_UNCHANGED);
        CHECK(same(in.octets(), out.octets()));
    }
}

TEST_CASE("fit in a short buffer says what it needs and writes nothing") {
    Guarded in(response(query("www.example.com", 4096), 60));
    for (const std::uint32_t mode : {UNCUT_FIT_RRSET, UNCUT_FIT_FILL, UNCUT_FIT_EMPTY, UNCUT_FIT_SUBSET}) {
        INFO("mode " << mode);
        const auto options = fit_to(700, mode);
        auto whole = sized<uncut_fit_result>();
        Guarded enough(700, 0xa5);
        REQUIRE(table().fit(in.data(), in.size(), &options, enough.data(), enough.size(), &whole) == UNCUT_OK);
        for (std::size_t capacity = 0; capacity < whole.octets; ++capacity) {
            Guarded out(capacity, 0xa5);
            auto result = sized<uncut_fit_result>();
            result.action = 77;
            REQUIRE(table().fit(in.data(), in.size(), &options, out.data(), capacity, &result) ==
                    UNCUT_MISUSE_SHORT_BUFFER);
            // What it says it needs is enough.
            REQUIRE(result.octets >= whole.octets);
            REQUIRE(result.octets <= 700);
            CHECK(result.action == 77);
            CHECK(out.holds_only(0xa5));
        }
    }
}

TEST_CASE("fit refuses misuse and changes nothing") {
    const Octets answer = response(query("www.example.com", 4096), 60);
    Guarded in(answer);
    Guarded out(600, 0xa5);
    const auto good = fit_to(600);
    Resized<uncut_fit_result> result(sized<uncut_fit_result>(), crosses(static_cast<uncut_fit_result*>(nullptr)), 0);
    auto call = [&](const uncut_fit_options& how) {
        return table().fit(in.data(), in.size(), &how, out.data(), out.size(), result.get());
    };
    CHECK(table().fit(nullptr, 20, &good, out.data(), out.size(), result.get()) == UNCUT_MISUSE_NULL);
    CHECK(table().fit(in.data(), in.size(), nullptr, out.data(), out.size(), result.get()) == UNCUT_MISUSE_NULL);
    CHECK(table().fit(in.data(), in.size(), &good, nullptr, 100, result.get()) == UNCUT_MISUSE_NULL);
    for (const std::uint32_t limit : {0u, 511u, 65536u, UINT32_MAX}) CHECK(call(fit_to(limit)) == UNCUT_MISUSE_VALUE);
    for (const std::uint32_t mode : {4u, UINT32_MAX}) CHECK(call(fit_to(600, mode)) == UNCUT_MISUSE_VALUE);
    for (const std::size_t apart : {std::size_t{0}, std::size_t{1}, in.size() - 1})
        CHECK(table().fit(in.data(), in.size(), &good, in.data() + apart, in.size() - apart, result.get()) ==
              UNCUT_MISUSE_VALUE);
    CHECK(result.unchanged());
    CHECK(out.holds_only(0xa5));
    CHECK(same(in.octets(), answer));

    auto spare = sized<uncut_fit_result>();
    check_struct_rules(good, Direction::in, [&](uncut_fit_options* how) {
        return table().fit(in.data(), in.size(), how, out.data(), out.size(), &spare);
    });
    check_struct_rules(spare, Direction::out, [&](uncut_fit_result* to) {
        return table().fit(in.data(), in.size(), &good, out.data(), out.size(), to);
    });
}

TEST_CASE("fit writes nothing for what is malformed or is a query") {
    const auto options = fit_to(512);
    auto result = sized<uncut_fit_result>();
    Guarded out(600, 0xa5);
    const Octets asked = query("www.example.com", 4096);
    CHECK(table().fit(asked.data(), asked.size(), &options, out.data(), out.size(), &result) == UNCUT_WIRE_DIRECTION);
    const Octets answer = response(asked, 3);
    for (std::size_t octets = 0; octets < answer.size(); ++octets) {
        Guarded cut(std::span<const std::uint8_t>(answer).first(octets));
        CHECK(table().fit(cut.data(), octets, &options, out.data(), out.size(), &result) ==
              (octets < 12 ? UNCUT_WIRE_HEADER : UNCUT_WIRE_CUT));
        CHECK(result.error_offset <= octets);
    }
    CHECK(out.holds_only(0xa5));
}
