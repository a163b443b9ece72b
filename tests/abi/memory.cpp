// SPDX-License-Identifier: Apache-2.0
// What is allocated, and what happens when nothing can be. Not under a sanitizer, which has a malloc of its own.
#ifndef UNCUT_TEST_SANITIZED

#include <malloc.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "tests/abi/instances.hpp"

namespace {

std::atomic<std::size_t> allocated{0};

}  // namespace

// The program's malloc comes before libc's for everybody in the process, a module loaded later included.
extern "C" {
void* __libc_malloc(std::size_t octets);
void* __libc_calloc(std::size_t count, std::size_t octets);
void* __libc_realloc(void* old, std::size_t octets);

void* malloc(std::size_t octets) {
    allocated.fetch_add(1, std::memory_order_relaxed);
    return __libc_malloc(octets);
}
void* calloc(std::size_t count, std::size_t octets) {
    allocated.fetch_add(1, std::memory_order_relaxed);
    return __libc_calloc(count, octets);
}
void* realloc(void* old, std::size_t octets) {
    allocated.fetch_add(1, std::memory_order_relaxed);
    return __libc_realloc(old, octets);
}
}

namespace uncut::abi_test {

namespace {

std::size_t allocations() {
    return allocated.load(std::memory_order_relaxed);
}

// The address space of this process now.
std::size_t address_space_octets() {
    std::size_t pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    REQUIRE(file != nullptr);
    REQUIRE(std::fscanf(file, "%zu", &pages) == 1);
    std::fclose(file);
    return pages * 4096;
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
    policy.upstream_bufsize = 888;
    const std::vector<uncut_zone_policy> set(UNCUT_ZONES_MAX, zone("www.example.com", &policy));
    // Whatever is large is asked of the system, which has been told to give nothing more.
    REQUIRE(mallopt(M_MMAP_THRESHOLD, 65536) == 1);
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_AS, &limit) == 0);
    const rlimit tight{address_space_octets() + 65536, limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
    const uncut_status status = table().set_policies(instance.get(), set.data(), set.size(), nullptr, nullptr);
    REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
    CHECK(status == UNCUT_UNUSABLE_MEMORY);
    auto kept = sized<uncut_policy>();
    REQUIRE(table().get_policy(instance.get(), "www.example.com", &kept, nullptr) == UNCUT_OK);
    CHECK(kept.upstream_bufsize == 777);
    CHECK(table().set_policies(instance.get(), set.data(), set.size(), nullptr, nullptr) == UNCUT_OK);
}

}  // namespace uncut::abi_test

#endif
