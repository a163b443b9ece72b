// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/admin/http.hpp"

namespace uncut::harness {
namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// Names of fields are compared without regard to case: RFC 9110 5.1.
bool is_named(const HttpHeader& header, std::string_view name) {
    return std::ranges::equal(header.name, name, {}, lower, lower);
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
    const auto found =
        std::ranges::find_if(headers, [name](const HttpHeader& header) { return is_named(header, name); });
    return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::size_t HttpRequest::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(headers, [name](const HttpHeader& header) { return is_named(header, name); }));
}

}  // namespace uncut::harness
