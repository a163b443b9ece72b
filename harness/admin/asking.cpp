// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/asking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "harness/admin/json_fields.hpp"
#include "harness/admin/message_json.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/responses.hpp"
#include "harness/message/text.hpp"
#include "harness/probe/probe_client.hpp"
#include "harness/probe/probe_report.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

// Beyond the longest deadline that a policy has by default: whoever asks wants to see how it ends.
constexpr ProbeTimeouts ask_timeouts{.udp_ms = 6000, .udp_tries = 1, .connect_ms = 3000, .tcp_ms = 6000};

using Listeners = std::vector<Listener>;

// A server that listens at a wildcard address is asked on loopback.
std::optional<Address> find(const Listeners& listeners, std::string_view name) {
    const auto found = std::ranges::find(listeners, name, &Listener::name);
    if (found == listeners.end()) return std::nullopt;
    const Address& address = found->address;
    if (!address.is_any()) return address;
    return address.is_v6() ? Address::parse(fmt::format("[::1]:{}", address.port()), std::nullopt).value_or(address)
                           : Address::loopback(address.port());
}

/// The members that both bodies have; faults stay in `fields`.
struct Question {
    std::string name;  // in wire form
    std::uint16_t type = 1;
};

Question read_question(JsonFields& fields) {
    Question question;
    const auto name = fields.text("name");
    if (!name) fields.fault("name", "a domain name", "nothing");
    if (const auto wire = upstream::name_from_text(name.value_or("."))) {
        question.name = *wire;
    } else {
        fields.fault("name", "a domain name", wire.error());
    }
    if (const auto type = probe_type(fields.text("type").value_or("A"))) {
        question.type = *type;
    } else {
        fields.fault("type", "the mnemonic of a type that one answer can be given to", type.error());
    }
    return question;
}

HttpResponse post_probe(const HttpRequest& request, const Listeners& listeners, const uncut_module& module) {
    const auto body = json_body(request);
    if (!body) return body.error();
    JsonFields fields(*body, "");
    const Question question = read_question(fields);
    ProbeTarget target{question.name, question.type, {}};
    if (const auto server = fields.text("server")) {
        const auto address = probe_server(*server);
        if (!address) fields.fault("server", "ADDR or ADDR:PORT", address.error());
        target.server = address.value_or(Address());
    } else {
        target.server = find(listeners, "uncut").value_or(Address());
    }
    if (const auto error = fields.error()) return problem(*error);
    return json_response(report_to_json(probe(target, module)));
}

struct Ask {
    Question question;
    Address server;
    bool tcp = false;
    std::optional<std::uint16_t> bufsize = probe_tcp_bufsize;
    bool dnssec_ok = false;
    bool retry = true;
};

Ask read_ask(JsonFields& fields, const Listeners& listeners) {
    Ask ask;
    ask.question = read_question(fields);
    const std::string server = fields.word("server", {"uncut", "before", "upstream"}).value_or("uncut");
    const auto address = find(listeners, server);
    if (!address) fields.fault("server", "a server that this program runs", fmt::format("\"{}\"", server));
    ask.server = address.value_or(Address());
    ask.tcp = fields.word("transport", {"udp", "tcp"}).value_or("udp") == "tcp";
    if (fields.is_null("bufsize")) {
        ask.bufsize.reset();
    } else if (const auto bufsize = fields.integer("bufsize", 0, 65535)) {
        ask.bufsize = static_cast<std::uint16_t>(*bufsize);
    }
    ask.dnssec_ok = fields.boolean("dnssec").value_or(false);
    ask.retry = fields.boolean("retry").value_or(true);
    if (ask.dnssec_ok && !ask.bufsize) fields.fault("dnssec", "false where bufsize is null: DO needs an OPT", "true");
    return ask;
}

json::object row_to_json(const ProbeRow& row, const uncut_module& module) {
    return {{"transport", row.tcp ? "tcp" : "udp"},
            {"time_us", static_cast<std::uint64_t>(row.time_ms * 1000)},
            {"outcome", json::string(outcome_word(row.outcome))},
            {"message", row.message.empty() ? json::value(nullptr) : message_to_json(row.message, module, true)}};
}

HttpResponse post_ask(const HttpRequest& request, const Listeners& listeners, const uncut_module& module) {
    const auto body = json_body(request);
    if (!body) return body.error();
    JsonFields fields(*body, "");
    const Ask ask = read_ask(fields, listeners);
    if (const auto error = fields.error()) return problem(*error);
    const ProbeQuestion question{ask.question.name, ask.question.type, ask.dnssec_ok};
    const auto over_tcp = [&] { return ask_tcp(ask.server, question, ask_timeouts, module, ask.bufsize); };
    json::array answers;
    if (ask.tcp) {
        answers.push_back(row_to_json(over_tcp(), module));
    } else {
        const ProbeRow first = ask_udp(ask.server, question, ask.bufsize, ask_timeouts, module);
        answers.push_back(row_to_json(first, module));
        // As every ordinary client does: RFC 7766 5.
        if (ask.retry && first.answered() && first.tc) answers.push_back(row_to_json(over_tcp(), module));
    }
    return json_response({{"answers", std::move(answers)}});
}

}  // namespace

void add_asking_resources(Router& router, std::vector<Listener> listeners, const uncut_module& module) {
    const auto add = [&](const char* pattern, auto handle) {
        router.add({"POST", pattern, "application/json",
                    [listeners, &module, handle](const HttpRequest& request, const Parameters&) {
                        return handle(request, listeners, module);
                    },
                    true});
    };
    add("/v1/probe", post_probe);
    add("/v1/ask", post_ask);
}

}  // namespace uncut::harness
