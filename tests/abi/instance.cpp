// SPDX-License-Identifier: Apache-2.0
// Instances: policies, presets, counters.
#include <atomic>
#include <cstring>
#include <set>
#include <string>
#include <thread>

#include "tests/abi/instances.hpp"
#include "tests/abi/structs.hpp"

using namespace uncut::abi_test;

namespace {

struct Field {
    const char* name;
    std::uint32_t uncut_policy::* member;
    std::uint32_t preset_default;
    std::uint32_t lowest, highest;
};

// The table of README.md, and its ranges.
const Field fields[] = {
    {"enabled", &uncut_policy::enabled, 1, 0, 1},
    {"upstream_transport", &uncut_policy::upstream_transport, UNCUT_UPSTREAM_MATCH_CLIENT, 0, 3},
    {"retry_truncated", &uncut_policy::retry_truncated, 1, 0, 1},
    {"suspect", &uncut_policy::suspect, 7, 0, 7},
    {"upstream_bufsize", &uncut_policy::upstream_bufsize, 1232, 512, 4096},
    {"upstream_edns", &uncut_policy::upstream_edns, UNCUT_EDNS_KEEP, 0, 1},
    {"client_bufsize", &uncut_policy::client_bufsize, 1232, 512, 65535},
    {"fit", &uncut_policy::fit, UNCUT_FIT_RRSET, 0, 3},
    {"on_tcp_failure", &uncut_policy::on_tcp_failure, UNCUT_ON_TCP_FAILURE_PARTIAL, 0, 2},
    {"udp_timeout_ms", &uncut_policy::udp_timeout_ms, 1000, 1, 60000},
    {"tcp_timeout_ms", &uncut_policy::tcp_timeout_ms, 2000, 1, 60000},
    {"udp_tries", &uncut_policy::udp_tries, 3, 1, UNCUT_UDP_TRIES_MAX},
    {"deadline_ms", &uncut_policy::deadline_ms, 4500, 1, 60000},
    {"learned_ttl_s", &uncut_policy::learned_ttl_s, 300, 0, 86400},
};

bool equal(const uncut_policy& left, const uncut_policy& right) {
    return std::memcmp(&left, &right, sizeof left) == 0;
}

uncut_policy policy_of(uncut_instance* instance, const char* name, std::uint64_t* revision = nullptr) {
    auto policy = sized<uncut_policy>();
    REQUIRE(table().get_policy(instance, name, &policy, revision) == UNCUT_OK);
    return policy;
}

}  // namespace

TEST_CASE("an instance is created with or without a config, and refuses what is out of range") {
    uncut_instance* instance = nullptr;
    CHECK(table().instance_create(nullptr, &instance) == UNCUT_OK);
    REQUIRE(instance != nullptr);
    table().instance_destroy(instance);
    table().instance_destroy(nullptr);

    auto* const untouched = reinterpret_cast<uncut_instance*>(&instance);
    instance = untouched;
    auto config = instance_config();
    CHECK(table().instance_create(&config, nullptr) == UNCUT_MISUSE_NULL);
    config.learned_max_names = 1048577;
    CHECK(table().instance_create(&config, &instance) == UNCUT_MISUSE_VALUE);
    config = instance_config();
    config.tcp_holdoff_ms = 600001;
    CHECK(table().instance_create(&config, &instance) == UNCUT_MISUSE_VALUE);
    CHECK(instance == untouched);
    check_struct_rules(instance_config(), Direction::in, [&](uncut_instance_config* how) -> uncut_status {
        if (how == nullptr) return UNCUT_MISUSE_NULL;  // allowed, and tried above
        instance = untouched;
        const uncut_status status = table().instance_create(how, &instance);
        CHECK((instance == untouched) == (status != UNCUT_OK));
        if (status == UNCUT_OK) table().instance_destroy(instance);
        return status;
    });
}

TEST_CASE("the default preset is the table of the README, field by field") {
    for (const char* const preset : {static_cast<const char*>(nullptr), "default"}) {
        auto policy = sized<uncut_policy>();
        REQUIRE(table().policy_preset(preset, &policy) == UNCUT_OK);
        for (const Field& field : fields) {
            INFO(field.name);
            CHECK(policy.*field.member == field.preset_default);
        }
    }
}

