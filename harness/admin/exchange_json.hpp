// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <boost/json/object.hpp>
#include <string>

#include "harness/journal/record.hpp"

namespace uncut::harness {

enum class ExchangeDetail {
    listed,  ///< both messages decoded
    whole    ///< each packet's too, with its octets
};

/// An exchange as the API shows it. `module` decodes its messages.
boost::json::object exchange_to_json(const ExchangeRecord& record, const uncut_module& module, ExchangeDetail detail);

/// Microseconds since 1970 as RFC 3339 writes it: "2025-01-31T23:59:59.123456Z".
std::string time_text(std::int64_t time_us);

}  // namespace uncut::harness
