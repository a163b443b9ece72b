// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/answers.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/admin/answer_json.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"
#include "harness/admin/script_problem.hpp"

namespace uncut::harness {
namespace {

using Parameters = Router::Parameters;

/// The handlers' common room.
class AnswerResources {
  public:
    explicit AnswerResources(std::shared_ptr<ScriptStore> store) : store_(std::move(store)) {}

    HttpResponse get_all() const {
        const ScriptView view = store_->read();
        return json_response({{"answers", answers_to_json(view.answers)}}, script_tag(view.revision));
    }

    HttpResponse put_all(const HttpRequest& request) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        auto answers = read_answers_document(*body);
        if (!answers) return problem(answers.error());
        const auto written = store_->replace_answers(std::move(*answers), *precondition);
        return written ? get_all() : problem_of(written.error());
    }

    HttpResponse delete_all(const HttpRequest& request) {
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto written = store_->replace_answers({}, *precondition);
        return written ? no_content(script_tag(*written)) : problem_of(written.error());
    }

    HttpResponse get(const Parameters& of) const {
        const auto key = upstream::rrset_key(of[0], of[1]);
        if (!key) return problem(Problem::not_found, key.error().reason);
        return represent(*key, 200);
    }

    HttpResponse put(const HttpRequest& request, const Parameters& of) {
        const auto key = upstream::rrset_key(of[0], of[1]);
        if (!key) return problem(Problem::wrong_value, key.error().reason);
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto body = json_body(request);
        if (!body) return body.error();
        auto answer = read_answer(*body, "", &*key);
        if (!answer) return problem(answer.error());
        const ScriptView view = store_->read();
        const bool existed = view.answers.contains(*key);
        // A resource that is not there has no current representation for If-Match to match (RFC 9110 13.1.1).
        if (!existed && request.count("If-Match") > 0) return precondition_failed(script_tag(view.revision));
        const auto written = store_->put_answer(*key, std::move(answer->second), *precondition);
        return written ? represent(*key, existed ? 200 : 201) : problem_of(written.error());
    }

    HttpResponse remove(const HttpRequest& request, const Parameters& of) {
        const auto key = upstream::rrset_key(of[0], of[1]);
        if (!key) return problem(Problem::not_found, key.error().reason);
        const auto precondition = precondition_of(request);
        if (!precondition) return precondition.error();
        const auto written = store_->delete_answer(*key, *precondition);
        return written ? no_content(script_tag(*written)) : problem_of(written.error());
    }

  private:
    HttpResponse represent(const upstream::RrSetKey& key, unsigned status) const {
        const ScriptView view = store_->read();
        const auto found = view.answers.find(key);
        if (found == view.answers.end()) {
            return problem(Problem::not_found,
                           fmt::format("there is no answer for {} {}", key.name, upstream::type_to_text(key.type)));
        }
        return json_response(answer_to_json(found->first, found->second), script_tag(view.revision), status);
    }

    std::shared_ptr<ScriptStore> store_;
};

}  // namespace

void add_answer_resources(Router& router, std::shared_ptr<ScriptStore> store) {
    const ScriptStore* script = store.get();
    const auto answers = std::make_shared<AnswerResources>(std::move(store));
    const auto add = [&](Router::Route route) { add_script_route(router, script, std::move(route)); };
    constexpr auto json_type = "application/json";
    const std::string one = "/v1/answers/{name}/{type}";
    add({"GET", "/v1/answers", "", [answers](const HttpRequest&, const Parameters&) { return answers->get_all(); }});
    add({"PUT", "/v1/answers", json_type,
         [answers](const HttpRequest& request, const Parameters&) { return answers->put_all(request); }});
    add({"DELETE", "/v1/answers", "",
         [answers](const HttpRequest& request, const Parameters&) { return answers->delete_all(request); }});
    add({"GET", one, "", [answers](const HttpRequest&, const Parameters& of) { return answers->get(of); }});
    add({"PUT", one, json_type,
         [answers](const HttpRequest& request, const Parameters& of) { return answers->put(request, of); }});
    add({"DELETE", one, "",
         [answers](const HttpRequest& request, const Parameters& of) { return answers->remove(request, of); }});
}

}  // namespace uncut::harness
