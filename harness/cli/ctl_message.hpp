// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace uncut::harness {

/// A DNS message as the API decodes it, in the manner of dig: header, EDNS, the records of each section.
std::string ctl_message_text(const boost::json::value& message);

/// One exchange in a line: when, which, who asked what, the verdict, what happened, the octets of the response, how
/// long it took. What happened is a chain of attempts: "udp>tc tcp>ok"; in parentheses what was ignored on the way, and
/// a plus where a query in flight was shared.
std::string ctl_exchange_line(const boost::json::value& exchange);

/// One exchange as a timeline, and both its messages.
std::string ctl_exchange_text(const boost::json::value& exchange);

}  // namespace uncut::harness
