// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/admin/router.hpp"
#include "harness/admin/switchboard.hpp"
#include "harness/journal/journal.hpp"

namespace uncut::harness {

/// /v1/exchanges, /v1/exchanges/stream, /v1/exchanges/{number}. Without a journal each answers 409. The switchboard's
/// module decodes.
void add_exchange_resources(Router& router, std::shared_ptr<Journal> journal, std::shared_ptr<Switchboard> switchboard);

}  // namespace uncut::harness
