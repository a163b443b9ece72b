// SPDX-License-Identifier: Apache-2.0
// A client of server-sent events.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "tests/support/net.hpp"

namespace uncut::test {

/// Connected, and past the response's header, when it is made. Throws std::runtime_error for anything but a 200, and
/// when nothing comes in time.
class EventStream {
  public:
    EventStream(const Endpoint& server, const std::string& target, const std::string& headers = "");
    /// The data of the next event.
    boost::json::object next();

  private:
    std::string until(const std::string& end);

    Socket socket_;
    std::string pending_;
};

}  // namespace uncut::test
