// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harness/admin/asking.hpp"
#include "harness/admin/metrics.hpp"
#include "harness/admin/switchboard.hpp"
#include "harness/admin/system.hpp"
#include "harness/journal/journal.hpp"

namespace uncut::harness {

/// What the running program says of itself. `admin` tells the API's own address, once it has one.
SystemView view_system(std::shared_ptr<Switchboard> switchboard, std::vector<Listener> listeners,
                       std::function<std::optional<Address>()> admin);

/// Reads what its servers, their modules and its journal have counted. `journal` may be none.
std::function<Metrics()> view_metrics(std::shared_ptr<Switchboard> switchboard, std::shared_ptr<Journal> journal);

}  // namespace uncut::harness
