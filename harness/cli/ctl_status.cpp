// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "harness/admin/json_text.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_verbs.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

std::string upstreams_text(const json::value& body) {
    std::string text;
    for (const json::value& upstream : elements(member(body, "upstreams"))) text += ctl_text(upstream) + "\n";
    return text;
}

std::string module_text(const json::value& body) {
    return ctl_table({{"path", ctl_text(body, "path")},
                      {"version", ctl_text(body, "version")},
                      {"ABI", ctl_text(body, "abi")},
                      {"loads", ctl_text(body, "loads")}});
}

std::string listeners_text(const json::value& body) {
    std::vector<std::vector<std::string>> rows;
    for (const json::value& listener : elements(member(body, "listeners"))) {
        rows.push_back({ctl_text(listener, "name"), ctl_text(listener, "address"), ctl_text(listener, "transports")});
    }
    return ctl_table(rows);
}

}  // namespace

CtlDone ctl_status(const Ctl& ctl) {
    const auto health = ctl.get("/health");
    if (!health) return std::unexpected(health.error());
    // That it is not ready is a refusal elsewhere; here it is what was asked for.
    const auto ready = ctl.ask({.method = "GET", .target = "/ready", .headers = {}, .body = {}});
    if (!ready) return std::unexpected(ready.error());
    const auto version = ctl.get("/version");
    if (!version) return std::unexpected(version.error());

    const auto readiness = parse_json(ready->body);
    const bool is_ready = ready->status == 200;
    if (!is_ready && ready->status != 503) return std::unexpected(ctl_error_of(*ready, ctl.peer()));
    const json::value said = readiness ? *readiness : json::value();
    const json::value& abi = member(version->json, "abi");
    const std::string text =
        ctl.json()
            ? json::serialize(json::object{{"health", health->json}, {"ready", said}, {"version", version->json}}) +
                  "\n"
            : ctl_table(
                  {{"admin", ctl.peer().url()},
                   {"health", ctl_text(health->json, "status")},
                   {"ready", is_ready ? "yes" : "no: " + ctl_text(said, "not_ready")},
                   {"harness", fmt::format("{}, ABI {}", ctl_text(version->json, "harness"), ctl_text(abi, "harness"))},
                   {"module", fmt::format("{}, ABI {}", ctl_text(version->json, "module"), ctl_text(abi, "module"))},
                   {"ABI", ctl_text(abi, "negotiated")}});
    if (auto printed = ctl.print(text); !printed) return printed;
    return is_ready ? CtlDone() : std::unexpected(CtlError{1, "", 0});
}

CtlDone ctl_metrics(const Ctl& ctl) {
    const auto reply = ctl.get("/metrics");
    if (!reply) return std::unexpected(reply.error());
    std::string text;
    for (std::string_view left = reply->body; !left.empty();) {
        const std::size_t end = std::min(left.find('\n'), left.size());
        text += printable(left.substr(0, end)) + "\n";
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return ctl.print(text);
}

CtlDone ctl_listeners(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/listeners");
    return reply ? ctl.show(*reply, listeners_text) : std::unexpected(reply.error());
}

CtlDone ctl_upstreams_get(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/upstreams");
    return reply ? ctl.show(*reply, upstreams_text) : std::unexpected(reply.error());
}

CtlDone ctl_upstreams_set(const Ctl& ctl, const std::vector<std::string>& addresses) {
    json::array list;
    for (const std::string& address : addresses) list.emplace_back(address);
    const auto reply = ctl.put("/v1/upstreams", json::object{{"upstreams", std::move(list)}});
    if (!reply) return std::unexpected(reply.error());
    return ctl.done(*reply, fmt::format("upstreams: {}", ctl_text(reply->json, "upstreams")));
}

CtlDone ctl_module_get(const Ctl& ctl) {
    const auto reply = ctl.get("/v1/module");
    return reply ? ctl.show(*reply, module_text) : std::unexpected(reply.error());
}

CtlDone ctl_module_reload(const Ctl& ctl) {
    const auto reply = ctl.post("/v1/module/reload", json::object());
    return reply ? ctl.show(*reply, module_text) : std::unexpected(reply.error());
}

CtlDone ctl_reset(const Ctl& ctl) {
    const auto reply = ctl.post("/v1/reset", json::object());
    return reply ? ctl.done(*reply, "all is as it was at the start") : std::unexpected(reply.error());
}

}  // namespace uncut::harness
