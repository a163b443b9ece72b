// SPDX-License-Identifier: Apache-2.0
#include "harness/probe/probe_report.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>

#include "harness/message/text.hpp"
#include "harness/probe/probe_client.hpp"
#include "harness/upstream/ldns_handles.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::uint16_t dns_port = 53;
constexpr std::array<std::optional<std::uint16_t>, 4> udp_bufsizes{std::nullopt, 512, 1232, 4096};

json::object row_json(const ProbeRow& row) {
    json::object out;
    out["transport"] = row.tcp ? "tcp" : "udp";
    out["udp_payload_size"] = row.bufsize ? json::value(*row.bufsize) : json::value(nullptr);
    out["outcome"] = row.answered() ? "answered" : outcome_text(row);
    if (row.answered()) {
        out["octets"] = row.octets;
        out["tc"] = row.tc;
        out["rcode"] = rcode_text(row.rcode);
        out["counts"] = json::array{row.counts[0], row.counts[1], row.counts[2]};
        out["records"] = row.records;
        const std::string_view verdict = verdict_text(row.verdict);
        out["verdict"] = json::string(verdict.data(), verdict.size());
    } else {
        for (const char* key : {"octets", "tc", "rcode", "counts", "records", "verdict"}) out[key] = nullptr;
    }
    out["time_ms"] = row.time_ms;
    return out;
}

}  // namespace

ProbeSubject ProbeTarget::subject() const {
    return {upstream::name_to_text(name), upstream::type_to_text(type), server.text()};
}

std::expected<std::uint16_t, std::string> probe_type(std::string_view text) {
    const auto type = upstream::type_from_text(text);
    if (type && (*type == LDNS_RR_TYPE_AXFR || *type == LDNS_RR_TYPE_IXFR || *type == LDNS_RR_TYPE_OPT)) {
        return std::unexpected(
            fmt::format("{}: expected a type that UDP can be asked for", upstream::type_to_text(*type)));
    }
    return type;
}

std::expected<Address, std::string> probe_server(std::string_view text) {
    auto address = Address::parse(text, dns_port);
    if (address && address->port() == 0) {
        return std::unexpected(fmt::format("{}: nobody can be asked at port 0", text));
    }
    return address;
}

ProbeReport probe(const ProbeTarget& target, const uncut_module& module,
                  const std::function<void(const std::string& how)>& before_each) {
    const ProbeQuestion question{target.name, target.type};
    ProbeTimeouts timeouts;
    ProbeReport report{target.subject(), {}, {}};
    const auto tell = [&](ProbeRow next) {
        if (before_each) before_each(asked_how(next));
    };
    for (const auto bufsize : udp_bufsizes) {
        tell({.bufsize = bufsize});
        report.rows.push_back(ask_udp(target.server, question, bufsize, timeouts, module));
        // A server that is silent once is given one try for each further way of asking, so that the whole stays short.
        if (report.rows.back().outcome == ProbeOutcome::no_answer) timeouts.udp_tries = 1;
    }
    tell({.tcp = true, .bufsize = probe_tcp_bufsize});
    report.rows.push_back(ask_tcp(target.server, question, timeouts, module));
    report.diagnosis = diagnose(report.rows, report.subject);
    return report;
}

json::object report_to_json(const ProbeReport& report) {
    json::array rows;
    for (const ProbeRow& row : report.rows) rows.push_back(row_json(row));
    const Diagnosis& diagnosis = report.diagnosis;
    return {
        {"name", report.subject.name},
        {"type", report.subject.type},
        {"server", report.subject.server},
        {"rows", std::move(rows)},
        {"diagnosis", json::object{{"code", diagnosis.code}, {"text", diagnosis.text}, {"remedy", diagnosis.remedy}}}};
}

}  // namespace uncut::harness
