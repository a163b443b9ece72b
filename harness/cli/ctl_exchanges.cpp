// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "harness/admin/json_text.hpp"
#include "harness/cli/ctl_message.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/cli/ctl_verbs.hpp"
#include "harness/cli/event_reader.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

std::string query_of(const CtlExchanges& filter, const std::optional<std::string>& after) {
    return ctl_query({{"server", filter.server},
                      {"name", filter.name},
                      {"verdict", filter.verdict},
                      {"transport", filter.transport},
                      {"after", after},
                      {"limit", filter.limit}});
}

/// Prints exchanges as they end, until a signal, or until nobody reads what is printed.
class Follower {
  public:
    Follower(const Ctl& ctl, const CtlExchanges& filter) : ctl_(ctl), filter_(filter) {}

    CtlDone run() {
        bool more = true;
        while (more) {
            auto response = stream_.open(ctl_.peer(), request());
            if (!response) return failed(response.error());
            if (response->status != 200) return std::unexpected(ctl_error_of(*response, ctl_.peer()));
            auto connection = read();
            if (!connection) return std::unexpected(std::move(connection.error()));
            more = *connection;
        }
        return {};
    }

  private:
    HttpRequest request() const {
        HttpRequest request;
        request.method = "GET";
        request.headers.push_back({"Accept", "text/event-stream, application/problem+json"});
        if (!last_id_.empty()) request.headers.push_back({"Last-Event-ID", last_id_});
        request.target = "/v1/exchanges/stream" + query_of(filter_, last_id_.empty() ? filter_.after : std::nullopt);
        return request;
    }

    CtlDone failed(const HttpFailure& failure) const {
        if (!failure.nobody && failure.reason.empty()) return {};  // a signal: what was wanted
        CtlError error = ctl_error_of(failure, ctl_.peer());
        if (was_connected_) error.text = "the stream ended, and then: " + error.text;
        return std::unexpected(std::move(error));
    }

    // Reads one connection to its end. True: worth another, for something had come by it.
    CtlResult<bool> read() {
        bool something = false;
        was_connected_ = true;
        reader_.restart();
        while (true) {
            const HttpFeed::Part part = stream_.read();
            if (part.kind == HttpFeed::Part::Kind::signal) return false;
            if (part.kind == HttpFeed::Part::Kind::end && something) return true;
            if (part.kind == HttpFeed::Part::Kind::end) {
                return ctl_misused(fmt::format("{}: the stream ended", ctl_.peer().url()));
            }
            something = true;
            // Nothing to print is printed too: that is how it is found out that nobody reads any more.
            std::string lines;
            for (const EventReader::Event& event : reader_.feed(part.octets)) lines += take(event);
            if (auto printed = ctl_.print(lines); !printed) return std::unexpected(printed.error());
            if (reader_.overflowed()) return ctl_misused(fmt::format("{}: an event too long", ctl_.peer().url()));
        }
    }

    std::string take(const EventReader::Event& event) {
        last_id_ = event.id;
        if (event.name != "exchange") return "";
        if (ctl_.json()) return event.data + "\n";
        const auto exchange = parse_json(event.data);
        return exchange ? ctl_exchange_line(*exchange) : "";
    }

    const Ctl& ctl_;
    const CtlExchanges& filter_;
    HttpFeed stream_;
    EventReader reader_;
    std::string last_id_;
    bool was_connected_ = false;
};

}  // namespace

CtlDone ctl_exchanges(const Ctl& ctl, const CtlExchanges& filter) {
    if (filter.follow) return Follower(ctl, filter).run();
    const auto reply = ctl.get("/v1/exchanges" + query_of(filter, filter.after));
    if (!reply) return std::unexpected(reply.error());
    std::string lines;
    for (const json::value& exchange : elements(member(reply->json, "exchanges"))) {
        lines += ctl.json() ? json::serialize(exchange) + "\n" : ctl_exchange_line(exchange);
    }
    return ctl.print(lines);
}

CtlDone ctl_exchanges_clear(const Ctl& ctl) {
    const auto reply = ctl.remove("/v1/exchanges");
    return reply ? ctl.done(*reply, "no exchange is left") : std::unexpected(reply.error());
}

CtlDone ctl_exchange(const Ctl& ctl, const std::string& number) {
    const auto reply = ctl.get(ctl_path("/v1/exchanges", {number}));
    return reply ? ctl.show(*reply, ctl_exchange_text) : std::unexpected(reply.error());
}

}  // namespace uncut::harness
