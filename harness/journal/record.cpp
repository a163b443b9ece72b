// SPDX-License-Identifier: Apache-2.0
#include "harness/journal/record.hpp"

namespace uncut::harness {

std::size_t ExchangeRecord::octets() const {
    std::size_t sum = sizeof *this + query.size() + response.size() + events.size() * sizeof(ExchangeEvent);
    for (const ExchangeEvent& event : events) sum += event.message.size();
    return sum;
}

}  // namespace uncut::harness
