// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/admin/http.hpp"

namespace uncut::harness {

/// The query of a request's target, percent-decoded: only names that the resource knows, each at most once.
class QueryParameters {
  public:
    /// Or a 422 that names the parameter at fault.
    static std::expected<QueryParameters, HttpResponse> parse(const HttpRequest& request,
                                                              std::initializer_list<std::string_view> known);

    std::optional<std::string> text(std::string_view name) const;
    /// A decimal number in its range, or the refusal.
    std::expected<std::optional<std::uint64_t>, HttpResponse> number(std::string_view name, std::uint64_t minimum,
                                                                     std::uint64_t maximum) const;
    /// One of some words, or the refusal.
    std::expected<std::optional<std::string>, HttpResponse> word(std::string_view name,
                                                                 std::initializer_list<std::string_view> words) const;

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace uncut::harness
