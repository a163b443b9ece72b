// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/json_schema.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <regex>
#include <set>
#include <stdexcept>

namespace uncut::harness::test {
namespace {

namespace json = boost::json;
using Faults = std::vector<std::string>;

std::string_view text_of(const json::string& text) {
    return {text.data(), text.size()};
}

bool is_integer(const json::value& value) {
    return value.is_int64() || value.is_uint64();
}

bool is_of_type(const json::value& value, std::string_view type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return is_integer(value);
    if (type == "number") return value.is_number();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    throw std::runtime_error("no such type: " + std::string(type));
}

bool matches_type(const json::value& value, const json::value& types) {
    if (types.is_string()) return is_of_type(value, text_of(types.get_string()));
    return std::ranges::any_of(types.as_array(),
                               [&](const json::value& type) { return is_of_type(value, text_of(type.as_string())); });
}

bool matches(const json::string& text, const json::value& pattern) {
    return std::regex_search(std::string(text_of(text)),
                             std::regex(std::string(text_of(pattern.as_string())), std::regex::ECMAScript));
}

/// One value against the keywords of one schema.
class Check {
  public:
    Check(const json::value& document, const json::object& schema, const json::value& value, std::string at)
        : document_(document), schema_(schema), value_(value), at_(std::move(at)) {}

    Faults run() {
        for (const auto& [name, argument] : schema_) {
            const std::string_view keyword(name.data(), name.size());
            if (!simple(keyword, argument) && !nested(keyword, argument)) {
                throw std::runtime_error("a keyword that this does not know: " + std::string(keyword));
            }
        }
        return std::move(faults_);
    }

  private:
    void require(bool holds, std::string_view keyword) {
        if (!holds) faults_.push_back(at_ + ": " + std::string(keyword) + ": " + json::serialize(value_));
    }
    Faults of(const json::value& schema, const json::value& value, const std::string& at) const {
        return schema_faults(document_, schema, value, at);
    }
    void take(Faults more) { faults_.insert(faults_.end(), more.begin(), more.end()); }

    double number() const { return value_.to_number<double>(); }
    // Of a string the octets: what the contract bounds is ASCII.
    std::size_t size() const {
        if (value_.is_string()) return value_.get_string().size();
        return value_.is_array() ? value_.get_array().size() : value_.get_object().size();
    }

    bool simple(std::string_view keyword, const json::value& argument) {
        static const std::set<std::string_view> notes = {"description", "default", "example", "format"};
        if (notes.contains(keyword)) return true;
        if (keyword == "type") return require(matches_type(value_, argument), keyword), true;
        if (keyword == "const") return require(value_ == argument, keyword), true;
        if (keyword == "enum") {
            return require(std::ranges::find(argument.as_array(), value_) != argument.as_array().end(), keyword), true;
        }
        if (keyword == "pattern") {
            return require(!value_.is_string() || matches(value_.get_string(), argument), keyword), true;
        }
        if (keyword == "uniqueItems") return require(!argument.as_bool() || unique(), keyword), true;
        return bounds(keyword, argument);
    }

    bool bounds(std::string_view keyword, const json::value& argument) {
        const auto number_bound = [&](auto holds) {
            require(!value_.is_number() || holds(number(), argument.to_number<double>()), keyword);
            return true;
        };
        const auto size_bound = [&](bool applies, bool least) {
            const auto bound = argument.to_number<std::size_t>();
            require(!applies || (least ? size() >= bound : size() <= bound), keyword);
            return true;
        };
        if (keyword == "minimum") return number_bound(std::greater_equal<>());
        if (keyword == "maximum") return number_bound(std::less_equal<>());
        if (keyword == "exclusiveMinimum") return number_bound(std::greater<>());
        if (keyword == "minLength") return size_bound(value_.is_string(), true);
        if (keyword == "maxLength") return size_bound(value_.is_string(), false);
        if (keyword == "minItems") return size_bound(value_.is_array(), true);
        if (keyword == "maxItems") return size_bound(value_.is_array(), false);
        if (keyword == "maxProperties") return size_bound(value_.is_object(), false);
        return false;
    }

    bool nested(std::string_view keyword, const json::value& argument) {
        if (keyword == "$ref") {
            const json::value* target = resolve_reference(document_, text_of(argument.as_string()));
            if (target == nullptr) throw std::runtime_error("no such reference: " + json::serialize(argument));
            return take(of(*target, value_, at_)), true;
        }
        if (keyword == "oneOf") return one_of(argument.as_array()), true;
        if (keyword == "not") return require(!of(argument, value_, at_).empty(), keyword), true;
        if (keyword == "required") return required(argument.as_array()), true;
        if (keyword == "items") return items(argument), true;
        if (keyword == "properties") return properties(argument.as_object()), true;
        if (keyword == "patternProperties") return true;  // judged with additionalProperties
        if (keyword == "additionalProperties") return additional(argument), true;
        return false;
    }

    bool unique() const {
        std::set<std::string> seen;
        return !value_.is_array() || std::ranges::all_of(value_.get_array(), [&](const json::value& element) {
            return seen.insert(json::serialize(element)).second;
        });
    }

    void one_of(const json::array& schemas) {
        const auto fitting =
            std::ranges::count_if(schemas, [&](const json::value& schema) { return of(schema, value_, at_).empty(); });
        require(fitting == 1, "oneOf (" + std::to_string(fitting) + " fit)");
    }

    void required(const json::array& names) {
        if (!value_.is_object()) return;
        for (const json::value& name : names) {
            require(value_.get_object().contains(name.as_string()), "required " + json::serialize(name));
        }
    }

    void items(const json::value& schema) {
        if (!value_.is_array()) return;
        std::size_t index = 0;
        for (const json::value& element : value_.get_array()) {
            take(of(schema, element, at_ + '/' + std::to_string(index++)));
        }
    }

    void properties(const json::object& schemas) {
        if (!value_.is_object()) return;
        for (const auto& [name, member] : value_.get_object()) {
            const json::value* schema = schemas.if_contains(name);
            if (schema != nullptr) take(of(*schema, member, at_ + '/' + std::string(name.data(), name.size())));
        }
    }

    void additional(const json::value& schema) {
        if (!value_.is_object()) return;
        const json::value* known = schema_.if_contains("properties");
        const json::value* patterns = schema_.if_contains("patternProperties");
        for (const auto& [name, member] : value_.get_object()) {
            if (known != nullptr && known->as_object().contains(name)) continue;
            const json::value* of_pattern = nullptr;
            if (patterns != nullptr) {
                for (const auto& [pattern, candidate] : patterns->as_object()) {
                    if (matches(json::string(name), json::string(pattern))) of_pattern = &candidate;
                }
            }
            const json::value& judge = of_pattern != nullptr ? *of_pattern : schema;
            const std::string at = at_ + '/' + std::string(name.data(), name.size());
            if (judge.is_bool()) {
                require(judge.get_bool(), "additionalProperties " + at);
            } else {
                take(of(judge, member, at));
            }
        }
    }

    const json::value& document_;
    const json::object& schema_;
    const json::value& value_;
    std::string at_;
    Faults faults_;
};

}  // namespace

const json::value* resolve_reference(const json::value& document, std::string_view reference) {
    if (!reference.starts_with("#/")) return nullptr;
    boost::system::error_code error;
    const std::string_view pointer = reference.substr(1);
    return document.find_pointer({pointer.data(), pointer.size()}, error);
}

Faults schema_faults(const json::value& document, const json::value& schema, const json::value& value,
                     const std::string& at) {
    return Check(document, schema.as_object(), value, at).run();
}

}  // namespace uncut::harness::test
