// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/probe/probe_row.hpp"

namespace uncut::harness {

/// What was asked of whom, as the texts say it.
struct ProbeSubject {
    std::string name;
    std::string type;
    std::string server;
};

struct Diagnosis {
    std::string code;            ///< stable, for programs: "whole", "passes_truncation_on", ...
    std::string text;            ///< where the answer is lost
    std::string remedy;          ///< what to change; "" where there is nothing to
    bool gives_nothing = false;  ///< the server answered in no way at all
};

/// Says what the rows mean: four over UDP in ascending order of size, the first without EDNS, then one over TCP. Pure.
Diagnosis diagnose(const std::vector<ProbeRow>& rows, const ProbeSubject& subject);

}  // namespace uncut::harness
