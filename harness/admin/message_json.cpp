// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/message_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <optional>
#include <string>

#include "harness/message/header_json.hpp"
#include "harness/message/name_text.hpp"
#include "harness/message/rdata_text.hpp"
#include "harness/upstream/name.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;
using Octets = std::span<const std::uint8_t>;

constexpr std::size_t record_fixed_octets = 10;  // type, class, TTL, RDLENGTH: RFC 1035 4.1.3
constexpr std::size_t opt_fixed_octets = 11;     // an OPT's owner is the root
constexpr std::size_t option_fixed_octets = 4;   // code and length: RFC 6891 6.1.2
constexpr std::uint16_t opt_type = 41;
constexpr std::array<const char*, 3> sections = {"answer", "authority", "additional"};

std::uint16_t load16(Octets octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

/// Walks the records of a message in the order of the wire, up to the first that is in error.
class Records {
  public:
    Records(Octets octets, const uncut_message_info& info, bool sound, const uncut_module& module)
        : octets_(octets), module_(module), at_(info.section_offsets[1]), left_(message_text_octets_max) {
        // What lies behind the octet in error may be read in many ways, and none of them is right.
        stop_ = sound ? octets.size() : std::min<std::size_t>(info.error_offset, octets.size());
        broken_ = at_ == 0;  // the questions did not end
    }

    json::array read(std::uint16_t count) {
        json::array records;
        for (std::uint16_t i = 0; i < count && !broken_; ++i) {
            const auto place = next();
            if (!place || place->type == opt_type) continue;
            if (full_) {
                ++omitted_;
            } else if (auto record = decode(*place)) {
                records.push_back(std::move(*record));
            }
        }
        return records;
    }

    std::uint64_t omitted() const { return omitted_; }

  private:
    // The next record, by its lengths alone.
    std::optional<RecordPlace> next() {
        RecordPlace place;
        place.offset = at_;
        std::size_t at = at_;
        while (at < stop_ && octets_[at] != 0 && octets_[at] < 0xC0) at += octets_[at] + std::size_t{1};
        at += at < stop_ && octets_[at] >= 0xC0 ? 2 : 1;
        place.rdata = at + record_fixed_octets;
        broken_ = place.rdata > stop_;
        if (broken_) return std::nullopt;
        place.type = load16(octets_, at);
        place.end = place.rdata + load16(octets_, at + 8);
        broken_ = place.end > stop_;
        if (broken_) return std::nullopt;
        at_ = place.end;
        return place;
    }

    std::optional<json::object> decode(const RecordPlace& place) {
        const auto name = name_text(octets_, place.offset, module_);
        const auto data = name ? rdata_text(octets_, place, module_) : std::nullopt;
        broken_ = !data;
        if (broken_) return std::nullopt;
        full_ = shown_ == message_records_max || name->size() + data->size() > left_;
        if (full_) {
            ++omitted_;
            return std::nullopt;
        }
        ++shown_;
        left_ -= name->size() + data->size();
        const std::size_t fixed = place.rdata - record_fixed_octets;
        const std::uint32_t ttl_s =
            std::uint32_t{load16(octets_, fixed + 4)} << 16U | std::uint32_t{load16(octets_, fixed + 6)};
        return json::object{{"name", *name},
                            {"ttl_s", ttl_s},
                            {"class", upstream::class_to_text(load16(octets_, fixed + 2))},
                            {"type", upstream::type_to_text(place.type)},
                            {"data", *data}};
    }

    Octets octets_;
    const uncut_module& module_;
    std::size_t at_;
    std::size_t left_;  // octets of text that there is room for
    std::size_t stop_ = 0;
    std::size_t shown_ = 0;
    std::uint64_t omitted_ = 0;
    bool broken_ = false;
    bool full_ = false;
};

// The module has read the OPT: its options do not overrun it.
json::array read_options(Octets octets, const uncut_message_info& info, std::uint64_t& omitted) {
    json::array options;
    const std::size_t end = std::min<std::size_t>(info.opt_offset + info.opt_octets, octets.size());
    std::size_t at = info.opt_offset + opt_fixed_octets;
    while (at + option_fixed_octets <= end) {
        const std::size_t length = std::min<std::size_t>(load16(octets, at + 2), end - at - option_fixed_octets);
        if (options.size() < message_options_max) {
            options.push_back(json::object{{"code", load16(octets, at)},
                                           {"hex", hex_text(octets.subspan(at + option_fixed_octets, length))}});
        } else {
            ++omitted;
        }
        at += option_fixed_octets + length;
    }
    return options;
}

}  // namespace

json::object message_to_json(Octets octets, const uncut_module& module, bool with_hex) {
    uncut_message_info info;
    const uncut_status status = inspect_message(octets, module, info);
    const bool has_offset = status / 100 == 2;  // the band of malformed messages
    std::uint64_t omitted = 0;
    json::object message;
    message["octets"] = octets.size();
    add_header(info, message);
    message["question"] = question_to_json(octets, info, module);
    message["edns"] = edns_to_json(info);
    if (json::object* edns = message["edns"].if_object()) (*edns)["options"] = read_options(octets, info, omitted);
    Records records(octets, info, status == UNCUT_OK, module);
    for (std::size_t i = 0; i < sections.size(); ++i) message[sections[i]] = records.read(info.counts[i + 1]);
    message["omitted"] = omitted + records.omitted();
    message["error"] = nullptr;
    if (status != UNCUT_OK) {
        message["error"] = json::object{{"status", module.status_name(status)},
                                        {"octet", has_offset ? json::value(info.error_offset) : json::value(nullptr)}};
    }
    if (with_hex) message["hex"] = hex_text(octets);
    return message;
}

}  // namespace uncut::harness
