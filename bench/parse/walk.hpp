// SPDX-License-Identifier: Apache-2.0
// The yardstick: the least that a careful reader does. Bounds-checked over every record; reads TC and the OPT;
// requires each pointer to look back and follows none; leaves the data of records alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace uncut::bench {

struct Walked {
    bool tc = false;
    bool has_opt = false;
    bool dnssec_ok = false;
    std::uint16_t udp_payload_size = 0;
};

// False: the message is not well formed, as far as this looks.
bool walk(const std::uint8_t* data, std::size_t octets, Walked& walked) noexcept;

}  // namespace uncut::bench
