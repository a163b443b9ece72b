// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/script_problem.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"

namespace uncut::harness {

std::string script_tag(std::uint64_t revision) {
    return fmt::format("{}", revision);
}

HttpResponse problem_of(const ScriptWriteError& error) {
    switch (error.kind) {
        case ScriptWriteError::Kind::no_such:
            return problem(Problem::not_found, error.reason);
        case ScriptWriteError::Kind::full:
            return problem(Problem::conflict, error.reason);
        case ScriptWriteError::Kind::precondition_failed:
            return precondition_failed(script_tag(error.revision));
        case ScriptWriteError::Kind::refused:
            return problem(Problem::wrong_value, error.reason);
        case ScriptWriteError::Kind::upstream:
            break;
    }
    return problem(Problem::internal, error.reason);
}

HttpResponse no_script() {
    return problem(
        Problem::conflict,
        "there is no scripted upstream here: `uncut demo` has one, `uncut serve` asks the servers it is given");
}

void add_script_route(Router& router, const ScriptStore* store, Router::Route route) {
    if (store == nullptr) {
        route.handle = [](const HttpRequest&, const Router::Parameters&) { return no_script(); };
    }
    router.add(std::move(route));
}

}  // namespace uncut::harness
