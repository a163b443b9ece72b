// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/exchange_json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "harness/admin/message_json.hpp"
#include "harness/message/text.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

std::string_view kind_text(ExchangeEvent::Kind kind) {
    static constexpr std::string_view texts[] = {"query",  "ask",     "answer",  "ignored",
                                                 "failed", "timeout", "deliver", "drop"};
    return texts[static_cast<std::size_t>(kind)];
}

std::string_view outcome_name(std::uint32_t outcome) {
    switch (outcome) {
        case UNCUT_OUTCOME_DELIVERED:
            return "delivered";
        case UNCUT_OUTCOME_STREAM:
            return "streamed";
        default:
            return "dropped";
    }
}

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

template <typename Value>
json::value or_null(const std::optional<Value>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

json::value transport_or_null(std::uint32_t transport) {
    return transport == 0 ? json::value(nullptr) : text_or_null(transport_text(transport));
}

json::value verdict_or_null(const std::optional<std::uint32_t>& verdict) {
    return verdict ? text_or_null(verdict_text(*verdict)) : json::value(nullptr);
}

json::object event_to_json(const ExchangeEvent& event, const uncut_module& module, ExchangeDetail detail) {
    json::object row{
        {"at_us", event.at_us},
        {"kind", json::string(kind_text(event.kind))},
        {"transport", transport_or_null(event.transport)},
        {"upstream", event.upstream ? json::value(event.upstream->text()) : json::value(nullptr)},
        {"octets", or_null(event.octets)},
        {"tc", or_null(event.tc)},
        {"verdict", verdict_or_null(event.verdict)},
        {"cause", event.cause == UNCUT_CAUSE_NONE ? json::value(nullptr) : text_or_null(cause_text(event.cause))},
        {"shared", event.shared}};
    if (detail == ExchangeDetail::whole) {
        row["message"] = event.message.empty() ? json::value(nullptr) : message_to_json(event.message, module, true);
    }
    return row;
}

}  // namespace

json::object exchange_to_json(const ExchangeRecord& record, const uncut_module& module, ExchangeDetail detail) {
    const bool whole = detail == ExchangeDetail::whole;
    json::object query = message_to_json(record.query, module, whole);
    json::array events;
    for (const ExchangeEvent& event : record.events) events.push_back(event_to_json(event, module, detail));
    json::object exchange{{"number", record.number},
                          {"server", record.server},
                          {"time", time_text(record.time_us)},
                          {"client", record.client.text()},
                          {"transport", transport_or_null(record.transport)},
                          {"name", nullptr},
                          {"type", nullptr},
                          {"class", nullptr},
                          {"revision", record.revision == 0 ? json::value(nullptr) : json::value(record.revision)},
                          {"outcome", json::string(outcome_name(record.outcome))},
                          {"cause", json::string(cause_text(record.cause))},
                          {"verdict", verdict_or_null(record.verdict)},
                          {"upstream_transport", transport_or_null(record.upstream_transport)},
                          {"duration_us", record.duration_us}};
    if (const json::object* question = query.at("question").if_object()) {
        for (const char* member : {"name", "type", "class"}) exchange[member] = question->at(member);
    }
    exchange["query"] = std::move(query);
    exchange["response"] =
        record.response.empty() ? json::value(nullptr) : message_to_json(record.response, module, whole);
    exchange["events"] = std::move(events);
    exchange["events_omitted"] = record.events_omitted;
    return exchange;
}

std::string time_text(std::int64_t time_us) {
    constexpr std::int64_t us_per_s = 1'000'000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(static_cast<std::time_t>(time_us / us_per_s)),
                       time_us % us_per_s);
}

}  // namespace uncut::harness
