// SPDX-License-Identifier: Apache-2.0
// The contract says what the program does: its paths are the router's, its words and ranges those of the tables.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <functional>
#include <set>

#include <uncut_paths.hpp>

#include "harness/admin/application.hpp"
#include "harness/admin/problem.hpp"
#include "harness/assets/assets.hpp"
#include "harness/host/instance.hpp"
#include "harness/message/text.hpp"
#include "harness/upstream/fault_kind.hpp"
#include "tests/harness/json_schema.hpp"
#include "tests/support/catch.hpp"

using namespace uncut::harness;
using namespace uncut::harness::test;
namespace json = boost::json;

namespace {

const json::value& contract() {
    static const json::value parsed = [] {
        const Asset* asset = find_asset("admin/openapi.json");
        REQUIRE(asset != nullptr);
        const auto value = parse_json(asset->content);
        INFO((value ? std::string() : value.error().text()));
        REQUIRE(value);
        return *value;
    }();
    return parsed;
}

const json::value& schema(const std::string& name) {
    const json::value* found = resolve_reference(contract(), "#/components/schemas/" + name);
    INFO(name);
    REQUIRE(found != nullptr);
    return *found;
}

std::set<std::string> words(const json::value& list) {
    std::set<std::string> out;
    for (const json::value& word : list.as_array()) out.emplace(word.as_string());
    return out;
}

/// The value of a media type or a parameter, by a reference or where it stands.
const json::value& resolved(const json::value& value) {
    const json::value* reference = value.as_object().if_contains("$ref");
    if (reference == nullptr) return value;
    const json::value* target = resolve_reference(contract(), std::string_view(reference->as_string()));
    REQUIRE(target != nullptr);
    return *target;
}

/// Calls `visit` for every object of the document, with its pointer.
void walk(const json::value& value, const std::string& at,
          const std::function<void(const json::object&, const std::string&)>& visit) {
    if (const json::object* object = value.if_object()) {
        visit(*object, at);
        for (const auto& [name, member] : *object) {
            walk(member, json_pointer(at, std::string_view(name.data(), name.size())), visit);
        }
    } else if (const json::array* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) walk((*array)[i], json_pointer(at, i), visit);
    }
}

/// Calls `visit` for every operation, with its path and method.
void for_each_operation(
    const std::function<void(const std::string& path, const std::string& method, const json::object&)>& visit) {
    for (const auto& [path, item] : contract().at("paths").as_object()) {
        for (const auto& [method, operation] : item.as_object()) {
            visit(std::string(path), std::string(method), operation.as_object());
        }
    }
}

/// An application with everything that there is.
struct WholeApplication {
    WholeApplication() {
        auto opened = Module::open(UNCUT_SO);
        REQUIRE(opened);
        const auto module = std::make_shared<const Module>(std::move(*opened));
        auto held = HeldInstance::create(module, {});
        REQUIRE(held);
        auto policies = PolicyStore::create({&module->table(), (*held)->instance(), *held, 0}, {});
        REQUIRE(policies);
        AdminServices services{.policies = *policies};
        services.switchboard = std::make_shared<Switchboard>(
            UNCUT_SO, module, std::vector<Address>{Address::loopback(9)}, std::vector<Switchboard::Site>{});
        services.journal = std::make_shared<Journal>(1);
        application = std::make_unique<AdminApplication>(std::move(services), AccessRules{});
    }
    const std::vector<Router::Route>& routes() const { return application->router().routes(); }

    std::unique_ptr<AdminApplication> application;
};

// The page's files are for browsers, not for programs.
bool is_of_the_page(const std::string& pattern) {
    return pattern == "/" || (!pattern.starts_with("/v1") && pattern.find('.') != std::string::npos);
}

std::string upper(std::string text) {
    for (char& letter : text) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return text;
}

}  // namespace

TEST_CASE("contract: its paths and methods are the router's", "[contract]") {
    std::set<std::string> documented;
    for_each_operation([&](const std::string& path, const std::string& method, const json::object&) {
        documented.insert(upper(method) + ' ' + path);
    });
    std::set<std::string> routed;
    const WholeApplication whole;
    for (const Router::Route& route : whole.routes()) {
        if (!is_of_the_page(route.pattern)) routed.insert(route.method + ' ' + route.pattern);
    }
    std::vector<std::string> missing;
    std::ranges::set_difference(routed, documented, std::back_inserter(missing));
    CHECK(missing == std::vector<std::string>{});
    std::vector<std::string> invented;
    std::ranges::set_difference(documented, routed, std::back_inserter(invented));
    CHECK(invented == std::vector<std::string>{});
}

