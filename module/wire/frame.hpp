// SPDX-License-Identifier: Apache-2.0
// Messages over TCP: two octets of length before each (RFC 1035 4.2.2), in whatever segments they arrive.
#pragma once

#include <cstddef>

#include "module/wire/header.hpp"

namespace uncut::wire {

inline constexpr std::size_t frame_prefix_octets = 2;
inline constexpr std::size_t frame_octets_max = frame_prefix_octets + message_octets_max;

// Collects one frame at a time in storage that the caller lends (frame_octets_max octets hold any).
class FrameReader {
  public:
    explicit FrameReader(std::span<std::uint8_t> storage) noexcept : storage_(storage) {}

    // Where the next octets from the stream go. Empty only when a frame is longer than the storage: then the
    // connection cannot go on.
    std::span<std::uint8_t> space() noexcept { return storage_.subspan(filled_); }

    // `octets` of space() were filled.
    void filled(std::size_t octets) noexcept { filled_ += octets; }

    // Takes the next whole message, if there is one; it stays valid until the next space() or compact().
    bool next(Octets& message) noexcept {
        if (filled_ - taken_ < frame_prefix_octets) return false;
        const std::size_t length = load16(storage_.data() + taken_);
        if (filled_ - taken_ - frame_prefix_octets < length) return false;
        message = {storage_.data() + taken_ + frame_prefix_octets, length};
        taken_ += frame_prefix_octets + length;
        return true;
    }

    // Moves what is left to the front; call it when next() has returned false, before space().
    void compact() noexcept {
        if (taken_ == 0) return;
        std::memmove(storage_.data(), storage_.data() + taken_, filled_ - taken_);
        filled_ -= taken_;
        taken_ = 0;
    }

    // Whether a frame has begun and not ended: a close here is early.
    bool inside_frame() const noexcept { return filled_ != taken_; }

    void reset() noexcept { filled_ = taken_ = 0; }

  private:
    std::span<std::uint8_t> storage_;
    std::size_t filled_ = 0;
    std::size_t taken_ = 0;
};

}  // namespace uncut::wire
