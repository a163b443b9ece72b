// SPDX-License-Identifier: Apache-2.0
// The part of JSON Schema 2020-12 that the contract uses. A keyword that is not known here is an error, so that no
// rule of the contract is passed over in silence.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace uncut::harness::test {

/// What keeps a value from being of a schema: where in the value, and which keyword. Empty: nothing. References lead
/// into `document`.
std::vector<std::string> schema_faults(const boost::json::value& document, const boost::json::value& schema,
                                       const boost::json::value& value, const std::string& at = "");

/// The part of the document that a local reference ("#/...") names; nullptr if there is none.
const boost::json::value* resolve_reference(const boost::json::value& document, std::string_view reference);

}  // namespace uncut::harness::test