TEST_CASE("presets are listed and found by their names") {
    std::set<std::string> names;
    const char* name = nullptr;
    std::uint32_t index = 0;
    for (; table().preset_name(index, &name) == UNCUT_OK; ++index) {
        names.insert(name);
        auto policy = sized<uncut_policy>();
        CHECK(table().policy_preset(name, &policy) == UNCUT_OK);
    }
    CHECK(names.size() == index);
    CHECK(names == std::set<std::string>{"default", "coredns-default", "coredns-prefer-udp", "coredns-force-tcp"});
    const char* const last = name;
    CHECK(table().preset_name(index, &name) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(table().preset_name(UINT32_MAX, &name) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(name == last);
    CHECK(table().preset_name(0, nullptr) == UNCUT_MISUSE_NULL);

    Resized<uncut_policy> policy(sized<uncut_policy>(), crosses(static_cast<uncut_policy*>(nullptr)), 0);
    for (const char* const none : {"", "coredns", "Default", "default "})
        CHECK(table().policy_preset(none, policy.get()) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(policy.unchanged());
    check_struct_rules(sized<uncut_policy>(), Direction::out,
                       [](uncut_policy* to) { return table().policy_preset(nullptr, to); });

    auto prefer_udp = sized<uncut_policy>();
    auto force_tcp = prefer_udp;
    auto coredns = prefer_udp;
    table().policy_preset("coredns-prefer-udp", &prefer_udp);
    table().policy_preset("coredns-force-tcp", &force_tcp);
    table().policy_preset("coredns-default", &coredns);
    CHECK(prefer_udp.upstream_transport == UNCUT_UPSTREAM_UDP_FIRST);
    CHECK(prefer_udp.retry_truncated == 1);
    CHECK(force_tcp.upstream_transport == UNCUT_UPSTREAM_TCP);
    CHECK(coredns.upstream_transport == UNCUT_UPSTREAM_MATCH_CLIENT);
    CHECK(coredns.retry_truncated == 0);
    CHECK(coredns.suspect == 0);
}

TEST_CASE("set_policies takes each field from its lowest to its highest value and no other") {
    Instance instance;
    for (const Field& field : fields) {
        for (const std::uint32_t value : {field.lowest, field.highest}) {
            INFO(field.name << " = " << value);
            auto policy = preset();
            policy.*field.member = value;
            const auto root = zone("", &policy);
            CHECK(table().set_policies(instance.get(), &root, 1, nullptr, nullptr) == UNCUT_OK);
            CHECK(policy_of(instance.get(), "example.com").*field.member == value);
        }
        const auto kept = policy_of(instance.get(), ".");
        for (const std::uint32_t value : {field.lowest - 1, field.highest + 1, UINT32_MAX, field.highest + 65536}) {
            if (value >= field.lowest && value <= field.highest) continue;  // below 0 is none
            INFO(field.name << " = " << value);
            auto good = preset();
            auto bad = good;
            bad.*field.member = value;
            const uncut_zone_policy set[] = {zone("a.example", &good), zone("b.example", &bad)};
            std::uint64_t revision = 77;
            std::size_t refused = 77;
            CHECK(table().set_policies(instance.get(), set, 2, &revision, &refused) == UNCUT_MISUSE_VALUE);
            CHECK(refused == 1);
            CHECK(revision == 77);
            CHECK(equal(policy_of(instance.get(), "a.example"), kept));
        }
    }
}

TEST_CASE("set_policies replaces the whole set or nothing of it, and counts its revisions") {
    Instance instance;
    auto narrow = preset();
    narrow.upstream_bufsize = 512;
    auto wide = preset();
    wide.upstream_bufsize = 4096;
    const uncut_zone_policy set[] = {zone("default", &narrow), zone("Example.COM.", &wide)};
    std::uint64_t first = 0;
    REQUIRE(table().set_policies(instance.get(), set, 2, &first, nullptr) == UNCUT_OK);
    std::uint64_t revision = 0;
    CHECK(policy_of(instance.get(), "www.EXAMPLE.com", &revision).upstream_bufsize == 4096);
    CHECK(revision == first);
    CHECK(policy_of(instance.get(), "badexample.com").upstream_bufsize == 512);
    CHECK(policy_of(instance.get(), "default").upstream_bufsize == 512);

    // Without a root the root is the default policy again.
    std::uint64_t second = 0;
    REQUIRE(table().set_policies(instance.get(), set + 1, 1, &second, nullptr) == UNCUT_OK);
    CHECK(second > first);
    CHECK(policy_of(instance.get(), ".").upstream_bufsize == 1232);
    CHECK(table().set_policies(instance.get(), nullptr, 0, nullptr, nullptr) == UNCUT_OK);
    CHECK(policy_of(instance.get(), "www.example.com").upstream_bufsize == 1232);
}

TEST_CASE("set_policies refuses misuse and keeps what it has") {
    Instance instance;
    auto policy = preset();
    policy.upstream_bufsize = 777;
    const auto root = zone("", &policy);
    std::uint64_t kept = 0;
    REQUIRE(table().set_policies(instance.get(), &root, 1, &kept, nullptr) == UNCUT_OK);
    std::uint64_t revision = 77;
    std::size_t refused = 77;
    auto set = [&](const uncut_zone_policy& entry) {
        return table().set_policies(instance.get(), &entry, 1, &revision, &refused);
    };
    CHECK(table().set_policies(nullptr, &root, 1, &revision, &refused) == UNCUT_MISUSE_NULL);
    CHECK(table().set_policies(instance.get(), nullptr, 1, &revision, &refused) == UNCUT_MISUSE_NULL);
    CHECK(set(zone(nullptr, &policy)) == UNCUT_MISUSE_NULL);
    CHECK(set(zone("a.example", nullptr)) == UNCUT_MISUSE_NULL);
    CHECK(refused == 77);
    const std::string label(64, 'a');
    std::string name;
    while (name.size() < 256) name += "abcdefg.";
    for (const char* const bad : {"..", ".a", "a..b", label.c_str(), name.c_str(), "a\\"}) {
        INFO(bad);
        refused = 77;
        CHECK(set(zone(bad, &policy)) == UNCUT_MISUSE_VALUE);
        CHECK(refused == 0);
    }
    auto reserved = root;
    reserved.reserved = 1;
    CHECK(set(reserved) == UNCUT_MISUSE_VALUE);
    refused = 77;
    const std::vector<uncut_zone_policy> many(UNCUT_ZONES_MAX + 1, root);
    CHECK(table().set_policies(instance.get(), many.data(), many.size(), &revision, &refused) == UNCUT_LIMIT_ZONES);
    CHECK(refused == UNCUT_ZONES_MAX);
    CHECK(revision == 77);
    CHECK(policy_of(instance.get(), "a.example", &revision).upstream_bufsize == 777);
    CHECK(revision == kept);

    check_struct_rules(policy, Direction::in, [&](uncut_policy* how) { return set(zone("", how)); });
    check_struct_rules(root, Direction::in, [&](uncut_zone_policy* how) {
        return table().set_policies(instance.get(), how, 1, nullptr, nullptr);
    });
}

TEST_CASE("elements of an array lie their size, rounded up to 8 octets, apart") {
    Instance instance;
    auto narrow = preset();
    narrow.upstream_bufsize = 512;
    auto wide = preset();
    wide.upstream_bufsize = 4096;
    for (const std::uint32_t more : {0u, 1u, 7u, 8u, 9u}) {
        INFO(more << " octets more than this header knows");
        uncut_zone_policy set[] = {zone("a.example", &narrow), zone("b.example", &wide)};
        const std::uint32_t size = crosses(set) + more;
        const std::size_t apart = (size + 7) / 8 * 8;
        Guarded array(2 * apart);
        for (std::size_t i = 0; i < 2; ++i) {
            set[i].size = size;
            std::memcpy(array.data() + i * apart, &set[i], crosses(set));
        }
        const auto* policies = reinterpret_cast<const uncut_zone_policy*>(array.data());
        REQUIRE(table().set_policies(instance.get(), policies, 2, nullptr, nullptr) == UNCUT_OK);
        CHECK(policy_of(instance.get(), "a.example").upstream_bufsize == 512);
        CHECK(policy_of(instance.get(), "b.example").upstream_bufsize == 4096);
    }
}

TEST_CASE("get_policy refuses misuse and leaves its outputs untouched") {
    Instance instance;
    Resized<uncut_policy> policy(sized<uncut_policy>(), crosses(static_cast<uncut_policy*>(nullptr)), 0);
    std::uint64_t revision = 77;
    CHECK(table().get_policy(nullptr, ".", policy.get(), &revision) == UNCUT_MISUSE_NULL);
    CHECK(table().get_policy(instance.get(), nullptr, policy.get(), &revision) == UNCUT_MISUSE_NULL);
    CHECK(table().get_policy(instance.get(), "a..b", policy.get(), &revision) == UNCUT_MISUSE_VALUE);
    CHECK(policy.unchanged());
    CHECK(revision == 77);
    CHECK(table().get_policy(instance.get(), ".", policy.get(), nullptr) == UNCUT_OK);
    check_struct_rules(sized<uncut_policy>(), Direction::out,
                       [&](uncut_policy* to) { return table().get_policy(instance.get(), ".", to, nullptr); });
}

TEST_CASE("counters have names, and a short buffer is told how many there are") {
    Instance instance;
    std::size_t needed = 0;
    CHECK(table().counters(instance.get(), nullptr, 0, &needed) == UNCUT_MISUSE_SHORT_BUFFER);
    REQUIRE(needed > 0);
    std::vector<std::uint64_t> values(needed, 77);
    std::size_t again = 0;
    CHECK(table().counters(instance.get(), values.data(), needed - 1, &again) == UNCUT_MISUSE_SHORT_BUFFER);
    CHECK(again == needed);
    CHECK(values == std::vector<std::uint64_t>(needed, 77));
    CHECK(table().counters(instance.get(), values.data(), values.size(), &again) == UNCUT_OK);
    CHECK(values == std::vector<std::uint64_t>(needed, 0));

    std::set<std::pair<std::string, std::string>> names;
    auto info = sized<uncut_counter_info>();
    for (std::uint32_t i = 0; i < needed; ++i) {
        REQUIRE(table().counter_info(i, &info) == UNCUT_OK);
        names.emplace(info.name, info.cause);
        CHECK(std::strlen(info.name) > 0);
        CHECK(std::strlen(info.help) > 0);
    }
    CHECK(names.size() == needed);
    Resized<uncut_counter_info> untouched(info, crosses(&info), 0);
    CHECK(table().counter_info(static_cast<std::uint32_t>(needed), untouched.get()) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(table().counter_info(UINT32_MAX, untouched.get()) == UNCUT_MISUSE_NOT_FOUND);
    CHECK(untouched.unchanged());
    CHECK(table().counters(nullptr, values.data(), values.size(), &again) == UNCUT_MISUSE_NULL);
    CHECK(table().counters(instance.get(), values.data(), values.size(), nullptr) == UNCUT_MISUSE_NULL);
    CHECK(table().counters(instance.get(), nullptr, 5, &again) == UNCUT_MISUSE_NULL);
    CHECK(table().forget_learned(nullptr) == UNCUT_MISUSE_NULL);
    CHECK(table().forget_learned(instance.get()) == UNCUT_OK);
    check_struct_rules(sized<uncut_counter_info>(), Direction::out,
                       [](uncut_counter_info* to) { return table().counter_info(0, to); });
}

TEST_CASE("any thread may read and replace the policies of one instance", "[threads]") {
    Instance instance;
    std::vector<std::thread> threads;
    std::atomic<std::uint32_t> wrong{0};
    const auto base = preset();  // here: Catch2 asserts on one thread only
    for (std::uint32_t number = 0; number < 4; ++number) {
        threads.emplace_back([&, number] {
            auto policy = base;
            policy.upstream_bufsize = policy.client_bufsize = 512 + number;
            const auto root = zone("", &policy);
            auto got = sized<uncut_policy>();
            for (int i = 0; i < 500; ++i) {
                wrong += table().set_policies(instance.get(), &root, 1, nullptr, nullptr) != UNCUT_OK;
                wrong += table().get_policy(instance.get(), "www.example.com", &got, nullptr) != UNCUT_OK;
                wrong += got.upstream_bufsize != got.client_bufsize;  // of one snapshot, whichever it is
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
}
