// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/check_names.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr std::uint32_t module_counters_max = 1'024;  // the module has some sixty; one that never ends is broken
constexpr double us_per_s = 1e6;

// The serializer escapes labels and leaves the help as it is, where a backslash and an end of line must not be.
std::string help_text(std::string_view help) {
    std::string text;
    for (const char c : utf8_text(help)) {
        if (c == '\\') {
            text += "\\\\";
        } else if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    return text;
}

/// The families in the order in which they are first met, each once: the format has no name twice.
class Families {
  public:
    void counter(std::string_view name, std::string_view help, Labels labels, std::uint64_t value) {
        ClientMetric metric = labelled(std::move(labels));
        metric.counter.value = static_cast<double>(value);
        add(fmt::format("{}_total", name), help, MetricType::Counter, std::move(metric));
    }
    void gauge(std::string_view name, std::string_view help, Labels labels, double value) {
        ClientMetric metric = labelled(std::move(labels));
        metric.gauge.value = value;
        add(std::string(name), help, MetricType::Gauge, std::move(metric));
    }
    template <const auto& Bounds>
    void histogram(std::string_view name, std::string_view help, Labels labels, const Histogram<Bounds>& values,
                   double per_unit) {
        ClientMetric metric = labelled(std::move(labels));
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < Bounds.size(); ++i) {
            count += values.counts[i];
            metric.histogram.bucket.push_back({count, static_cast<double>(Bounds[i]) / per_unit});
        }
        metric.histogram.sample_count = count + values.counts.back();
        metric.histogram.sample_sum = static_cast<double>(values.sum) / per_unit;
        add(std::string(name), help, MetricType::Histogram, std::move(metric));
    }

    const std::vector<MetricFamily>& all() const { return families_; }

  private:
    static ClientMetric labelled(Labels labels) {
        ClientMetric metric;
        for (ClientMetric::Label& label : labels) label.value = utf8_text(label.value);
        metric.label = std::move(labels);
        return metric;
    }

    void add(std::string name, std::string_view help, MetricType type, ClientMetric metric) {
        name = "uncut_" + name;
        // A module may call its counters as it likes; what is no name would spoil the whole page.
        if (!prometheus::CheckMetricName(name)) return;
        auto family = std::ranges::find(families_, name, &MetricFamily::name);
        if (family == families_.end()) {
            families_.push_back({name, help_text(help), type, {}});
            family = std::prev(families_.end());
        }
        if (family->type == type) family->metric.push_back(std::move(metric));
    }

    std::vector<MetricFamily> families_;
};

void add_module(Families& families, const ServerMetrics& source) {
    for (const ModuleCounter& counter : source.module) {
        Labels labels{{"server", source.server}};
        if (!counter.cause.empty()) labels.push_back({"cause", counter.cause});
        families.counter(counter.name, counter.help, std::move(labels), counter.value);
    }
}

void add_queries(Families& families, const ServerMetrics& source) {
    const ServerCounters& counters = source.counters;
    const auto labels = [&source](std::string name, std::string_view value) {
        return Labels{{"server", source.server}, {std::move(name), std::string(value)}};
    };
    const Labels server{{"server", source.server}};
    families.counter("server_queries", "queries accepted from clients", labels("transport", "udp"),
                     counters.queries_udp);
    families.counter("server_queries", "", labels("transport", "tcp"), counters.queries_tcp);
    families.counter("server_answers", "answers that the system took", labels("transport", "udp"),
                     counters.answered_udp);
    families.counter("server_answers", "", labels("transport", "tcp"), counters.answered_tcp);
    for (std::size_t i = 0; i < drop_cause_count; ++i) {
        families.counter("server_dropped", "accepted queries that got no answer",
                         labels("cause", drop_cause_name(static_cast<DropCause>(i))), counters.dropped[i]);
    }
    families.gauge("server_in_flight", "queries that wait for their answer", server,
                   static_cast<double>(counters.in_flight));
    families.counter("server_refused_full", "answers that are SERVFAIL because too many queries were in flight", server,
                     counters.refused_full);
    families.counter("server_truncated_late", "answers with TC because the system found the datagram too long", server,
                     counters.truncated_late);
    families.counter("server_stream_messages", "messages of zone transfers, beside the last", server,
                     counters.stream_messages);
    families.counter("server_datagrams_not_allowed", "datagrams of clients that may not ask", server,
                     counters.datagrams_not_allowed);
}

void add_connections(Families& families, const ServerMetrics& source) {
    const ServerCounters& counters = source.counters;
    const Labels server{{"server", source.server}};
    families.counter("server_connections_accepted", "TCP connections of clients", server,
                     counters.connections_accepted);
    families.gauge("server_connections_open", "TCP connections of clients that are open", server,
                   static_cast<double>(counters.connections_open));
    families.counter("server_connections_idle_closed", "TCP connections closed after silence", server,
                     counters.connections_idle_closed);
    for (std::size_t i = 0; i < refusal_cause_count; ++i) {
        families.counter(
            "server_connections_refused", "TCP connections refused",
            {{"server", source.server}, {"cause", std::string(refusal_cause_name(static_cast<RefusalCause>(i)))}},
            counters.connections_refused[i]);
    }
}

void add_histograms(Families& families, const ServerMetrics& source) {
    const std::pair<const char*, const ResponseHistograms&> transports[] = {{"udp", source.counters.responses_udp},
                                                                            {"tcp", source.counters.responses_tcp}};
    for (const auto& [transport, responses] : transports) {
        const Labels labels{{"server", source.server}, {"transport", transport}};
        families.histogram("server_response_octets", "sizes of responses, by the client's transport", labels,
                           responses.octets, 1);
        families.histogram("server_latency_seconds", "time from a query to its response, by the client's transport",
                           labels, responses.latency_us, us_per_s);
    }
}

}  // namespace

std::vector<ModuleCounter> read_module_counters(const uncut_module& module, uncut_instance* instance) {
    std::vector<std::uint64_t> values(module_counters_max);
    std::size_t count = 0;
    if (module.counters(instance, values.data(), values.size(), &count) != UNCUT_OK) return {};
    std::vector<ModuleCounter> counters;
    for (std::uint32_t i = 0; i < std::min(count, values.size()); ++i) {
        uncut_counter_info info{};
        info.size = UNCUT_STRUCT_SIZE(uncut_counter_info, help);
        if (module.counter_info(i, &info) != UNCUT_OK) continue;
        counters.push_back({info.name, info.cause, info.help, values[i]});
    }
    return counters;
}

std::string render_metrics(const Metrics& metrics) {
    Families families;
    families.gauge("build_info", "always 1: what runs",
                   {{"harness", metrics.harness_version}, {"module", metrics.module_version}, {"abi", metrics.abi}}, 1);
    for (const ServerMetrics& source : metrics.servers) {
        add_module(families, source);
        add_queries(families, source);
        add_connections(families, source);
        add_histograms(families, source);
    }
    for (const ProgramMetric& metric : metrics.program) {
        if (metric.is_counter) {
            families.counter(metric.name, metric.help, {}, static_cast<std::uint64_t>(metric.value));
        } else {
            families.gauge(metric.name, metric.help, {}, metric.value);
        }
    }
    return prometheus::TextSerializer().Serialize(families.all());
}

void add_metrics_resources(Router& router, std::function<Metrics()> read) {
    router.add({"GET", "/metrics", "", [read = std::move(read)](const HttpRequest&, const Router::Parameters&) {
                    HttpResponse response;
                    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                    response.body = render_metrics(read());
                    return response;
                }});
}

}  // namespace uncut::harness
