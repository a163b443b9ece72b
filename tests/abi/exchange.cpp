// SPDX-License-Identifier: Apache-2.0
// Level 2 at the border: storage, buffers, states. What an exchange decides is tested in tests/unit/exchange.
#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "tests/abi/instances.hpp"
#include "tests/abi/structs.hpp"

using namespace uncut::abi_test;

namespace {

constexpr std::uint64_t now_us = 1'000'000;

// Storage that a host would lend, in memory that ends at a guard.
struct Lent {
    explicit Lent(const uncut_exchange_needs& needs)
        // Rounded up: the state must be aligned, and a guard follows its last octet.
        : state((needs.state_octets + UNCUT_STORAGE_ALIGNMENT - 1) / UNCUT_STORAGE_ALIGNMENT * UNCUT_STORAGE_ALIGNMENT,
                0xa5),
          kept(needs.kept_octets, 0xa5),
          storage(sized<uncut_exchange_storage>()) {
        storage.state = state.data();
        storage.state_octets = needs.state_octets;
        storage.kept = kept.data();
        storage.kept_octets = kept.size();
    }
    Guarded state;
    Guarded kept;
    uncut_exchange_storage storage;
};

uncut_exchange_query ask(const Guarded& message, std::uint32_t transport = UNCUT_TRANSPORT_UDP) {
    auto query = sized<uncut_exchange_query>();
    query.transport = transport;
    query.message = message.octets().data();
    query.octets = message.size();
    query.upstream_count = 2;
    query.entropy = 0x0123456789abcdef;
    return query;
}

uncut_exchange_needs needs_of(const Instance& instance, const uncut_exchange_query& query) {
    auto needs = sized<uncut_exchange_needs>();
    REQUIRE(table().exchange_needs(instance.get(), &query, &needs) == UNCUT_OK);
    return needs;
}

uncut_event event(std::uint32_t kind) {
    auto happened = sized<uncut_event>();
    happened.kind = kind;
    happened.transport = UNCUT_TRANSPORT_UDP;
    return happened;
}

// An exchange that has been started and waits for upstream 0 over UDP, with what it sent.
struct Begun {
    explicit Begun(const Octets& asked = query("www.example.com", 1232))
        : message(asked), how(ask(message)), lent(needs_of(instance, how)), out(UNCUT_MESSAGE_OCTETS_MAX) {
        action = sized<uncut_action>();
        REQUIRE(table().exchange_start(instance.get(), &how, &lent.storage, now_us, out.data(), out.size(), &exchange,
                                       &action) == UNCUT_OK);
        REQUIRE(action.kind == UNCUT_ACTION_ASK_UDP);
        sent.assign(out.data(), out.data() + action.octets);
    }
    uncut_status on(const uncut_event& happened) {
        return table().exchange_on_event(exchange, &happened, now_us + 1000, out.data(), out.size(), &action);
    }
    Instance instance;
    Guarded message;
    uncut_exchange_query how;
    Lent lent;
    Guarded out;
    uncut_exchange* exchange = nullptr;
    uncut_action action;
    Octets sent;
};

}  // namespace