TEST_CASE("contract: bodies have the media types that the router takes", "[contract]") {
    const WholeApplication whole;
    for (const Router::Route& route : whole.routes()) {
        if (is_of_the_page(route.pattern) || route.media_type.empty()) continue;
        INFO(route.method << ' ' << route.pattern);
        std::string method = route.method;
        for (char& letter : method) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        const json::value* operation =
            resolve_reference(contract(), "#/paths" + json_pointer(json_pointer("", route.pattern), method));
        REQUIRE(operation != nullptr);
        const json::object& body = operation->at("requestBody").as_object();
        CHECK(body.at("required").as_bool());
        CHECK(body.at("content").as_object().size() == 1);
        CHECK(body.at("content").as_object().contains(route.media_type));
        CHECK(operation->at("responses").as_object().contains("415"));
    }
}

TEST_CASE("contract: every reference leads somewhere, and what is defined is used", "[contract]") {
    std::set<std::string> used;
    walk(contract(), "", [&](const json::object& object, const std::string& at) {
        const json::value* reference = object.if_contains("$ref");
        if (reference == nullptr) return;
        INFO(at);
        const std::string target(reference->as_string());
        CHECK(resolve_reference(contract(), target) != nullptr);
        used.insert(target);
    });
    for (const auto& [kind, members] : contract().at("components").as_object()) {
        if (kind == "securitySchemes") continue;
        for (const auto& [name, member] : members.as_object()) {
            const std::string target = "#/components/" + std::string(kind) + '/' + std::string(name);
            INFO(target);
            const bool is_used = std::ranges::any_of(
                used, [&](const std::string& one) { return one == target || one.starts_with(target + '/'); });
            CHECK(is_used);
        }
    }
}

TEST_CASE("contract: every object says which members it has", "[contract]") {
    walk(contract().at("components").at("schemas"), "", [](const json::object& object, const std::string& at) {
        const json::value* type = object.if_contains("type");
        if (type == nullptr || *type != json::value("object") || at == "/Story/items") return;
        INFO(at);
        CHECK(object.contains("additionalProperties"));
    });
}

TEST_CASE("contract: every operation says what may go wrong", "[contract]") {
    std::set<std::string> identifiers;
    for_each_operation([&](const std::string& path, const std::string& method, const json::object& operation) {
        INFO(method << ' ' << path);
        CHECK(identifiers.emplace(operation.at("operationId").as_string()).second);
        const json::object& responses = operation.at("responses").as_object();
        for (const char* status : {"400", "403", "408", "431", "500"}) CHECK(responses.contains(status));
        CHECK(responses.contains("401") == !operation.contains("security"));
        CHECK(responses.contains("413") == operation.contains("requestBody"));
        if (path.find('{') != std::string::npos && method != "put") CHECK(responses.contains("404"));
        for (const auto& [status, response] : responses) {
            INFO(std::string(status));
            const json::value* content = resolved(response).as_object().if_contains("content");
            CHECK((content == nullptr) == (status == "204"));
            if (content != nullptr && (status[0] == '4' || status[0] == '5')) {
                CHECK(content->as_object().contains("application/problem+json"));
            }
        }
    });
}

TEST_CASE("contract: what has a revision takes If-Match where it is written", "[contract]") {
    for_each_operation([](const std::string& path, const std::string& method, const json::object& operation) {
        if (method == "get" || path == "/v1/reset") return;
        INFO(method << ' ' << path);
        const json::value* etag = nullptr;
        for (const char* status : {"200", "201", "204"}) {
            const json::value* response = operation.at("responses").as_object().if_contains(status);
            if (response == nullptr || !response->as_object().contains("headers")) continue;
            etag = response->at("headers").as_object().if_contains("ETag");
        }
        bool conditional = false;
        if (const json::value* parameters = operation.if_contains("parameters")) {
            for (const json::value& parameter : parameters->as_array()) {
                if (resolved(parameter).at("name") == "If-Match") conditional = true;
            }
        }
        CHECK(conditional == (etag != nullptr));
        CHECK(operation.at("responses").as_object().contains("412") == conditional);
    });
}

TEST_CASE("contract: parameters of a path are those of its pattern", "[contract]") {
    for_each_operation([](const std::string& path, const std::string& method, const json::object& operation) {
        INFO(method << ' ' << path);
        std::set<std::string> documented;
        if (const json::value* parameters = operation.if_contains("parameters")) {
            for (const json::value& parameter : parameters->as_array()) {
                const json::value& whole = resolved(parameter);
                if (whole.at("in") == "path") documented.emplace(whole.at("name").as_string());
            }
        }
        std::set<std::string> wanted;
        for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
            wanted.insert(path.substr(at + 1, path.find('}', at) - at - 1));
        }
        CHECK(documented == wanted);
    });
}

