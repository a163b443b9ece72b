// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/behind.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "harness/admin/json_fields.hpp"
#include "harness/admin/precondition.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

constexpr std::uint16_t dns_port = 53;

std::string tag_of(const Switchboard& switchboard) {
    return fmt::format("{}", switchboard.upstreams_revision());
}

HttpResponse get_upstreams(const Switchboard& switchboard) {
    json::array upstreams;
    for (const Address& address : switchboard.upstreams()) upstreams.emplace_back(address.text());
    return json_response({{"upstreams", std::move(upstreams)}}, tag_of(switchboard));
}

std::vector<Address> read_upstreams(JsonFields& fields) {
    static constexpr std::string_view form = "\"ADDR\" or \"ADDR:PORT\", port 1 to 65535";
    const std::string expected = fmt::format("an array of 1 to {} addresses", UNCUT_UPSTREAMS_MAX);
    std::vector<Address> upstreams;
    const json::value* list = fields.value("upstreams");
    if (list == nullptr || !list->is_array()) {
        fields.fault("upstreams", expected, list == nullptr ? "nothing" : json_excerpt(*list));
        return upstreams;
    }
    const json::array& array = list->get_array();
    if (array.empty() || array.size() > UNCUT_UPSTREAMS_MAX) {
        fields.fault("upstreams", expected, fmt::format("{} of them", array.size()));
        return upstreams;
    }
    for (std::size_t i = 0; i < array.size(); ++i) {
        const auto address = Address::parse(
            array[i].is_string() ? std::string_view(array[i].get_string()) : std::string_view(), dns_port);
        if (!address || address->port() == 0) {
            fields.fault(fmt::format("upstreams/{}", i), std::string(form), json_excerpt(array[i]));
            return upstreams;
        }
        upstreams.push_back(*address);
    }
    return upstreams;
}

HttpResponse put_upstreams(const HttpRequest& request, Switchboard& switchboard) {
    const auto precondition = precondition_of(request);
    if (!precondition) return precondition.error();
    const auto body = json_body(request);
    if (!body) return body.error();
    JsonFields fields(*body, "");
    std::vector<Address> upstreams = read_upstreams(fields);
    if (const auto error = fields.error()) return problem(*error);
    if (!precondition->holds(tag_of(switchboard))) return precondition_failed(tag_of(switchboard));
    if (const auto done = switchboard.set_upstreams(std::move(upstreams)); !done) {
        return problem(
            JsonError{JsonError::Kind::wrong_value, "/upstreams", "servers that can be asked", done.error()});
    }
    return get_upstreams(switchboard);
}

HttpResponse get_module(const Switchboard& switchboard) {
    const Module& module = switchboard.module();
    return json_response({{"path", switchboard.path().string()},
                          {"version", module->version},
                          {"abi", fmt::format("{}.{}", UNCUT_ABI_MAJOR, module.minor())},
                          {"loads", switchboard.loads()}});
}

HttpResponse reload(const HttpRequest& request, Switchboard& switchboard) {
    if (auto refused = refuse_body(request)) return std::move(*refused);
    if (const auto done = switchboard.reload(); !done) {
        return problem(Problem::conflict, fmt::format("{}; the module that was loaded before goes on", done.error()));
    }
    return get_module(switchboard);
}

}  // namespace

void add_behind_resources(Router& router, std::shared_ptr<Switchboard> switchboard) {
    const auto add = [&](const char* method, const char* pattern, const char* type, auto handle) {
        router.add({method, pattern, type, [switchboard, handle](const HttpRequest& request, const Parameters&) {
                        return handle(request, *switchboard);
                    }});
    };
    using Board = Switchboard;
    add("GET", "/v1/upstreams", "", [](const HttpRequest&, Board& board) { return get_upstreams(board); });
    add("PUT", "/v1/upstreams", "application/json", put_upstreams);
    add("GET", "/v1/module", "", [](const HttpRequest&, Board& board) { return get_module(board); });
    add("POST", "/v1/module/reload", "", reload);
}

}  // namespace uncut::harness
