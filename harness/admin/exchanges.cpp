// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/exchanges.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <limits>
#include <span>

#include "harness/admin/exchange_json.hpp"
#include "harness/admin/problem.hpp"
#include "harness/admin/query_parameters.hpp"
#include "harness/admin/responses.hpp"
#include "harness/message/text.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Parameters = Router::Parameters;

constexpr std::uint64_t limit_default = 100;
constexpr std::uint64_t limit_max = 1000;
// Of a page, counted in octets of messages, each of which takes several as JSON. More is for the next page.
constexpr std::size_t page_octets_max = 8U << 20;
constexpr std::size_t stream_step = 20;  // exchanges in one piece of a stream

struct Wanted {
    ExchangeFilter filter;
    std::optional<std::uint64_t> after;
    std::size_t limit = limit_default;
};

std::optional<std::uint32_t> transport_of(const std::optional<std::string>& word) {
    if (!word) return std::nullopt;
    return *word == "tcp" ? UNCUT_TRANSPORT_TCP : UNCUT_TRANSPORT_UDP;
}

std::optional<std::uint32_t> verdict_of(const std::optional<std::string>& word) {
    if (!word) return std::nullopt;
    std::uint32_t verdict = UNCUT_VERDICT_WHOLE;
    while (verdict < UNCUT_VERDICT_NOT_OURS && verdict_text(verdict) != *word) ++verdict;
    return verdict;
}

std::expected<Wanted, HttpResponse> wanted_by(const HttpRequest& request) {
    const auto query = QueryParameters::parse(request, {"server", "name", "verdict", "transport", "after", "limit"});
    if (!query) return std::unexpected(query.error());
    Wanted wanted;
    wanted.filter.server = query->text("server").value_or("");
    wanted.filter.name = query->text("name").value_or("");
    const auto verdict =
        query->word("verdict", {"whole", "truncated", "cut", "oversize", "dangling_cname", "malformed", "not_ours"});
    if (!verdict) return std::unexpected(verdict.error());
    const auto transport = query->word("transport", {"udp", "tcp"});
    if (!transport) return std::unexpected(transport.error());
    const auto after = query->number("after", 0, std::numeric_limits<std::int64_t>::max());
    if (!after) return std::unexpected(after.error());
    const auto limit = query->number("limit", 1, limit_max);
    if (!limit) return std::unexpected(limit.error());
    wanted.filter.verdict = verdict_of(*verdict);
    wanted.filter.transport = transport_of(*transport);
    wanted.after = *after;
    wanted.limit = static_cast<std::size_t>(limit->value_or(limit_default));
    return wanted;
}

/// As many as a page holds, and one at least: the oldest where they are read onwards, else the newest.
std::span<const Journal::Entry> within_a_page(const std::vector<Journal::Entry>& found, bool onwards) {
    std::size_t octets = 0;
    std::size_t count = 0;
    while (count < found.size()) {
        octets += found[onwards ? count : found.size() - 1 - count]->octets();
        if (count > 0 && octets > page_octets_max) break;
        ++count;
    }
    const std::span all(found);
    return onwards ? all.first(count) : all.last(count);
}

HttpResponse list(const HttpRequest& request, const Journal& journal, const uncut_module& module) {
    const auto wanted = wanted_by(request);
    if (!wanted) return wanted.error();
    const auto found = wanted->after ? journal.after(*wanted->after, wanted->filter, wanted->limit).entries
                                     : journal.newest(wanted->filter, wanted->limit);
    json::array exchanges;
    for (const auto& entry : within_a_page(found, wanted->after.has_value()))
        exchanges.push_back(exchange_to_json(*entry, module, ExchangeDetail::listed));
    return json_response({{"exchanges", std::move(exchanges)}, {"last", journal.last()}, {"oldest", journal.oldest()}});
}

HttpResponse get(const std::string& text, const Journal& journal, const uncut_module& module) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool read = error == std::errc{} && end == text.data() + text.size();
    const auto entry = read ? journal.find(number) : nullptr;
    if (!entry) {
        return problem(Problem::not_found, fmt::format("there is no exchange {}: the journal has {} to {}", text,
                                                       journal.oldest(), journal.last()));
    }
    return json_response(exchange_to_json(*entry, module, ExchangeDetail::whole));
}

/// Server-sent events (HTML Living Standard, 9.2): each exchange one event, its number the event's ID.
class ExchangeStream final : public HttpStream {
  public:
    ExchangeStream(std::shared_ptr<Journal> journal, std::shared_ptr<Switchboard> switchboard, ExchangeFilter filter,
                   std::uint64_t after)
        : journal_(std::move(journal)),
          switchboard_(std::move(switchboard)),
          filter_(std::move(filter)),
          after_(after) {}

    std::string next() override {
        std::string piece;
        const Journal::Page page = journal_->after(after_, filter_, stream_step);
        after_ = page.reached;
        for (const auto& entry : page.entries) {
            piece +=
                fmt::format("id: {}\nevent: exchange\ndata: {}\n\n", entry->number,
                            json::serialize(exchange_to_json(*entry, switchboard_->decoder(), ExchangeDetail::listed)));
        }
        return piece;
    }
    std::string heartbeat() override { return ":\n\n"; }

  private:
    std::shared_ptr<Journal> journal_;
    std::shared_ptr<Switchboard> switchboard_;
    ExchangeFilter filter_;
    std::uint64_t after_;
};

// Where a stream begins: behind what the client says that it has, else with what comes from now on.
std::expected<std::uint64_t, HttpResponse> stream_start(const HttpRequest& request, const Wanted& wanted,
                                                        const Journal& journal) {
    const std::string_view last = request.header("Last-Event-ID");
    if (last.empty()) return wanted.after.value_or(journal.last());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), number);
    if (error == std::errc{} && end == last.data() + last.size()) return number;
    return std::unexpected(problem(Problem::bad_request, "expected a number in Last-Event-ID"));
}

HttpResponse stream(const HttpRequest& request, const std::shared_ptr<Journal>& journal,
                    const std::shared_ptr<Switchboard>& switchboard) {
    const auto wanted = wanted_by(request);
    if (!wanted) return wanted.error();
    const auto start = stream_start(request, *wanted, *journal);
    if (!start) return start.error();
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.body = ":\n\n";  // so that the client sees at once that it is connected
    response.stream = std::make_shared<ExchangeStream>(journal, switchboard, wanted->filter, *start);
    return response;
}

}  // namespace

void add_exchange_resources(Router& router, std::shared_ptr<Journal> journal,
                            std::shared_ptr<Switchboard> switchboard) {
    const auto add = [&](const char* method, const char* pattern, auto handle) {
        router.add({method, pattern, "", [journal, handle](const HttpRequest& request, const Parameters& of) {
                        if (journal) return handle(request, of);
                        return problem(Problem::conflict, "the journal is off: --journal N turns it on");
                    }});
    };
    add("GET", "/v1/exchanges",
        [=](const HttpRequest& request, const Parameters&) { return list(request, *journal, switchboard->decoder()); });
    add("DELETE", "/v1/exchanges", [=](const HttpRequest&, const Parameters&) {
        journal->clear();
        return no_content();
    });
    // Before the next one, which would take the word for a number.
    add("GET", "/v1/exchanges/stream",
        [=](const HttpRequest& request, const Parameters&) { return stream(request, journal, switchboard); });
    add("GET", "/v1/exchanges/{number}",
        [=](const HttpRequest&, const Parameters& of) { return get(of[0], *journal, switchboard->decoder()); });
}

}  // namespace uncut::harness