TEST_CASE("an exchange runs in the storage that it said it needs, and takes nothing else along") {
    for (const std::size_t label : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {
        Begun begun(query(std::string(label, 'a') + ".example.com", 4096, 0xbeef));
        CHECK(begun.action.upstream == 0);
        CHECK(begun.action.until_us > now_us);
        // Input is borrowed until the call returns: the exchange lives on without the host's query.
        begun.message.take_away();
        Guarded reply(response(begun.sent, 1));
        auto arrived = event(UNCUT_EVENT_MESSAGE);
        arrived.message = reply.data();
        arrived.octets = reply.size();
        REQUIRE(begun.on(arrived) == UNCUT_OK);
        CHECK(begun.action.kind == UNCUT_ACTION_DELIVER);
        CHECK(begun.action.transport == UNCUT_TRANSPORT_UDP);
        CHECK(begun.out.data()[0] == 0xbe);
        CHECK(begun.out.data()[1] == 0xef);
        auto info = sized<uncut_message_info>();
        CHECK(table().inspect(begun.out.data(), begun.action.octets, &info) == UNCUT_OK);
        CHECK(info.counts[1] == 1);
    }
}

TEST_CASE("an exchange that is over accepts neither events nor a cancellation") {
    Begun delivered;
    Guarded reply(response(delivered.sent, 1));
    auto arrived = event(UNCUT_EVENT_MESSAGE);
    arrived.message = reply.data();
    arrived.octets = reply.size();
    REQUIRE(delivered.on(arrived) == UNCUT_OK);
    REQUIRE(delivered.action.kind == UNCUT_ACTION_DELIVER);
    CHECK(delivered.on(arrived) == UNCUT_MISUSE_STATE);
    CHECK(delivered.on(event(UNCUT_EVENT_TIMEOUT)) == UNCUT_MISUSE_STATE);
    CHECK(table().exchange_cancel(delivered.exchange) == UNCUT_MISUSE_STATE);

    Begun cancelled;
    CHECK(table().exchange_cancel(cancelled.exchange) == UNCUT_OK);
    CHECK(table().exchange_cancel(cancelled.exchange) == UNCUT_MISUSE_STATE);
    CHECK(cancelled.on(event(UNCUT_EVENT_TIMEOUT)) == UNCUT_MISUSE_STATE);
    CHECK(table().exchange_cancel(nullptr) == UNCUT_MISUSE_NULL);
}

TEST_CASE("an exchange in a short output buffer says what would do and consumes nothing") {
    Begun begun;
    Guarded reply(response(begun.sent, 20));
    auto arrived = event(UNCUT_EVENT_MESSAGE);
    arrived.message = reply.data();
    arrived.octets = reply.size();
    for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, std::size_t{12}, reply.size() - 1}) {
        INFO("capacity " << capacity);
        Guarded small(capacity, 0xa5);
        auto action = sized<uncut_action>();
        action.kind = 77;
        REQUIRE(table().exchange_on_event(begun.exchange, &arrived, now_us + 1, small.data(), capacity, &action) ==
                UNCUT_MISUSE_SHORT_BUFFER);
        CHECK(action.octets > capacity);
        CHECK(action.octets <= UNCUT_MESSAGE_OCTETS_MAX);
        CHECK(action.kind == 77);
        CHECK(small.holds_only(0xa5));
    }
    REQUIRE(begun.on(arrived) == UNCUT_OK);
    CHECK(begun.action.kind == UNCUT_ACTION_DELIVER);
    CHECK(begun.action.octets == reply.size());
}

TEST_CASE("an exchange does not start in a short output buffer") {
    Instance instance;
    Guarded message(query("www.example.com", 1232));
    const auto how = ask(message);
    Lent lent(needs_of(instance, how));
    auto* const untouched = reinterpret_cast<uncut_exchange*>(&instance);
    uncut_exchange* exchange = untouched;
    auto action = sized<uncut_action>();
    for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, message.size() - 1}) {
        Guarded small(capacity, 0xa5);
        REQUIRE(table().exchange_start(instance.get(), &how, &lent.storage, now_us, small.data(), capacity, &exchange,
                                       &action) == UNCUT_MISUSE_SHORT_BUFFER);
        CHECK(action.octets >= message.size());
        CHECK(exchange == untouched);
        CHECK(small.holds_only(0xa5));
    }
    Guarded enough(action.octets);
    CHECK(table().exchange_start(instance.get(), &how, &lent.storage, now_us, enough.data(), enough.size(), &exchange,
                                 &action) == UNCUT_OK);
    CHECK(action.kind == UNCUT_ACTION_ASK_UDP);
    CHECK(table().exchange_cancel(exchange) == UNCUT_OK);
}

