// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ctl_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "harness/admin/json_text.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

json::array words_of(std::string_view text) {
    json::array words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        words.emplace_back(json::string(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

}  // namespace

CtlResult<std::vector<CtlAssignment>> ctl_assignments(const std::vector<std::string>& words) {
    std::vector<CtlAssignment> assignments;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return ctl_misused(fmt::format("\"{}\": expected NAME=VALUE", printable(word)));
        }
        CtlAssignment next{word.substr(0, equals), word.substr(equals + 1)};
        if (std::ranges::find(assignments, next.name, &CtlAssignment::name) != assignments.end()) {
            return ctl_misused(fmt::format("\"{}\": expected each name only once", printable(word)));
        }
        assignments.push_back(std::move(next));
    }
    return assignments;
}

json::value ctl_value(std::string_view text) {
    auto value = parse_json(text);
    // In quotes it is what the quotes are for; blanks around are nobody's number.
    if (!value || text.front() == ' ' || text.back() == ' ') return json::string(text);
    return std::move(*value);
}

json::value ctl_value(std::string_view text, const json::value& field) {
    const std::string kind = ctl_text(field, "kind");
    if (kind == "set") return words_of(text);
    if (kind == "choice") return json::string(text);
    return ctl_value(text);
}

}  // namespace uncut::harness
