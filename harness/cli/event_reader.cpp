// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/event_reader.hpp"

#include <algorithm>
#include <utility>

namespace uncut::harness {

std::vector<EventReader::Event> EventReader::feed(std::string_view octets) {
    std::vector<Event> events;
    for (const char octet : octets) {
        // A line ends with LF, CR or both.
        if (octet == '\n' && std::exchange(after_cr_, false)) continue;
        after_cr_ = octet == '\r';
        if (octet == '\n' || octet == '\r') {
            take_line(events);
        } else {
            line_ += octet;
        }
        overflowed_ = overflowed_ || line_.size() + event_.data.size() > event_octets_max;
        if (overflowed_) break;
    }
    return events;
}

void EventReader::restart() {
    line_.clear();
    event_ = Event{.id = std::move(event_.id), .name = {}, .data = {}};
    has_data_ = after_cr_ = false;
}

void EventReader::take_line(std::vector<Event>& events) {
    const std::string line = std::exchange(line_, {});
    if (line.empty()) {
        if (has_data_) events.push_back(event_);
        restart();
        return;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view field = std::string_view(line).substr(0, colon);
    std::string_view value = std::string_view(line).substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
        if (std::exchange(has_data_, true)) event_.data += '\n';
        event_.data += value;
    } else if (field == "event") {
        event_.name = value;
    } else if (field == "id" && !value.contains('\0')) {
        event_.id = value;
    }
}

}  // namespace uncut::harness
