// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/policy_store.hpp"

#include <atomic>
#include <thread>

#include "tests/harness/fake_module.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using uncut::harness::test::fake_module;
using uncut::harness::test::FakeInstance;

namespace {

boost::json::value parsed(std::string_view text) {
    auto value = parse_json(text);
    REQUIRE(value);
    return *value;
}

PolicySet zones(std::string_view text) {
    auto set = read_policy_set(parsed(text), "");
    REQUIRE(set);
    return *set;
}

std::shared_ptr<PolicyStore> store_of(FakeInstance& instance, PolicyStore::Start start = {}) {
    auto store = PolicyStore::create({&fake_module(), instance.handle()}, std::move(start));
    REQUIRE(store);
    return *store;
}

}  // namespace

TEST_CASE("policy store: the start state is published, zones complete", "[policy]") {
    FakeInstance instance;
    const auto store =
        store_of(instance, {"", zones(R"({"default": {"client_bufsize": 1400}, "cluster.local": {"fit": "subset"}})")});
    CHECK(instance.revision == 1);
    CHECK(instance.published.size() == 2);
    CHECK(instance.policy("default").client_bufsize == 1400);
    CHECK(instance.policy("cluster.local").client_bufsize == 1400);  // absent: that of the root
    CHECK(instance.policy("cluster.local").fit == UNCUT_FIT_SUBSET);
    CHECK(instance.policy("default").fit == UNCUT_FIT_RRSET);
    CHECK(store->read().revision == 1);
}

TEST_CASE("policy store: a preset is the base of the root", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance, {"coredns-default", zones(R"({"default": {"suspect": ["cut"]}})")});
    CHECK(instance.policy("default").retry_truncated == 0);
    CHECK(instance.policy("default").suspect == UNCUT_SUSPECT_CUT);

    const auto unknown = PolicyStore::create({&fake_module(), instance.handle()}, {"coredns", {}});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error() == "there is no preset \"coredns\": expected one of default, coredns-default");

    const auto placed =
        PolicyStore::create({&fake_module(), instance.handle()}, {"coredns", {}, "uncut.json: /preset"});
    REQUIRE_FALSE(placed);
    CHECK(placed.error().starts_with("uncut.json: /preset: there is no preset \"coredns\""));
}

TEST_CASE("policy store: a patch of the root reaches the zones that set nothing themselves", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance, {"", zones(R"({"a": {"udp_tries": 1}, "b": {}})")});
    REQUIRE(store->patch_zone("default", parsed(R"({"udp_tries": 7})")) == 2);
    CHECK(instance.policy("default").udp_tries == 7);
    CHECK(instance.policy("a").udp_tries == 1);
    CHECK(instance.policy("b").udp_tries == 7);

    SECTION("null on a zone: back to the root's") {
        REQUIRE(store->patch_zone("A.", parsed(R"({"udp_tries": null})")));
        CHECK(instance.policy("a").udp_tries == 7);
    }
    SECTION("null on the root: back to the built-in, also in zones") {
        REQUIRE(store->patch_zone("default", parsed(R"({"udp_tries": null})")));
        CHECK(instance.policy("default").udp_tries == 3);
        CHECK(instance.policy("b").udp_tries == 3);
    }
    SECTION("null on the root under a preset: the built-in, not the preset's") {
        REQUIRE(store->apply_preset("coredns-default"));
        CHECK(instance.policy("default").retry_truncated == 0);
        REQUIRE(store->patch_zone("default", parsed(R"({"retry_truncated": null})")));
        CHECK(instance.policy("default").retry_truncated == 1);
    }
    SECTION("a zone that is not there") {
        const auto done = store->patch_zone("c", parsed("{}"));
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == PolicyWriteError::Kind::no_such_zone);
    }
    SECTION("an error publishes nothing") {
        const auto done = store->patch_zone("default", parsed(R"({"udp_tries": 0})"));
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == PolicyWriteError::Kind::invalid);
        CHECK(done.error().json.pointer == "/udp_tries");
        CHECK(instance.revision == 2);
        CHECK(store->read().revision == 2);
    }
}

