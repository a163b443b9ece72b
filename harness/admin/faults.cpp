// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "harness/admin/fault_json.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"
#include "harness/admin/script_problem.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

HttpResponse no_such_fault(std::string_view id) {
    return problem(Problem::not_found, fmt::format("there is no fault {}", json_excerpt(json::string(id))));
}

std::optional<std::uint64_t> read_id(std::string_view text) {
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return id;
}

const upstream::FaultState* find(const ScriptView& view, std::optional<std::uint64_t> id) {
    const auto found = std::ranges::find_if(view.faults, [&](const auto& state) { return state.id == id; });
    return found == view.faults.end() ? nullptr : &*found;
}

/// The handlers' common room.
class FaultResources {
  public:
    explicit FaultResources(std::shared_ptr<ScriptStore> store) : store_(std::move(store)) {}

    HttpResponse get_all() const {
        const ScriptView view = store_->read();
        json::array faults;
        for (const upstream::FaultState& state : view.faults) faults.push_back(fault_to_json(state));
        return json_response({{"faults", std::move(faults)}}, script_tag(view.revision));
    }

    HttpResponse post(const HttpRequest& request) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        const auto fault = read_fault(*body, "");
        if (!fault) return problem(fault.error());
        const auto id = store_->add_fault(*fault, *precondition);
        if (!id) return problem_of(id.error());
        HttpResponse response = represent(fmt::format("{}", *id), 201);
        response.headers.push_back({"Location", fmt::format("/v1/faults/{}", *id)});
        return response;
    }

    HttpResponse delete_all(const HttpRequest& request) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto written = store_->delete_faults(*precondition);
        return written ? no_content(script_tag(*written)) : problem_of(written.error());
    }

    HttpResponse patch(const HttpRequest& request, const std::string& id) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        const ScriptView view = store_->read();
        const upstream::FaultState* state = find(view, read_id(id));
        if (state == nullptr) return no_such_fault(id);
        const auto fault = patched_fault(state->fault, *body);
        if (!fault) return problem(fault.error());
        const auto written = store_->replace_fault(state->id, *fault, *precondition);
        return written ? represent(id, 200) : problem_of(written.error());
    }

    HttpResponse remove(const HttpRequest& request, const std::string& id) {
        const auto number = read_id(id);
        if (!number) return no_such_fault(id);
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto written = store_->delete_fault(*number, *precondition);
        return written ? no_content(script_tag(*written)) : problem_of(written.error());
    }

    HttpResponse represent(const std::string& id, unsigned status) const {
        const ScriptView view = store_->read();
        const upstream::FaultState* state = find(view, read_id(id));
        if (state == nullptr) return no_such_fault(id);
        return json_response(fault_to_json(*state), script_tag(view.revision), status);
    }

  private:
    std::shared_ptr<ScriptStore> store_;
};

HttpResponse get_kinds() {
    json::array kinds;
    for (const upstream::FaultKindInfo& info : upstream::fault_kinds()) kinds.push_back(fault_kind_to_json(info));
    return json_response({{"kinds", std::move(kinds)}});
}

}  // namespace

void add_fault_resources(Router& router, std::shared_ptr<ScriptStore> store) {
    const ScriptStore* script = store.get();
    const auto faults = std::make_shared<FaultResources>(std::move(store));
    const auto add = [&](Router::Route route) { add_script_route(router, script, std::move(route)); };
    const std::string one = "/v1/faults/{id}";
    router.add({"GET", "/v1/fault-kinds", "", [](const HttpRequest&, const Parameters&) { return get_kinds(); }});
    add({"GET", "/v1/faults", "", [faults](const HttpRequest&, const Parameters&) { return faults->get_all(); }});
    add({"POST", "/v1/faults", "application/json",
         [faults](const HttpRequest& request, const Parameters&) { return faults->post(request); }});
    add({"DELETE", "/v1/faults", "",
         [faults](const HttpRequest& request, const Parameters&) { return faults->delete_all(request); }});
    add({"GET", one, "", [faults](const HttpRequest&, const Parameters& of) { return faults->represent(of[0], 200); }});
    add({"PATCH", one, "application/merge-patch+json",
         [faults](const HttpRequest& request, const Parameters& of) { return faults->patch(request, of[0]); }});
    add({"DELETE", one, "",
         [faults](const HttpRequest& request, const Parameters& of) { return faults->remove(request, of[0]); }});
}

}  // namespace uncut::harness
