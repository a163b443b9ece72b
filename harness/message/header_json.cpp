// SPDX-License-Identifier: Apache-2.0
#include "harness/message/header_json.hpp"

#include <boost/json/array.hpp>
#include <optional>
#include <string>

#include "harness/message/name_text.hpp"
#include "harness/message/text.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::size_t header_octets = 12;  // the first question is behind it: RFC 1035 4.1

}  // namespace

uncut_status inspect_message(std::span<const std::uint8_t> octets, const uncut_module& module,
                             uncut_message_info& info) {
    // A message of no octets still needs an address: the ABI takes no NULL.
    static constexpr std::uint8_t nothing = 0;
    info = {};
    info.size = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
    return module.inspect(octets.empty() ? &nothing : octets.data(), octets.size(), &info);
}

void add_header(const uncut_message_info& info, json::object& object) {
    if ((info.facts & UNCUT_FACT_HEADER) == 0) {
        for (const char* key : {"id", "opcode", "rcode"}) object[key] = nullptr;
        object["flags"] = json::array();
        object["counts"] = nullptr;
        return;
    }
    object["id"] = info.id;
    object["opcode"] = opcode_text(info.opcode);
    object["rcode"] = rcode_text(info.rcode);
    json::array flags;
    for (const std::string_view flag : flag_names(info.flags))
        flags.emplace_back(json::string_view(flag.data(), flag.size()));
    object["flags"] = std::move(flags);
    json::array counts;
    for (const std::uint16_t count : info.counts) counts.emplace_back(count);
    object["counts"] = std::move(counts);
}

json::value question_to_json(std::span<const std::uint8_t> octets, const uncut_message_info& info,
                             const uncut_module& module) {
    if ((info.facts & UNCUT_FACT_QUESTION) == 0) return nullptr;
    const auto name = name_text(octets, header_octets, module);
    if (!name) return nullptr;
    return json::object{
        {"name", *name}, {"type", upstream::type_to_text(info.qtype)}, {"class", upstream::class_to_text(info.qclass)}};
}

json::value edns_to_json(const uncut_message_info& info) {
    if ((info.facts & UNCUT_FACT_OPT) == 0) return nullptr;
    return json::object{{"version", info.edns_version},
                        {"udp_payload_size", info.udp_payload_size},
                        {"do", (info.facts & UNCUT_FACT_DO) != 0}};
}

}  // namespace uncut::harness
