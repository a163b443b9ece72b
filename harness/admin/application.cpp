// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/application.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/admin/access_log.hpp"
#include "harness/admin/answers.hpp"
#include "harness/admin/behind.hpp"
#include "harness/admin/exchanges.hpp"
#include "harness/admin/faults.hpp"
#include "harness/admin/page.hpp"
#include "harness/admin/policies.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/program_view.hpp"
#include "harness/admin/responses.hpp"
#include "harness/admin/scenarios.hpp"
#include "harness/admin/script_problem.hpp"

namespace uncut::harness {

using Parameters = Router::Parameters;

AdminApplication::AdminApplication(AdminServices services, AccessRules rules)
    : services_(std::move(services)), rules_(std::move(rules)) {
    add_page_resources(router_);
    add_policy_resources(router_, services_.policies);
    add_answer_resources(router_, services_.script);
    add_fault_resources(router_, services_.script);
    add_scenario_resources(router_, services_.policies, services_.script);
    SystemView system;
    if (services_.switchboard) {
        system = view_system(services_.switchboard, services_.listeners, [this] { return address(); });
        add_metrics_resources(router_, view_metrics(services_.switchboard, services_.journal));
        add_behind_resources(router_, services_.switchboard);
        add_exchange_resources(router_, services_.journal, services_.switchboard);
        add_asking_resources(router_, services_.listeners, services_.switchboard->decoder());
    }
    add_system_resources(router_, std::move(system));
    router_.add(
        {"POST", "/v1/reset", "", [this](const HttpRequest& request, const Parameters&) { return reset(request); }});
}

std::optional<HttpResponse> AdminApplication::refuse(const HttpRequest& head) {
    auto refused = refuse_access(head, rules_);
    if (!refused) {
        if (auto found = router_.find(head); !found) refused = std::move(found.error());
    }
    if (refused) log_request(head, *refused);
    return refused;
}

HttpResponse AdminApplication::handle(const HttpRequest& request) {
    const auto found = router_.find(request);
    HttpResponse response = found ? found->route->handle(request, found->parameters) : found.error();
    log_request(request, response);
    return response;
}

bool AdminApplication::is_slow(const HttpRequest& request) {
    const auto found = router_.find(request);
    return found && found->route->slow;
}

void AdminApplication::listens_at(const Address& address) {
    const std::lock_guard lock(address_lock_);
    address_ = address;
}

std::optional<Address> AdminApplication::address() const {
    const std::lock_guard lock(address_lock_);
    return address_;
}

HttpResponse AdminApplication::reset(const HttpRequest& request) {
    if (auto refused = refuse_body(request)) return std::move(*refused);
    const auto written = services_.policies->reset();
    if (!written) return problem_of(written.error());
    if (services_.switchboard) {
        if (const auto done = services_.switchboard->reset(); !done) return problem(Problem::internal, done.error());
    }
    if (services_.script) {
        if (const auto script = services_.script->reset(); !script) return problem_of(script.error());
    }
    if (services_.journal) services_.journal->clear();
    return json_response({{"revision", *written}}, fmt::format("{}", *written));
}

}  // namespace uncut::harness
