// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/admin/router.hpp"
#include "harness/admin/switchboard.hpp"

namespace uncut::harness {

/// What stands behind the servers: /v1/upstreams, /v1/module, /v1/module/reload
void add_behind_resources(Router& router, std::shared_ptr<Switchboard> switchboard);

}  // namespace uncut::harness
