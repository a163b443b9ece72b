// SPDX-License-Identifier: Apache-2.0
// What is allocated, and what happens when nothing can be. Not under a sanitizer, which has a malloc of its own.
#if !UNCUT_TEST_SANITIZED

#include <atomic>
#include <string>

#include "tests/abi/instances.hpp"

namespace {

std::atomic<std::size_t> allocated{0};
// The allocation of this thread, counted from now, that fails, alone or with all after it; 0: none does.
thread_local int failing = 0;
thread_local bool failing_alone = false;

bool may_allocate() {
    allocated.fetch_add(1, std::memory_order_relaxed);
    if (failing == 0) return true;
    if (failing > 1) {
        --failing;
        return true;
    }
    if (failing_alone) failing = 0;
    return false;
}

}  // namespace

// The program's malloc comes before libc's for everybody in the process, a module loaded later included.
extern "C" {
void* __libc_malloc(std::size_t octets);
void* __libc_calloc(std::size_t count, std::size_t octets);
void* __libc_realloc(void* old, std::size_t octets);

void* malloc(std::size_t octets) {
    return may_allocate() ? __libc_malloc(octets) : nullptr;
}
void* calloc(std::size_t count, std::size_t octets) {
    return may_allocate() ? __libc_calloc(count, octets) : nullptr;
}
void* realloc(void* old, std::size_t octets) {
    return may_allocate() ? __libc_realloc(old, octets) : nullptr;
}
}

