// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <set>

#include "tests/abi/structs.hpp"

using namespace uncut::abi_test;

namespace {

uncut_handshake hello(std::uint32_t major, std::uint32_t minor) {
    auto handshake = sized<uncut_handshake>();
    handshake.host_major = major;
    handshake.host_minor = minor;
    handshake.module_major = handshake.module_minor = handshake.minor = 0xdead;
    return handshake;
}

uncut_status open_status(uncut_handshake* handshake) {
    uncut_status status = 0xdead;
    const uncut_module* opened = open_function()(handshake, &status);
    CHECK((opened != nullptr) == (status == UNCUT_OK));
    return status;
}

}  // namespace

TEST_CASE("the handshake gives the table for the header's own version") {
    auto handshake = hello(UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR);
    uncut_status status = 0xdead;
    const uncut_module* opened = open_function()(&handshake, &status);
    REQUIRE(opened != nullptr);
    CHECK(status == UNCUT_OK);
    CHECK(handshake.module_major == UNCUT_ABI_MAJOR);
    CHECK(handshake.module_minor == UNCUT_ABI_MINOR);
    CHECK(handshake.minor == UNCUT_ABI_MINOR);
    CHECK(handshake.host_major == UNCUT_ABI_MAJOR);
    CHECK(handshake.host_minor == UNCUT_ABI_MINOR);
}

TEST_CASE("the handshake agrees on the lower minor") {
    for (const std::uint32_t minor : {0u, UNCUT_ABI_MINOR, UNCUT_ABI_MINOR + 1, 1000u, UINT32_MAX}) {
        INFO("host minor " << minor);
        auto handshake = hello(UNCUT_ABI_MAJOR, minor);
        CHECK(open_status(&handshake) == UNCUT_OK);
        CHECK(handshake.module_minor == UNCUT_ABI_MINOR);
        CHECK(handshake.minor == std::min(minor, UNCUT_ABI_MINOR));
    }
}

TEST_CASE("the handshake refuses another major and says which it has") {
    for (const std::uint32_t major : {UNCUT_ABI_MAJOR + 1, UNCUT_ABI_MAJOR + 2, 1000u, UINT32_MAX}) {
        for (const std::uint32_t minor : {0u, UNCUT_ABI_MINOR, UINT32_MAX}) {
            INFO("host " << major << "." << minor);
            auto handshake = hello(major, minor);
            CHECK(open_status(&handshake) == UNCUT_MISUSE_VERSION);
            CHECK(handshake.module_major == UNCUT_ABI_MAJOR);
            CHECK(handshake.module_minor == UNCUT_ABI_MINOR);
        }
    }
}

TEST_CASE("the handshake obeys the rules of struct sizes") {
    check_struct_rules(hello(UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR), Direction::in, open_status);
}

TEST_CASE("the handshake does without a place for its status") {
    CHECK(open_function()(nullptr, nullptr) == nullptr);
    auto other = hello(UNCUT_ABI_MAJOR + 1, 0);
    CHECK(open_function()(&other, nullptr) == nullptr);
    auto own = hello(UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR);
    CHECK(open_function()(&own, nullptr) != nullptr);
}

TEST_CASE("the table is one, whole and without gaps") {
    const uncut_module& module = table();
    auto again = hello(UNCUT_ABI_MAJOR, UNCUT_ABI_MINOR);
    CHECK(open_function()(&again, nullptr) == &module);
    REQUIRE(module.size >= UNCUT_STRUCT_SIZE(uncut_module, engine_in_flight));
    CHECK(module.reserved == 0);
    REQUIRE(module.version != nullptr);
    CHECK(std::strlen(module.version) > 0);

    // From status_name on it is nothing but functions, and each is another.
    const std::size_t first = offsetof(uncut_module, status_name);
    const std::size_t count = (module.size - first) / sizeof(void*);
    std::set<void*> functions;
    for (std::size_t i = 0; i < count; ++i) {
        void* function = nullptr;
        std::memcpy(&function, reinterpret_cast<const char*>(&module) + first + i * sizeof function, sizeof function);
        INFO("function " << i);
        CHECK(function != nullptr);
        functions.insert(function);
    }
    CHECK(functions.size() == count);
}

TEST_CASE("every status has a stable name and its band") {
    const struct {
        std::uint32_t status;
        const char* name;
    } statuses[] = {
        {UNCUT_OK, "ok"},
        {UNCUT_MISUSE_NULL, "misuse_null"},
        {UNCUT_MISUSE_STRUCT_SIZE, "misuse_struct_size"},
        {UNCUT_MISUSE_TAIL, "misuse_tail"},
        {UNCUT_MISUSE_VALUE, "misuse_value"},
        {UNCUT_MISUSE_VERSION, "misuse_version"},
        {UNCUT_MISUSE_SHORT_BUFFER, "misuse_short_buffer"},
        {UNCUT_MISUSE_ALIGNMENT, "misuse_alignment"},
        {UNCUT_MISUSE_STATE, "misuse_state"},
        {UNCUT_MISUSE_NOT_FOUND, "misuse_not_found"},
        {UNCUT_WIRE_HEADER, "wire_header"},
        {UNCUT_WIRE_CUT, "wire_cut"},
        {UNCUT_WIRE_LABEL, "wire_label"},
        {UNCUT_WIRE_POINTER, "wire_pointer"},
        {UNCUT_WIRE_NAME, "wire_name"},
        {UNCUT_WIRE_RDATA, "wire_rdata"},
        {UNCUT_WIRE_TRAILING, "wire_trailing"},
        {UNCUT_WIRE_OPT, "wire_opt"},
        {UNCUT_WIRE_QUESTION, "wire_question"},
        {UNCUT_WIRE_DIRECTION, "wire_direction"},
        {UNCUT_LIMIT_OCTETS, "limit_octets"},
        {UNCUT_LIMIT_BUDGET, "limit_budget"},
        {UNCUT_LIMIT_IN_FLIGHT, "limit_in_flight"},
        {UNCUT_LIMIT_ZONES, "limit_zones"},
        {UNCUT_LIMIT_FIT, "limit_fit"},
        {UNCUT_LIMIT_UPSTREAMS, "limit_upstreams"},
        {UNCUT_UNUSABLE_MEMORY, "unusable_memory"},
        {UNCUT_UNUSABLE_SYSTEM, "unusable_system"},
        {UNCUT_UNUSABLE_STOPPED, "unusable_stopped"},
        {UNCUT_UNUSABLE_INTERNAL, "unusable_internal"},
    };
    const char* const bands[] = {"ok", "misuse_", "wire_", "limit_", "unusable_"};
    std::set<std::uint32_t> known;
    for (const auto& expected : statuses) {
        CHECK(table().status_name(expected.status) == std::string(expected.name));
        CHECK(std::string(expected.name).starts_with(bands[expected.status / 100]));
        known.insert(expected.status);
    }
    for (std::uint32_t status = 0; status < 1000; ++status) {
        if (!known.contains(status)) CHECK(table().status_name(status) == std::string("unknown"));
    }
    CHECK(table().status_name(UINT32_MAX) == std::string("unknown"));
}
