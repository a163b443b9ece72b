// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace uncut::harness {

/// What the scripted upstream answers, a line for each.
std::string ctl_answers_text(const boost::json::value& answers);
/// Its faults, a line for each: what a fault is, and how often it struck.
std::string ctl_faults_text(const boost::json::value& faults);

}  // namespace uncut::harness
