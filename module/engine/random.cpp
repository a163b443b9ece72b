// SPDX-License-Identifier: Apache-2.0
#include "module/engine/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace uncut::engine {

bool Random::refill() noexcept {
    std::size_t filled = 0;
    while (filled < block_octets) {
        const ssize_t got = ::getrandom(block_.data() + filled, block_octets - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        filled += static_cast<std::size_t>(got);
    }
    used_ = 0;
    return true;
}

bool Random::take(std::span<std::uint8_t> out) noexcept {
    while (!out.empty()) {
        if (used_ == block_octets && !refill()) return false;
        const std::size_t some = std::min(out.size(), block_octets - used_);
        std::memcpy(out.data(), block_.data() + used_, some);
        std::memset(block_.data() + used_, 0, some);  // what was handed out is not to be read here again
        used_ += some;
        out = out.subspan(some);
    }
    return true;
}

bool Random::next64(std::uint64_t& out) noexcept {
    std::uint8_t octets[sizeof out];
    if (!take(octets)) return false;
    std::memcpy(&out, octets, sizeof out);
    return true;
}

bool Random::below(std::uint32_t bound, std::uint32_t& out) noexcept {
    // Draws that would favour the low values are thrown away; at most half are, so this ends.
    const std::uint32_t unfair = (0u - bound) % bound;
    for (;;) {
        std::uint8_t octets[4];
        if (!take(octets)) return false;
        std::uint32_t draw = 0;
        std::memcpy(&draw, octets, sizeof draw);
        if (draw < unfair) continue;
        out = draw % bound;
        return true;
    }
}

}  // namespace uncut::engine
