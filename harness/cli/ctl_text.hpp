// SPDX-License-Identifier: Apache-2.0
// How ctl writes what the API says, for people. Everything that comes from the API is made printable here.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::harness {

/// The member of an object, or null: an API of another version may leave it out.
const boost::json::value& member(const boost::json::value& object, std::string_view name);
/// The elements of an array; none of anything else.
const boost::json::array& elements(const boost::json::value& value);

/// A value in one line: a string without its quotes, an array of words with commas between, null as "-".
std::string ctl_text(const boost::json::value& value);
/// A member, so written.
std::string ctl_text(const boost::json::value& object, std::string_view name);

/// Rows in columns, two blanks between, each line ended; nothing for no rows. The first row may be a heading.
std::string ctl_table(const std::vector<std::vector<std::string>>& rows);

/// The document with line breaks and indentation, for files that people keep and compare.
std::string ctl_document(const boost::json::value& value);

}  // namespace uncut::harness
