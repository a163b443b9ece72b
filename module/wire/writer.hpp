// SPDX-License-Identifier: Apache-2.0
// Writes records of a parsed message into a new one, where they had to move: names are compressed anew.
#pragma once

#include <array>

#include "module/wire/message.hpp"
#include "module/wire/name.hpp"
#include "module/wire/rdata.hpp"

namespace uncut::wire {

// Letter case is kept: a suffix is shared only where it is the same octet for octet. The question stays where it was,
// so what points to it still does. Nothing is allocated; about 2 KiB of stack.
class Writer {
  public:
    // Copies header and questions of `from`; `out` has room for both. Never writes behind `limit` octets.
    Writer(const Message& from, std::span<std::uint8_t> out, std::size_t limit) noexcept;

    // Appends a record of the message, but no OPT. False: it does not fit, and nothing was changed.
    bool record(const Record& record) noexcept;

    std::uint32_t octets() const noexcept { return at_; }

    // Takes back everything behind an earlier octets().
    void rewind(std::uint32_t octets) noexcept { at_ = octets; }

  private:
    // A name costs its octets for each suffix that has to be looked up. Past this sum names are written as they are:
    // right, and longer (CVE-2024-8508: the budget counts misses too).
    static constexpr std::uint32_t budget_octets = 256 * 1024;
    static constexpr std::size_t table_slots = 512;  // for twice the names of a full UDP message
    static constexpr std::size_t probes_max = 4;

    bool put(const std::uint8_t* octets, std::size_t count) noexcept;
    bool put_name(std::uint32_t offset, bool compress) noexcept;
    bool put_rdata(const Record& record, const RdataRule& rule) noexcept;
    std::uint32_t find(std::uint64_t hash, Octets suffix) const noexcept;
    void note(std::uint64_t hash, std::uint32_t offset) noexcept;
    bool is_name_at(std::uint32_t offset, Octets name) const noexcept;

    const std::uint8_t* from_;
    std::uint8_t* out_;
    std::uint32_t limit_;
    std::uint32_t at_;
    std::uint32_t budget_left_ = budget_octets;
    std::array<std::uint16_t, table_slots> table_{};  // offset of a name in the output; 0: free
};

}  // namespace uncut::wire
