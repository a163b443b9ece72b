// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/answer_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/admin/json_reading.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using namespace upstream;

constexpr std::string_view fields[] = {"name", "type", "records", "addresses", "octets", "ttl_s"};
constexpr std::string_view makers[] = {"records", "addresses", "octets"};
constexpr std::string_view document_fields[] = {"answers", "zone"};

std::expected<RrSetKey, JsonError> read_key(const json::object& object, std::string_view pointer, const RrSetKey* of) {
    const auto text_of = [&](std::string_view field, std::string standard) -> std::expected<std::string, JsonError> {
        const std::string at = json_pointer(pointer, field);
        const json::value* value = object.if_contains(field);
        if (value != nullptr) return read_text(*value, at);
        if (of != nullptr) return standard;
        return missing_json(at, field == "name" ? "a domain name" : "a record type");
    };
    const auto name = text_of("name", of == nullptr ? "" : of->name);
    if (!name) return std::unexpected(name.error());
    const auto type = text_of("type", of == nullptr ? "" : type_to_text(of->type));
    if (!type) return std::unexpected(type.error());
    auto key = rrset_key(*name, *type);
    if (!key) {
        const bool of_name = key.error().of_name;
        return wrong_json(json_pointer(pointer, of_name ? "name" : "type"),
                          of_name ? "a domain name" : "a type of records in a zone, such as A or TYPE65",
                          json::string(of_name ? *name : *type));
    }
    if (of == nullptr || *key == *of) return std::move(*key);
    const bool other_name = key->name != of->name;
    return wrong_json(json_pointer(pointer, other_name ? "name" : "type"),
                      fmt::format("\"{}\", as in the path", other_name ? of->name : type_to_text(of->type)),
                      json::string(other_name ? *name : *type));
}

std::expected<RecordTexts, JsonError> read_records(const json::value& value, std::string_view pointer) {
    const std::string expected = fmt::format("an array of 1 to {} strings, the data of each record", rrset_records_max);
    if (!value.is_array()) return wrong_json(pointer, expected, value);
    const json::array& elements = value.get_array();
    if (elements.empty() || elements.size() > rrset_records_max) {
        return wrong_json(pointer, expected, json::string(fmt::format("{} of them", elements.size())));
    }
    RecordTexts texts;
    for (const json::value& element : elements) {
        auto text = read_text(element, json_pointer(pointer, texts.size()));
        if (!text) return std::unexpected(std::move(text.error()));
        texts.push_back(std::move(*text));
    }
    return texts;
}

std::expected<std::uint32_t, JsonError> read_size(const json::value& value, std::string_view pointer, SpecRange range,
                                                  const RrSetKey& key, std::string_view what, std::string_view types) {
    if (range.most == 0) {
        return wrong_json(pointer, fmt::format("nothing: {} are of {}, not of {}", what, types, type_to_text(key.type)),
                          value);
    }
    return read_integer(value, range.least, range.most, pointer);
}

std::expected<RrSetSpec, JsonError> read_spec(const json::object& object, std::string_view pointer,
                                              const RrSetKey& key) {
    const auto made_from = std::ranges::count_if(makers, [&](std::string_view m) { return object.contains(m); });
    if (made_from != 1) {
        return std::unexpected(JsonError{made_from == 0 ? JsonError::Kind::missing_field : JsonError::Kind::wrong_value,
                                         std::string(pointer), "exactly one of records, addresses, octets",
                                         made_from == 0 ? "" : "several"});
    }
    RrSetSpec spec;
    if (const json::value* ttl_s = object.if_contains("ttl_s")) {
        const auto read = read_integer(*ttl_s, 0, ttl_s_max, json_pointer(pointer, "ttl_s"));
        if (!read) return std::unexpected(read.error());
        spec.ttl_s = *read;
    }
    if (const json::value* records = object.if_contains("records")) {
        auto read = read_records(*records, json_pointer(pointer, "records"));
        if (!read) return std::unexpected(std::move(read.error()));
        spec.data = std::move(*read);
    } else if (const json::value* addresses = object.if_contains("addresses")) {
        const auto read = read_size(*addresses, json_pointer(pointer, "addresses"), address_range(key), key,
                                    "addresses", "A and AAAA");
        if (!read) return std::unexpected(read.error());
        spec.data = AddressCount{*read};
    } else {
        const auto read = read_size(object.at("octets"), json_pointer(pointer, "octets"), octet_range(key), key,
                                    "octets", "TXT, A and AAAA");
        if (!read) return std::unexpected(read.error());
        spec.data = ResponseSize{*read};
    }
    return spec;
}

}  // namespace

