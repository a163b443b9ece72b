// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/precondition.hpp"

#include <utility>

#include "harness/admin/problem.hpp"

namespace uncut::harness {
namespace {

void skip_spaces(std::string_view& text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
}

/// One entity tag off the front of a list. False if there is none; a weak one never matches here (RFC 9110 13.1.1),
/// so it is read and left out.
bool take_tag(std::string_view& list, std::vector<std::string>& tags) {
    const bool weak = list.starts_with("W/");
    if (weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;
    const std::size_t end = list.find('"', 1);
    if (end == std::string_view::npos) return false;
    if (!weak) tags.emplace_back(list.substr(1, end - 1));
    list.remove_prefix(end + 1);
    return true;
}

}  // namespace

std::expected<Precondition, HttpResponse> precondition_of(const HttpRequest& request) {
    if (request.count("If-Match") == 0) return Precondition{};
    std::string_view list = request.header("If-Match");
    skip_spaces(list);
    if (list == "*") return Precondition{};  // any state of a resource that exists
    std::vector<std::string> tags;
    while (request.count("If-Match") == 1) {
        if (!take_tag(list, tags)) break;
        skip_spaces(list);
        if (list.empty()) return Precondition{std::move(tags)};
        if (!list.starts_with(',')) break;
        list.remove_prefix(1);
        skip_spaces(list);
    }
    return std::unexpected(problem(Problem::bad_request, "expected If-Match: \"REVISION\", a list of these, or *"));
}

}  // namespace uncut::harness