TEST_CASE("an exchange refuses queries that are misuse, and changes nothing") {
    Instance instance;
    Guarded message(query("www.example.com", 1232));
    const auto good = ask(message);
    auto needs = sized<uncut_exchange_needs>();
    auto refused = [&](const uncut_exchange_query& how) {
        Lent lent(needs_of(instance, good));
        auto* const untouched = reinterpret_cast<uncut_exchange*>(&instance);
        uncut_exchange* exchange = untouched;
        Guarded out(600, 0xa5);
        Resized<uncut_action> action(sized<uncut_action>(), crosses(static_cast<uncut_action*>(nullptr)), 0);
        const uncut_status status = table().exchange_start(instance.get(), &how, &lent.storage, now_us, out.data(),
                                                           out.size(), &exchange, action.get());
        CHECK(exchange == untouched);
        CHECK(out.holds_only(0xa5));
        CHECK(action.unchanged());
        CHECK(lent.state.holds_only(0xa5));
        CHECK(table().exchange_needs(instance.get(), &how, &needs) == status);
        return status;
    };
    auto bad = good;
    for (const std::uint32_t transport : {0u, 3u}) {
        bad.transport = transport;
        CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
    }
    bad = good;
    bad.upstream_count = 0;
    CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
    bad.upstream_count = UNCUT_UPSTREAMS_MAX + 1;
    CHECK(refused(bad) == UNCUT_LIMIT_UPSTREAMS);
    bad = good;
    bad.upstream_first = 2;
    CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
    bad = good;
    bad.message = nullptr;
    CHECK(refused(bad) == UNCUT_MISUSE_NULL);
    const Octets large(65536);
    bad = good;
    bad.message = large.data();
    bad.octets = large.size();
    CHECK(refused(bad) == UNCUT_LIMIT_OCTETS);

    CHECK(table().exchange_needs(nullptr, &good, &needs) == UNCUT_MISUSE_NULL);
    check_struct_rules(needs, Direction::out,
                       [&](uncut_exchange_needs* to) { return table().exchange_needs(instance.get(), &good, to); });
    check_struct_rules(good, Direction::in,
                       [&](uncut_exchange_query* how) { return table().exchange_needs(instance.get(), how, &needs); });
}

TEST_CASE("an exchange refuses storage that is missing, misaligned or short") {
    Instance instance;
    Guarded message(query("www.example.com", 1232));
    const auto how = ask(message);
    const auto needs = needs_of(instance, how);
    Lent lent(needs);
    Guarded out(UNCUT_MESSAGE_OCTETS_MAX);
    uncut_exchange* exchange = nullptr;
    auto action = sized<uncut_action>();
    auto start = [&](const uncut_exchange_storage* storage) {
        exchange = nullptr;
        const uncut_status status =
            table().exchange_start(instance.get(), &how, storage, now_us, out.data(), out.size(), &exchange, &action);
        CHECK((exchange != nullptr) == (status == UNCUT_OK));
        return status;
    };
    auto storage = lent.storage;
    storage.state = nullptr;
    CHECK(start(&storage) == UNCUT_MISUSE_NULL);
    storage = lent.storage;
    --storage.state_octets;
    CHECK(start(&storage) == UNCUT_MISUSE_SHORT_BUFFER);
    storage = lent.storage;
    storage.kept = nullptr;
    CHECK(start(&storage) == (needs.kept_octets == 0 ? UNCUT_OK : UNCUT_MISUSE_NULL));
    storage = lent.storage;
    storage.reserved = 1;
    CHECK(start(&storage) == UNCUT_MISUSE_VALUE);
    Guarded roomy((needs.state_octets + 31) / 16 * 16);
    storage = lent.storage;
    for (const std::size_t off : {1u, 2u, 4u, 8u, 15u}) {
        storage.state = roomy.data() + off;
        CHECK(start(&storage) == UNCUT_MISUSE_ALIGNMENT);
    }
    // Without a place for what was kept an exchange still starts.
    storage = lent.storage;
    storage.kept = nullptr;
    storage.kept_octets = 0;
    CHECK(start(&storage) == UNCUT_OK);
    CHECK(table().exchange_cancel(exchange) == UNCUT_OK);
    check_struct_rules(lent.storage, Direction::in, [&](uncut_exchange_storage* to) {
        const uncut_status status = start(to);
        if (status == UNCUT_OK) CHECK(table().exchange_cancel(exchange) == UNCUT_OK);
        return status;
    });
}

