// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/ctl.hpp"

namespace uncut::harness {

/// One NAME=VALUE of a command line.
struct CtlAssignment {
    std::string name;
    std::string value;
};

/// Reads NAME=VALUE words, each name once. The error says what was expected.
CtlResult<std::vector<CtlAssignment>> ctl_assignments(const std::vector<std::string>& words);

/// The value that a text has the shape of: true, false, null, a JSON number, an object or array of JSON; else a string.
/// Whether it may be that is for the API to say.
boost::json::value ctl_value(std::string_view text);

/// The same, led by a row of /v1/policy-fields: a set takes words with commas between, or none; a word stays a word.
boost::json::value ctl_value(std::string_view text, const boost::json::value& field);

}  // namespace uncut::harness
