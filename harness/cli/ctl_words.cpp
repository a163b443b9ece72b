// SPDX-License-Identifier: Apache-2.0
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_verbs.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Words = std::vector<std::string>;

// What a field or parameter takes, where that can be listed.
Words values_of(const json::value& row) {
    if (ctl_text(row, "kind") == "boolean") return {"true", "false"};
    Words words;
    for (const json::value& word : elements(member(row, "words"))) words.push_back(ctl_text(word));
    return words;
}

// Each element of the list at `list`, as its member `key`.
Words column(const json::value& body, const char* list, const char* key) {
    Words words;
    for (const json::value& row : elements(member(body, list))) words.push_back(ctl_text(row, key));
    return words;
}

json::value row_named(const json::value& body, const char* list, const char* key, const std::string& name) {
    for (const json::value& row : elements(member(body, list))) {
        if (ctl_text(row, key) == name) return row;
    }
    return {};
}

Words keys_of(const json::value& object) {
    Words words;
    if (!object.is_object()) return words;
    for (const auto& [key, value] : object.get_object()) words.push_back(ctl_text(json::string(key)));
    return words;
}

/// One kind of words: the resource that has them, and how they are found in it. `of` and `in` are what was given
/// behind the kind, or empty.
struct Subject {
    std::string_view about;
    const char* target;
    Words (*read)(const json::value& body, const std::string& of, const std::string& in);
};

constexpr Subject subjects[] = {
    {"zones", "/v1/policies", [](const json::value& body, const auto&, const auto&) { return keys_of(body); }},
    {"set-by", "/v1/policies",
     [](const json::value& body, const auto& zone, const auto&) { return keys_of(member(body, zone)); }},
    {"presets", "/v1/presets",
     [](const json::value& body, const auto&, const auto&) {
         Words words;
         for (const json::value& name : elements(member(body, "presets"))) words.push_back(ctl_text(name));
         return words;
     }},
    {"fields", "/v1/policy-fields",
     [](const json::value& body, const auto&, const auto&) { return column(body, "fields", "name"); }},
    {"field", "/v1/policy-fields",
     [](const json::value& body, const auto& name, const auto&) {
         return values_of(row_named(body, "fields", "name", name));
     }},
    {"kinds", "/v1/fault-kinds",
     [](const json::value& body, const auto&, const auto&) { return column(body, "kinds", "kind"); }},
    {"parameters", "/v1/fault-kinds",
     [](const json::value& body, const auto& kind, const auto&) {
         return column(row_named(body, "kinds", "kind", kind), "parameters", "name");
     }},
    {"parameter", "/v1/fault-kinds",
     [](const json::value& body, const auto& kind, const auto& name) {
         return values_of(row_named(row_named(body, "kinds", "kind", kind), "parameters", "name", name));
     }},
    {"faults", "/v1/faults",
     [](const json::value& body, const auto&, const auto&) { return column(body, "faults", "id"); }},
    {"set-in-fault", "/v1/faults",
     [](const json::value& body, const auto& id, const auto&) { return keys_of(row_named(body, "faults", "id", id)); }},
    {"answers", "/v1/answers",
     [](const json::value& body, const auto&, const auto&) { return column(body, "answers", "name"); }},
    {"types", "/v1/answers",
     [](const json::value& body, const auto& name, const auto&) {
         Words words;
         for (const json::value& answer : elements(member(body, "answers"))) {
             if (ctl_text(answer, "name") == name) words.push_back(ctl_text(answer, "type"));
         }
         return words;
     }},
    {"scenarios", "/v1/scenarios",
     [](const json::value& body, const auto&, const auto&) { return column(body, "scenarios", "name"); }},
    {"servers", "/v1/listeners",
     [](const json::value& body, const auto&, const auto&) {
         Words words;
         for (const json::value& listener : elements(member(body, "listeners"))) {
             if (!ctl_text(listener, "transports").contains("http")) words.push_back(ctl_text(listener, "name"));
         }
         return words;
     }},
};

}  // namespace

CtlDone ctl_words(const Ctl& ctl, const std::vector<std::string>& about) {
    for (const Subject& subject : subjects) {
        if (about.empty() || subject.about != about.front()) continue;
        const auto reply = ctl.get(subject.target);
        if (!reply) return std::unexpected(CtlError{2, "", 0});  // who presses Tab did not ask for an error
        std::string text;
        const auto given = [&about](std::size_t at) { return at < about.size() ? about[at] : std::string(); };
        for (const std::string& word : subject.read(reply->json, given(1), given(2))) {
            text.append(word).append("\n");
        }
        return ctl.print(text);
    }
    return std::unexpected(CtlError{2, "", 0});
}

}  // namespace uncut::harness