TEST_CASE("contract: a policy is what the table of fields says", "[contract]") {
    const json::object& properties = schema("Policy").at("properties").as_object();
    CHECK(properties.size() == policy_field_count);
    CHECK(words(schema("Policy").at("required")).size() == policy_field_count);
    for (const char* name : {"PolicyFields", "PolicyPatch"}) {
        CHECK(schema(name).at("properties").as_object().size() == policy_field_count);
    }
    for (const PolicyField& field : policy_fields()) {
        INFO(field.name);
        REQUIRE(properties.contains(field.name));
        const json::object& property = properties.at(field.name).as_object();
        const bool set = field.kind == PolicyKind::set;
        std::set<std::string> expected;
        for (const PolicyWord& word : field.words) expected.emplace(word.text);
        if (field.kind == PolicyKind::boolean) CHECK(property.at("type") == "boolean");
        if (field.kind == PolicyKind::integer) {
            CHECK(property.at("minimum").to_number<std::uint32_t>() == field.minimum);
            CHECK(property.at("maximum").to_number<std::uint32_t>() == field.maximum);
        }
        if (field.kind == PolicyKind::choice) CHECK(words(property.at("enum")) == expected);
        if (set) CHECK(words(property.at("items").at("enum")) == expected);
        CHECK(std::string(property.at("description").as_string()).starts_with(field.meaning));

        const json::object& patched = schema("PolicyPatch").at("properties").at(field.name).as_object();
        CHECK(schema_faults(contract(), patched, nullptr).empty());
        CHECK_FALSE(schema_faults(contract(), patched, "no such word").empty());
    }
}

TEST_CASE("contract: types of problems are those of the program", "[contract]") {
    std::set<std::string> types;
    for (int kind = 0; kind <= static_cast<int>(Problem::busy); ++kind) {
        types.insert(problem_type(static_cast<Problem>(kind)));
    }
    CHECK(words(schema("Problem").at("properties").at("type").at("enum")) == types);
}

TEST_CASE("contract: verdicts and causes are those of the ABI", "[contract]") {
    const auto all = [](const auto& text_of, std::uint32_t end) {
        std::set<std::string> texts;
        for (std::uint32_t value = 0; value < end; ++value) {
            if (text_of(value) != "unknown") texts.emplace(text_of(value));
        }
        return texts;
    };
    CHECK(words(schema("Verdict").at("enum")) == all(verdict_text, 100));
    CHECK(words(schema("Cause").at("enum")) == all(cause_text, 100));
    CHECK(words(schema("Transport").at("enum")) == all(transport_text, 100));
}

TEST_CASE("contract: faults are what the table of kinds says", "[contract]") {
    const json::array& branches = schema("FaultNew").at("oneOf").as_array();
    const auto kinds = upstream::fault_kinds();
    REQUIRE(branches.size() == kinds.size());
    std::set<std::string> names;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const upstream::FaultKindInfo& info = kinds[i];
        INFO(info.name);
        names.emplace(info.name);
        const json::object& properties = branches[i].at("properties").as_object();
        CHECK(properties.at("kind").at("const") == json::string(info.name));
        for (const char* member : {"name", "type", "seed", "times"}) {
            CHECK(properties.contains(member) == info.matches_queries);
        }
        const auto over = [&](const char* transport) {
            return schema_faults(contract(), properties.at("transport"), transport).empty();
        };
        CHECK(over("udp") == info.udp);
        CHECK(over("tcp") == info.tcp);
        for (const auto& [name, member] : upstream::fault_parameter_names()) {
            INFO(name);
            CHECK(properties.contains(name) == (member == info.parameter.member));
        }
        if (info.parameter.member == nullptr) continue;
        const json::value& parameter = properties.at(info.parameter.name);
        const auto takes = [&](std::int32_t value) { return schema_faults(contract(), parameter, value).empty(); };
        CHECK(takes(info.parameter.minimum));
        CHECK(takes(info.parameter.maximum));
        CHECK_FALSE(takes(info.parameter.minimum - 1));
        CHECK_FALSE(takes(info.parameter.maximum + 1));
        const json::value* standard = parameter.as_object().if_contains("default");
        CHECK((standard != nullptr) == info.parameter.standard.has_value());
        if (standard != nullptr) CHECK(*standard == json::value(*info.parameter.standard));
        CHECK(words(branches[i].at("required")).contains(std::string(info.parameter.name)) == info.parameter.required);
    }
    CHECK(words(schema("Fault").at("properties").at("kind").at("enum")) == names);
}

TEST_CASE("contract: its examples are what it says that they are", "[contract]") {
    std::size_t examples = 0;
    walk(contract(), "", [&](const json::object& object, const std::string& at) {
        const json::value* example = object.if_contains("example");
        const json::value* of = object.if_contains("schema");
        if (example == nullptr || of == nullptr) return;
        INFO(at << ": " << json::serialize(*example));
        CHECK(schema_faults(contract(), *of, *example) == std::vector<std::string>{});
        ++examples;
    });
    CHECK(examples > 50);
}
