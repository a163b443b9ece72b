// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/behind.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

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

std::unexpected<JsonError> wrong(std::string pointer, std::string expected, std::string got) {
    return std::unexpected(
        JsonError{JsonError::Kind::wrong_value, std::move(pointer), std::move(expected), std::move(got)});
}

std::expected<std::vector<Address>, JsonError> read_upstreams(const json::value& body) {
    if (!body.is_object()) return wrong("", "an object with the member upstreams", json_excerpt(body));
    for (const auto& [key, value] : body.get_object()) {
        if (key == "upstreams") continue;
        return std::unexpected(JsonError{JsonError::Kind::unknown_field,
                                         json_pointer("", std::string_view(key.data(), key.size())),
                                         "the member upstreams alone", "another member"});
    }
    const json::value* list = body.get_object().if_contains("upstreams");
    if (list == nullptr) {
        return std::unexpected(JsonError{JsonError::Kind::missing_field, "/upstreams", "an array of addresses", ""});
    }
    const std::string expected = fmt::format("an array of 1 to {} addresses", UNCUT_UPSTREAMS_MAX);
    if (!list->is_array()) return wrong("/upstreams", expected, json_excerpt(*list));
    const json::array& array = list->get_array();
    if (array.empty() || array.size() > UNCUT_UPSTREAMS_MAX) {
        return wrong("/upstreams", expected, fmt::format("{} of them", array.size()));
    }
    std::vector<Address> upstreams;
    for (std::size_t i = 0; i < array.size(); ++i) {
        static constexpr std::string_view form = "\"ADDR\" or \"ADDR:PORT\", port 1 to 65535";
        const std::string at = json_pointer("/upstreams", i);
        if (!array[i].is_string()) return wrong(at, std::string(form), json_excerpt(array[i]));
        const auto address = Address::parse(std::string_view(array[i].get_string()), dns_port);
        if (!address || address->port() == 0) return wrong(at, std::string(form), json_excerpt(array[i]));
        upstreams.push_back(*address);
    }
    return upstreams;
}

HttpResponse put_upstreams(const HttpRequest& request, Switchboard& switchboard) {
    const auto precondition = precondition_of(request);
    if (!precondition) return precondition.error();
    const auto body = json_body(request);
    if (!body) return body.error();
    auto upstreams = read_upstreams(*body);
    if (!upstreams) return problem(upstreams.error());
    if (!precondition->holds(tag_of(switchboard))) return precondition_failed(tag_of(switchboard));
    if (const auto done = switchboard.set_upstreams(std::move(*upstreams)); !done) {
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