TEST_CASE("an exchange refuses misuse of start and leaves its outputs untouched") {
    Instance instance;
    Guarded message(query("www.example.com", 1232));
    const auto how = ask(message);
    Lent lent(needs_of(instance, how));
    Guarded out(600, 0xa5);
    uncut_exchange* exchange = nullptr;
    auto action = sized<uncut_action>();
    auto start = [&](uncut_instance* with, std::uint8_t* to, uncut_exchange** begun, uncut_action* next) {
        return table().exchange_start(with, &how, &lent.storage, now_us, to, 600, begun, next);
    };
    CHECK(start(nullptr, out.data(), &exchange, &action) == UNCUT_MISUSE_NULL);
    CHECK(start(instance.get(), nullptr, &exchange, &action) == UNCUT_MISUSE_NULL);
    CHECK(start(instance.get(), out.data(), nullptr, &action) == UNCUT_MISUSE_NULL);
    CHECK(exchange == nullptr);
    CHECK(out.holds_only(0xa5));
    check_struct_rules(sized<uncut_action>(), Direction::out, [&](uncut_action* next) {
        exchange = nullptr;
        const uncut_status status = start(instance.get(), out.data(), &exchange, next);
        CHECK((exchange != nullptr) == (status == UNCUT_OK));
        if (status == UNCUT_OK) CHECK(table().exchange_cancel(exchange) == UNCUT_OK);
        return status;
    });
}

TEST_CASE("an exchange refuses events that are misuse, and waits on") {
    Begun begun;
    const auto before = begun.action;
    auto refused = [&](const uncut_event& happened) {
        const uncut_status status = begun.on(happened);
        if (status != UNCUT_OK)
            CHECK(same({reinterpret_cast<const std::uint8_t*>(&before), sizeof before},
                       {reinterpret_cast<const std::uint8_t*>(&begun.action), sizeof before}));
        return status;
    };
    for (const std::uint32_t kind : {0u, 4u, UINT32_MAX}) CHECK(refused(event(kind)) == UNCUT_MISUSE_VALUE);
    for (const std::uint32_t kind : {UNCUT_EVENT_MESSAGE, UNCUT_EVENT_FAILED}) {
        auto bad = event(kind);
        bad.cause = UNCUT_CAUSE_REFUSED;
        bad.transport = 0;
        CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
        bad.transport = 3;
        CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
        bad.transport = UNCUT_TRANSPORT_UDP;
        bad.upstream = UNCUT_UPSTREAMS_MAX;
        CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
    }
    auto bad = event(UNCUT_EVENT_FAILED);
    for (const std::uint32_t cause : {0u, 1u, 25u, 39u, 50u, UINT32_MAX}) {
        bad.cause = cause;
        CHECK(refused(bad) == UNCUT_MISUSE_VALUE);
    }
    bad = event(UNCUT_EVENT_MESSAGE);
    bad.octets = 12;
    CHECK(refused(bad) == UNCUT_MISUSE_NULL);
    const Octets large(65536);
    bad.message = large.data();
    bad.octets = large.size();
    CHECK(refused(bad) == UNCUT_LIMIT_OCTETS);

    auto noise = event(UNCUT_EVENT_MESSAGE);  // nothing of it is ours, so it is ignored each time
    noise.message = large.data();
    noise.octets = 5;
    auto* const exchange = begun.exchange;
    CHECK(table().exchange_on_event(nullptr, &noise, now_us, begun.out.data(), 600, &begun.action) ==
          UNCUT_MISUSE_NULL);
    CHECK(table().exchange_on_event(exchange, &noise, now_us, nullptr, 600, &begun.action) == UNCUT_MISUSE_NULL);
    check_struct_rules(noise, Direction::in, [&](uncut_event* happened) {
        return table().exchange_on_event(exchange, happened, now_us, begun.out.data(), 600, &begun.action);
    });
    check_struct_rules(begun.action, Direction::out, [&](uncut_action* next) {
        const uncut_status status = table().exchange_on_event(exchange, &noise, now_us, begun.out.data(), 600, next);
        return status;
    });
    CHECK(begun.on(noise) == UNCUT_OK);
    CHECK(begun.action.kind == UNCUT_ACTION_WAIT);
    CHECK(table().exchange_cancel(exchange) == UNCUT_OK);
}

