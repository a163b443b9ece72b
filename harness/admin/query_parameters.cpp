// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/query_parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "harness/admin/problem.hpp"

namespace uncut::harness {

std::expected<QueryParameters, HttpResponse> QueryParameters::parse(const HttpRequest& request,
                                                                    std::initializer_list<std::string_view> known) {
    QueryParameters parameters;
    const auto target = boost::urls::parse_origin_form(request.target);
    if (!target) return std::unexpected(problem(Problem::bad_request, "expected a well-formed target"));
    for (const auto& parameter : target->params()) {
        if (std::ranges::find(known, std::string_view(parameter.key)) == known.end()) {
            return std::unexpected(unknown_parameter(parameter.key, fmt::format("one of {}", fmt::join(known, ", "))));
        }
        if (!parameters.values_.emplace(parameter.key, parameter.value).second) {
            return std::unexpected(wrong_parameter(parameter.key, "each parameter only once", parameter.value));
        }
    }
    return parameters;
}

std::optional<std::string> QueryParameters::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::expected<std::optional<std::uint64_t>, HttpResponse> QueryParameters::number(std::string_view name,
                                                                                  std::uint64_t minimum,
                                                                                  std::uint64_t maximum) const {
    const auto value = text(name);
    if (!value) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc{} || end != value->data() + value->size() || number < minimum || number > maximum) {
        return std::unexpected(
            wrong_parameter(name, fmt::format("a whole number from {} to {}", minimum, maximum), *value));
    }
    return number;
}

std::expected<std::optional<std::string>, HttpResponse> QueryParameters::word(
    std::string_view name, std::initializer_list<std::string_view> words) const {
    const auto value = text(name);
    if (!value || std::ranges::find(words, std::string_view(*value)) != words.end()) return value;
    return std::unexpected(wrong_parameter(name, fmt::format("one of {}", fmt::join(words, ", ")), *value));
}

}  // namespace uncut::harness