namespace uncut::abi_test {

namespace {

std::size_t allocations() {
    return allocated.load(std::memory_order_relaxed);
}

// Calls with the first allocation failing and all after it, then from the second on, and so on, until none fails. How
// often the call failed.
template <class Call>
int fail_in_turn(Call&& call) {
    for (int failures = 0;; ++failures) {
        failing = failures + 1;
        const uncut_status status = call();
        failing = 0;
        if (status == UNCUT_OK) return failures;
        INFO("allocation " << failures);
        REQUIRE(status == UNCUT_UNUSABLE_MEMORY);
        REQUIRE(failures < 10000);
    }
}

}  // namespace

TEST_CASE("creating an instance is seen by the counter of allocations") {
    const std::size_t before = allocations();
    const Instance instance;
    CHECK(allocations() > before);
}

TEST_CASE("levels 1 and 2 allocate nothing for a query") {
    const Instance instance;
    instance.use(preset("coredns-prefer-udp"));
    const Octets asked = query("www.example.com", 1232);
    const Octets answer = response(asked, 60);
    Octets out(UNCUT_MESSAGE_OCTETS_MAX);
    auto how = sized<uncut_exchange_query>();
    how.transport = UNCUT_TRANSPORT_UDP;
    how.message = asked.data();
    how.octets = asked.size();
    how.upstream_count = 1;
    auto needs = sized<uncut_exchange_needs>();
    REQUIRE(table().exchange_needs(instance.get(), &how, &needs) == UNCUT_OK);
    alignas(UNCUT_STORAGE_ALIGNMENT) static std::uint8_t state[65536];
    REQUIRE(needs.state_octets <= sizeof state);
    Octets kept(needs.kept_octets);
    auto storage = sized<uncut_exchange_storage>();
    storage.state = state;
    storage.state_octets = sizeof state;
    storage.kept = kept.data();
    storage.kept_octets = kept.size();

    std::uint32_t failed = 0;
    const std::size_t before = allocations();
    auto info = sized<uncut_message_info>();
    std::uint32_t verdict = 0;
    auto fit_options = sized<uncut_fit_options>();
    fit_options.limit = 512;
    auto fit_result = sized<uncut_fit_result>();
    auto clamp_options = sized<uncut_clamp_options>();
    clamp_options.bufsize = 512;
    auto clamp_result = sized<uncut_clamp_result>();
    failed |= table().inspect(answer.data(), answer.size(), &info);
    failed |= table().classify(answer.data(), answer.size(), nullptr, &verdict);
    failed |= table().fit(answer.data(), answer.size(), &fit_options, out.data(), out.size(), &fit_result);
    failed |= table().clamp(asked.data(), asked.size(), &clamp_options, out.data(), out.size(), &clamp_result);
    failed |=
        table().name_text(asked.data(), asked.size(), 12, reinterpret_cast<char*>(out.data()), out.size(), nullptr);
    // Asked over UDP, truncated, asked over TCP, delivered. The output is turned into its own answer in place.
    uncut_exchange* exchange = nullptr;
    auto action = sized<uncut_action>();
    failed |= table().exchange_start(instance.get(), &how, &storage, 0, out.data(), out.size(), &exchange, &action);
    std::uint8_t reply[600];
    auto event = sized<uncut_event>();
    event.kind = UNCUT_EVENT_MESSAGE;
    event.message = reply;
    for (std::uint32_t transport = UNCUT_TRANSPORT_UDP; transport <= UNCUT_TRANSPORT_TCP; ++transport) {
        event.octets = action.octets;
        event.transport = transport;
        std::copy_n(out.data(), action.octets, reply);
        reply[2] = transport == UNCUT_TRANSPORT_UDP ? 0x83 : 0x81;  // QR, RD, and TC over UDP
        failed |= table().exchange_on_event(exchange, &event, 1000, out.data(), out.size(), &action);
    }
    CHECK(allocations() == before);
    CHECK(failed == 0);
    CHECK(action.kind == UNCUT_ACTION_DELIVER);
    CHECK(action.transport == UNCUT_TRANSPORT_TCP);
}

TEST_CASE("running out of memory is a status, changes nothing, and no exception crosses the border") {
    const Instance instance;
    auto policy = preset();
    policy.upstream_bufsize = 777;
    instance.use(policy);
    auto other = policy;
    other.upstream_bufsize = 888;
    std::vector<uncut_zone_policy> set(200, zone("www.example.com", &other));
    set.push_back(zone("", &other));
    // The first exception of a thread in a module needs thread-local data, and glibc ends the process when it has no
    // memory for that. So here the first one is thrown while there still is some.
    failing = 1;
    failing_alone = true;
    CHECK(table().set_policies(instance.get(), set.data(), set.size(), nullptr, nullptr) == UNCUT_UNUSABLE_MEMORY);
    failing_alone = false;
    const int failures = fail_in_turn([&] {
        const uncut_status status = table().set_policies(instance.get(), set.data(), set.size(), nullptr, nullptr);
        if (status == UNCUT_OK) return status;
        failing = 0;
        auto kept = sized<uncut_policy>();
        CHECK(table().get_policy(instance.get(), "www.example.com", &kept, nullptr) == UNCUT_OK);
        CHECK(kept.upstream_bufsize == 777);
        return status;
    });
    CHECK(failures > 1);
    auto taken = sized<uncut_policy>();
    CHECK(table().get_policy(instance.get(), "www.example.com", &taken, nullptr) == UNCUT_OK);
    CHECK(taken.upstream_bufsize == 888);

    uncut_instance* created = nullptr;
    const auto config = instance_config();
    CHECK(fail_in_turn([&] { return table().instance_create(&config, &created); }) > 0);
    table().instance_destroy(created);

    auto address = sized<uncut_address>();
    address.family = 4;
    address.octets[0] = 127;
    address.octets[3] = 1;
    address.port = 53;
    auto engine_config = sized<uncut_engine_config>();
    REQUIRE(table().engine_defaults(&engine_config) == UNCUT_OK);
    engine_config.upstreams = &address;
    engine_config.upstream_count = 1;
    engine_config.complete = [](void*, std::uint64_t, const uncut_completion*) {};
    uncut_engine* engine = nullptr;
    CHECK(fail_in_turn([&] { return table().engine_create(instance.get(), &engine_config, &engine); }) > 0);
    CHECK(table().engine_destroy(engine) == UNCUT_OK);
}

}  // namespace uncut::abi_test

#endif
