// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <uncut.h>

#include <boost/json/object.hpp>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/net/address.hpp"
#include "harness/probe/probe_diagnosis.hpp"
#include "harness/probe/probe_row.hpp"

namespace uncut::harness {

/// What a probe asks, and whom.
struct ProbeTarget {
    std::string name;  ///< in wire form
    std::uint16_t type = 1;
    Address server;

    ProbeSubject subject() const;
};

struct ProbeReport {
    ProbeSubject subject;
    std::vector<ProbeRow> rows;
    Diagnosis diagnosis;
};

/// A type that one answer can be given to: no zone transfer, no OPT. The error names the text and what was expected.
std::expected<std::uint16_t, std::string> probe_type(std::string_view text);
/// ADDR, ADDR:PORT or ADDR#PORT, port 53 where none is given.
std::expected<Address, std::string> probe_server(std::string_view text);

/// Asks over UDP without EDNS and with sizes of 512, 1232 and 4096, and over TCP, and says what that means. Takes 10
/// seconds at most, against a server that gives nothing; `before_each` is told how it asks next. Any thread.
ProbeReport probe(const ProbeTarget& target, const uncut_module& module,
                  const std::function<void(const std::string& how)>& before_each = {});

/// As `uncut probe --json` prints it.
boost::json::object report_to_json(const ProbeReport& report);

}  // namespace uncut::harness
