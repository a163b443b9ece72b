// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::harness {

// An exchange with both messages decoded is a tenth of this at most.
inline constexpr std::size_t event_octets_max = std::size_t{16} << 20U;

/// Reads server-sent events (WHATWG HTML, 9.2.6) as their octets come, cut anywhere.
class EventReader {
  public:
    struct Event {
        std::string id;    // the last one that was given, also by an earlier event
        std::string name;  // "": none was given
        std::string data;
    };

    /// The events that these octets complete. Comments and events without data are none.
    std::vector<Event> feed(std::string_view octets);
    /// The event that is under way is longer than event_octets_max: nothing more will come of this stream.
    bool overflowed() const { return overflowed_; }
    /// After a new connection: the event under way is lost, the last id is not.
    void restart();

  private:
    void take_line(std::vector<Event>& events);

    std::string line_;
    Event event_;
    bool has_data_ = false;
    bool after_cr_ = false;
    bool overflowed_ = false;
};

}  // namespace uncut::harness
