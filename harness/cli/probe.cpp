// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/probe.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "harness/cli/probe_client.hpp"
#include "harness/cli/probe_diagnosis.hpp"
#include "harness/message/text.hpp"
#include "harness/upstream/ldns_handles.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::uint16_t dns_port = 53;
constexpr std::array<std::optional<std::uint16_t>, 4> udp_bufsizes{std::nullopt, 512, 1232, 4096};

int usage(const std::string& message) {
    fmt::print(stderr, "uncut probe: {}\n", message);
    return 2;
}

std::vector<ProbeRow> ask_all(const Address& server, const ProbeQuestion& question, const uncut_module& module) {
    ProbeTimeouts timeouts;
    std::vector<ProbeRow> rows;
    for (const auto bufsize : udp_bufsizes) {
        rows.push_back(ask_udp(server, question, bufsize, timeouts, module));
        // A server that is silent once is given one try for each further way of asking, so that the whole stays short.
        if (rows.back().outcome == ProbeOutcome::no_answer) timeouts.udp_tries = 1;
    }
    rows.push_back(ask_tcp(server, question, timeouts, module));
    return rows;
}

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

void print_json(const std::vector<ProbeRow>& rows, const ProbeSubject& subject, const Diagnosis& diagnosis) {
    json::array list;
    for (const ProbeRow& row : rows) list.push_back(row_json(row));
    const json::object out{
        {"name", subject.name},
        {"type", subject.type},
        {"server", subject.server},
        {"rows", std::move(list)},
        {"diagnosis", json::object{{"code", diagnosis.code}, {"text", diagnosis.text}, {"remedy", diagnosis.remedy}}}};
    fmt::print("{}\n", json::serialize(out));
}

}  // namespace

std::expected<ProbeOptions, std::string> parse_probe_arguments(std::span<const std::string> words) {
    ProbeOptions options;
    bool has_type = false;
    for (const std::string& word : words) {
        if (word.starts_with('@')) {
            if (!options.server.empty()) return std::unexpected(fmt::format("a second server, {}: expected one", word));
            if (word.size() == 1) return std::unexpected("@ without a server: expected @ADDR or @ADDR#PORT");
            options.server = word.substr(1);
        } else if (options.name.empty()) {
            options.name = word;
        } else if (!has_type) {
            options.type = word;
            has_type = true;
        } else {
            return std::unexpected(fmt::format("\"{}\": expected NAME [TYPE] [@SERVER[#PORT]]", word));
        }
    }
    if (options.name.empty()) return std::unexpected("no name: expected NAME [TYPE] [@SERVER[#PORT]]");
    return options;
}

std::expected<std::string, std::string> first_nameserver(const std::filesystem::path& resolv_conf) {
    std::ifstream file(resolv_conf);
    if (!file) return std::unexpected(resolv_conf.string() + ": cannot be read; name a server, as in @127.0.0.1");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string keyword;
        std::string server;
        if (words >> keyword >> server && keyword == "nameserver") return server;
    }
    return std::unexpected(resolv_conf.string() + ": has no nameserver; name a server, as in @127.0.0.1");
}

int run_probe(const ProbeOptions& options, const uncut_module& module) {
    const auto name = upstream::name_from_text(options.name);
    if (!name) return usage(name.error());
    const auto type = upstream::type_from_text(options.type);
    if (!type) return usage(type.error());
    if (*type == LDNS_RR_TYPE_AXFR || *type == LDNS_RR_TYPE_IXFR || *type == LDNS_RR_TYPE_OPT) {
        return usage(fmt::format("{}: expected a type that UDP can be asked for", upstream::type_to_text(*type)));
    }
    std::string server = options.server;
    if (server.empty()) {
        auto found = first_nameserver("/etc/resolv.conf");
        if (!found) return usage(found.error());
        server = std::move(*found);
    }
    const auto address = Address::parse(server, dns_port);
    if (!address) return usage(address.error());
    if (address->port() == 0) return usage(server + ": nobody can be asked at port 0");
    const ProbeSubject subject{upstream::name_to_text(*name), upstream::type_to_text(*type), address->text()};
    if (!options.json) {
        fmt::print("{} {}, asked of {}\n\n", subject.name, subject.type, subject.server);
        std::fflush(stdout);
    }
    const std::vector<ProbeRow> rows = ask_all(*address, {*name, *type}, module);
    const Diagnosis diagnosis = diagnose(rows, subject);
    if (options.json) {
        print_json(rows, subject, diagnosis);
    } else {
        fmt::print("{}\n{}\n{}{}", probe_table(rows), diagnosis.text, diagnosis.remedy,
                   diagnosis.remedy.empty() ? "" : "\n");
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return usage("standard output cannot be written");
    return diagnosis.gives_nothing ? 1 : 0;
}

}  // namespace uncut::harness