TEST_CASE("policy store: put, delete, replace, presets", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance);
    const auto subset = read_policy(parsed(R"({"fit": "subset"})"), "");
    REQUIRE(subset);

    REQUIRE(store->put_zone("Example.", *subset) == 2);
    const auto view = store->read_zone("example");
    REQUIRE(view);
    CHECK(view->overrides == *subset);
    CHECK(view->complete.fit == UNCUT_FIT_SUBSET);
    CHECK(view->complete.udp_tries == 3);
    CHECK(view->revision == 2);
    CHECK_FALSE(store->read_zone("sub.example"));

    REQUIRE(store->delete_zone("EXAMPLE") == 3);
    CHECK(instance.published.size() == 1);
    CHECK(store->delete_zone("example").error().kind == PolicyWriteError::Kind::no_such_zone);
    CHECK(store->put_zone("a..b", *subset).error().reason == "expected a domain name, or \"default\"");
    CHECK(store->delete_zone(".").error().kind == PolicyWriteError::Kind::root_stays);

    REQUIRE(store->replace(zones(R"({"x": {"fit": "fill"}})")) == 4);
    CHECK(instance.published.size() == 2);  // the root is there though the set has none
    CHECK(store->read().zones.contains("default"));

    CHECK(store->presets() == std::vector<std::string>{"default", "coredns-default"});
    CHECK(store->preset("coredns-default"));
    CHECK_FALSE(store->preset("nothing"));
    CHECK(store->apply_preset("nothing").error().kind == PolicyWriteError::Kind::no_such_zone);
}

TEST_CASE("policy store: If-Match", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance);
    REQUIRE(store->patch_zone("default", parsed(R"({"fit": "fill"})"), {{{"7", "1"}}}) == 2);
    const auto stale = store->patch_zone("default", parsed(R"({"fit": "empty"})"), {{{"1"}}});
    REQUIRE_FALSE(stale);
    CHECK(stale.error().kind == PolicyWriteError::Kind::precondition_failed);
    CHECK(stale.error().revision == 2);
    CHECK(instance.policy("default").fit == UNCUT_FIT_FILL);
    CHECK(store->replace({}, {{std::vector<std::string>{}}}).error().kind ==
          PolicyWriteError::Kind::precondition_failed);
}

TEST_CASE("policy store: reset goes back to the start state and forgets", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance, {"coredns-default", zones(R"({"a": {}})")});
    REQUIRE(store->apply_preset("default"));
    REQUIRE(store->delete_zone("a"));
    CHECK(instance.forgotten == 0);
    REQUIRE(store->reset() == 4);  // a new revision: the number never goes back
    CHECK(instance.forgotten == 1);
    CHECK(instance.policy("default").retry_truncated == 0);
    CHECK(instance.published.contains("a"));
}

TEST_CASE("policy store: a set that the module refuses changes nothing and names the zone", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance);
    instance.refused_zone = "b.c";
    const auto done = store->replace(zones(R"({"a": {}, "b.c": {}})"));
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == PolicyWriteError::Kind::refused);
    CHECK(done.error().reason == "the module refuses the policy of \"b.c\": misuse_value (is the zone a domain name?)");
    CHECK(store->read().revision == 1);
    CHECK_FALSE(store->read().zones.contains("b.c"));
}

TEST_CASE("policy store: writers and readers at once", "[policy]") {
    FakeInstance instance;
    const auto store = store_of(instance);
    const boost::json::value patches[] = {parsed(R"({"udp_tries": 1, "deadline_ms": 1})"),
                                          parsed(R"({"udp_tries": 2, "deadline_ms": 2})")};
    constexpr std::uint64_t writes = 500;
    std::atomic<int> torn = 0;
    {
        std::vector<std::jthread> threads;
        for (const auto& patch : patches) {
            threads.emplace_back([&store, &patch] {
                for (std::uint64_t i = 0; i < writes; ++i) store->patch_zone("default", patch);
            });
        }
        threads.emplace_back([&store, &torn] {
            for (std::uint64_t last = 0; last < 2 * writes + 1;) {
                const auto view = store->read_zone("default");
                if (view->revision < last) ++torn;
                if (view->revision > 1 && view->complete.udp_tries != view->complete.deadline_ms) ++torn;
                last = view->revision;
            }
        });
    }
    CHECK(torn == 0);
    CHECK(store->read().revision == 2 * writes + 1);
}
