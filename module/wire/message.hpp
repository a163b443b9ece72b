// SPDX-License-Identifier: Apache-2.0
// The view of a message: what one validating pass found, by offset. Nothing is copied out of the octets.
#pragma once

#include "module/wire/header.hpp"

namespace uncut::wire {

// What the ABI shows of a message (uncut/message.h; its size field is not used here), and where it stands. parse sets
// all of it. Offsets are octets from the start of the message; fields mean something when their uncut_fact bit is set.
struct Message : uncut_message_info {
    const std::uint8_t* data;
    std::uint32_t intact_end;  // where the last complete record (or question) before error_offset ends

    bool has(std::uint32_t fact) const noexcept { return (facts & fact) == fact; }
    bool tc() const noexcept { return (flags & flag::tc) != 0; }
    Octets question() const noexcept { return {data + header_octets, question_octets}; }
    Octets opt() const noexcept { return {data + opt_offset, opt_octets}; }  // whole record; empty without OPT
    Octets whole() const noexcept { return {data, octets}; }
};

// Reads and validates a whole message in one pass: all sections, every name bounded to 255 octets and its pointers
// strictly backwards, RDATA of the types that carry names or addresses, one OPT at most, no octet left over.
// Linear in the octets whatever they are; 33 KiB of stack.
// On any status the result holds what was read before it, and error_offset says where it stopped. Pure, any thread.
// `intact_end` gets what Message says of it.
Status parse(Octets message, uncut_message_info& info, std::uint32_t& intact_end) noexcept;

inline Status parse(Octets message, Message& view) noexcept {
    view.data = message.data();
    return parse(message, view, view.intact_end);
}

// One record of a message that parse accepted.
struct Record {
    std::uint32_t offset;  // of the owner name
    std::uint32_t fixed;   // of type, class, TTL, RDLENGTH
    std::uint32_t end;
    std::uint16_t type;
    std::uint16_t rclass;

    std::uint32_t rdata() const noexcept { return fixed + 10; }
    std::uint32_t rdlength() const noexcept { return end - fixed - 10; }
};

// The record at `offset` of a message that parse accepted.
Record record_at(const std::uint8_t* data, std::uint32_t offset) noexcept;

// Adjacent records of one owner (letter case aside), class and type are one RRset: RFC 2181 5.
bool same_rrset(const std::uint8_t* data, const Record& one, const Record& other) noexcept;

// A run of adjacent records that are one RRset.
struct Run {
    std::uint32_t end = 0;
    std::uint32_t records = 0;
    std::uint32_t last = 0;  // where the last of them begins
};

// The run that begins with `first`, of at most `records`; it is followed no further than to the first record that ends
// behind `stop`.
Run rrset_run(const std::uint8_t* data, const Record& first, std::uint32_t records, std::uint32_t stop) noexcept;

}  // namespace uncut::wire
