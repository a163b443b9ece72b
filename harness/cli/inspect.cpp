// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "harness/cli/input.hpp"
#include "harness/log/printable.hpp"
#include "harness/message/header_json.hpp"
#include "harness/message/text.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

json::value verdict_json(const InspectRequest& request, const uncut_module& module) {
    uncut_classify_options options{};
    options.size = UNCUT_STRUCT_SIZE(uncut_classify_options, kernel_cut);
    options.suspect = UNCUT_SUSPECT_CUT | UNCUT_SUSPECT_OVERSIZE | UNCUT_SUSPECT_DANGLING_CNAME;
    options.transport = request.tcp && !request.short_frame ? UNCUT_TRANSPORT_TCP : UNCUT_TRANSPORT_UDP;
    options.kernel_cut = request.short_frame ? 1 : 0;  // the same to a message: there was more of it
    if (!request.query.empty()) {
        options.query = request.query.data();
        options.query_octets = request.query.size();
    }
    std::uint32_t verdict = 0;
    if (module.classify(request.octets.data(), request.octets.size(), &options, &verdict) != UNCUT_OK) return nullptr;
    const std::string_view text = verdict_text(verdict);
    return json::string(text.data(), text.size());
}

/// The messages of one file, as `options` says they are kept. The spans point into `octets`, which is filled.
std::expected<std::vector<Frame>, std::string> read_messages(const std::string& file, const InspectOptions& options,
                                                             Octets& octets) {
    auto read = read_input(file);
    if (!read) return std::unexpected(read.error());
    octets = std::move(*read);
    if (options.hex) {
        auto decoded = decode_hex({reinterpret_cast<const char*>(octets.data()), octets.size()});
        if (!decoded) return std::unexpected(fmt::format("{}: {}", input_name(file), decoded.error()));
        octets = std::move(*decoded);
    }
    // A framed file without a frame is a row too: a message of no octets.
    if (options.framed && !octets.empty()) return split_frames(octets);
    return std::vector<Frame>{{octets, false}};
}

std::expected<Octets, std::string> read_query(const InspectOptions& options, const uncut_module& module) {
    if (options.query_file.empty()) return Octets{};
    Octets octets;
    const auto messages = read_messages(options.query_file, options, octets);
    if (!messages) return std::unexpected(messages.error());
    const std::span<const std::uint8_t> first = messages->front().octets;
    uncut_message_info info;
    const uncut_status status = inspect_message(first, module, info);
    if (status != UNCUT_OK) {
        const std::string octet = status / 100 == 2 ? fmt::format(" at octet {}", info.error_offset) : "";
        return std::unexpected(
            fmt::format("{}: not a query: {}{}", input_name(options.query_file), module.status_name(status), octet));
    }
    if ((info.flags & 0x8000U) != 0)
        return std::unexpected(input_name(options.query_file) + ": not a query: QR is set");
    return Octets(first.begin(), first.end());
}

}  // namespace

InspectRow inspect_row(const InspectRequest& given, const uncut_module& module) {
    // A message of no octets still needs an address: the ABI takes no NULL.
    static constexpr std::uint8_t nothing = 0;
    InspectRequest request = given;
    if (request.octets.empty()) request.octets = {&nothing, 0};
    uncut_message_info info;
    uncut_status status = inspect_message(request.octets, module, info);
    bool has_offset = status / 100 == 2;
    if (status == UNCUT_OK && request.short_frame) {
        status = UNCUT_WIRE_CUT;
        info.error_offset = static_cast<std::uint32_t>(request.octets.size());
        has_offset = true;
    }
    json::object row;
    row["file"] = utf8_text(request.file);
    row["octets"] = request.octets.size();
    row["status"] = module.status_name(status);
    row["offset"] = has_offset ? json::value(info.error_offset) : json::value(nullptr);
    add_header(info, row);
    row["question"] = question_to_json(request.octets, info, module);
    row["edns"] = edns_to_json(info);
    row["verdict"] = verdict_json(request, module);
    return {json::serialize(row), status == UNCUT_OK};
}

int run_inspect(const InspectOptions& options, const uncut_module& module) {
    if (options.files.empty()) {
        fmt::print(stderr, "uncut inspect: no file given: expected one or more, - for standard input\n");
        return 2;
    }
    if (std::ranges::count(options.files, "-") + (options.query_file == "-" ? 1 : 0) > 1) {
        fmt::print(stderr, "uncut inspect: - given twice: standard input can be read only once\n");
        return 2;
    }
    const auto query = read_query(options, module);
    if (!query) {
        fmt::print(stderr, "uncut inspect: {}\n", query.error());
        return 2;
    }
    int exit_code = 0;
    for (const std::string& file : options.files) {
        Octets octets;
        const auto messages = read_messages(file, options, octets);
        if (!messages) {
            fmt::print(stderr, "uncut inspect: {}\n", messages.error());
            exit_code = 2;
            continue;
        }
        for (const Frame& message : *messages) {
            const InspectRow row =
                inspect_row({file, message.octets, *query, options.framed, message.is_short}, module);
            fmt::print("{}\n", row.json);
            if (!row.ok && exit_code == 0) exit_code = 1;
        }
    }
    if (std::fflush(stdout) != 0) {
        fmt::print(stderr, "uncut inspect: standard output cannot be written\n");
        return 2;
    }
    return exit_code;
}

}  // namespace uncut::harness