std::expected<Answer, JsonError> read_answer(const json::value& value, std::string_view pointer, const RrSetKey* of) {
    const auto object = read_object(value, pointer, "an answer", fields);
    if (!object) return std::unexpected(object.error());
    auto key = read_key(**object, pointer, of);
    if (!key) return std::unexpected(std::move(key.error()));
    auto spec = read_spec(**object, pointer, *key);
    if (!spec) return std::unexpected(std::move(spec.error()));
    const auto records = make_records(*key, *spec);
    if (!records) {
        std::string at = json_pointer(pointer, "records");
        std::string got = records.error().reason;
        if (const auto index = records.error().record) {
            at = json_pointer(at, *index);
            if (const auto* texts = std::get_if<RecordTexts>(&spec->data)) {
                got = fmt::format("{} ({})", json_excerpt(json::string((*texts)[*index])), got);
            }
        }
        return std::unexpected(JsonError{JsonError::Kind::wrong_value, std::move(at),
                                         fmt::format("the data of a {} record", type_to_text(key->type)),
                                         std::move(got)});
    }
    // One spelling, whoever wrote it.
    if (std::holds_alternative<RecordTexts>(spec->data)) *spec = spec_of(spec->ttl_s, *records);
    return Answer{std::move(*key), std::move(*spec)};
}

std::expected<Answers, JsonError> read_answers(const json::value& value, std::string_view pointer) {
    if (!value.is_array()) return wrong_json(pointer, "an array of answers", value);
    if (value.get_array().size() > rrsets_max) {
        return wrong_json(pointer, fmt::format("at most {} answers", rrsets_max), value.get_array().size());
    }
    Answers answers;
    for (const json::value& element : value.get_array()) {
        const std::string at = json_pointer(pointer, answers.size());
        auto answer = read_answer(element, at);
        if (!answer) return std::unexpected(std::move(answer.error()));
        if (!answers.insert(*answer).second) {
            return std::unexpected(
                JsonError{JsonError::Kind::duplicate_field, at, "each name and type only once",
                          fmt::format("{} {} again", answer->first.name, type_to_text(answer->first.type))});
        }
    }
    return answers;
}

std::expected<Answers, JsonError> read_answers_document(const json::value& value) {
    const auto object = read_object(value, "", "the answers", document_fields);
    if (!object) return std::unexpected(object.error());
    if ((*object)->size() != 1) return wrong_json("", "exactly one of answers, zone", value);
    if (const json::value* answers = (*object)->if_contains("answers")) return read_answers(*answers, "/answers");
    const auto text = read_text((*object)->at("zone"), "/zone", "the text of a zone's master file");
    if (!text) return std::unexpected(text.error());
    auto answers = answers_of_text(*text);
    if (answers) return std::move(*answers);
    const ZoneTextError& error = answers.error();
    return std::unexpected(
        JsonError{JsonError::Kind::wrong_value, "/zone", "the text of a zone's master file",
                  error.line == 0 ? error.reason : fmt::format("line {}: {}", error.line, error.reason)});
}

json::object answer_to_json(const RrSetKey& key, const RrSetSpec& spec) {
    json::object out{{"name", key.name}, {"type", type_to_text(key.type)}};
    if (const auto* texts = std::get_if<RecordTexts>(&spec.data)) {
        json::array records;
        for (const std::string& text : *texts) records.emplace_back(text);
        out["records"] = std::move(records);
    } else if (const auto* count = std::get_if<AddressCount>(&spec.data)) {
        out["addresses"] = count->addresses;
    } else {
        out["octets"] = std::get<ResponseSize>(spec.data).octets;
    }
    out["ttl_s"] = spec.ttl_s;
    return out;
}

json::array answers_to_json(const Answers& answers) {
    json::array out;
    for (const auto& [key, spec] : answers) out.push_back(answer_to_json(key, spec));
    return out;
}

}  // namespace uncut::harness