TEST_CASE("an exchange takes its IDs from the secret and the entropy, and from nothing else") {
    const Octets asked = query("www.example.com", 1232, 0x1234);
    // The IDs that go upstream under a secret, for a run of entropies that a host could only dream of getting.
    auto ids = [&](std::uint8_t secret) {
        auto config = instance_config();
        config.secret[7] = secret;
        uncut_instance* instance = nullptr;
        REQUIRE(table().instance_create(&config, &instance) == UNCUT_OK);
        Guarded message(asked);
        auto how = ask(message);
        auto needs = sized<uncut_exchange_needs>();
        REQUIRE(table().exchange_needs(instance, &how, &needs) == UNCUT_OK);
        Lent lent(needs);
        std::vector<int> all;
        for (how.entropy = 0; how.entropy < 200; ++how.entropy) {
            uncut_exchange* exchange = nullptr;
            auto action = sized<uncut_action>();
            Octets out(600);
            REQUIRE(table().exchange_start(instance, &how, &lent.storage, now_us, out.data(), out.size(), &exchange,
                                           &action) == UNCUT_OK);
            all.push_back(out[0] << 8 | out[1]);
            REQUIRE(table().exchange_cancel(exchange) == UNCUT_OK);
        }
        table().instance_destroy(instance);
        return all;
    };
    const auto first = ids(1);
    CHECK(ids(1) == first);
    const auto other = ids(2);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < first.size(); ++i) equal += first[i] == other[i];
    CHECK(equal < 4);
    CHECK(std::set<int>(first.begin(), first.end()).size() > 190);
}

TEST_CASE("exchanges of one instance run on many threads at once", "[threads]") {
    Instance instance;
    std::vector<std::thread> threads;
    std::atomic<std::uint32_t> delivered{0};
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&] {
            const Octets asked = query("www.example.com", 1232);
            auto how = sized<uncut_exchange_query>();
            how.transport = UNCUT_TRANSPORT_UDP;
            how.message = asked.data();
            how.octets = asked.size();
            how.upstream_count = 1;
            auto needs = sized<uncut_exchange_needs>();
            table().exchange_needs(instance.get(), &how, &needs);
            Lent lent(needs);
            Octets out(UNCUT_MESSAGE_OCTETS_MAX);
            for (std::uint32_t i = 0; i < 500; ++i) {
                how.entropy = i;
                uncut_exchange* exchange = nullptr;
                auto action = sized<uncut_action>();
                table().exchange_start(instance.get(), &how, &lent.storage, now_us, out.data(), out.size(), &exchange,
                                       &action);
                const Octets reply =
                    response(Octets(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(action.octets)), 2);
                auto arrived = event(UNCUT_EVENT_MESSAGE);
                arrived.message = reply.data();
                arrived.octets = reply.size();
                table().exchange_on_event(exchange, &arrived, now_us, out.data(), out.size(), &action);
                delivered += action.kind == UNCUT_ACTION_DELIVER;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(delivered == 2000);
}
