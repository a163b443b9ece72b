// SPDX-License-Identifier: Apache-2.0
// Structs across the border: sizes checked, the known prefix copied, tails refused. A host may hand memory of any
// alignment, so nothing here is read or written but by memcpy behind a void pointer.
#pragma once

#include <algorithm>
#include <cstddef>

#include "module/wire/header.hpp"

namespace uncut::entry {

// How far this module knows a struct: to the end of its last member.
template <class Struct>
inline constexpr std::uint32_t known_octets = 0;

template <>
inline constexpr std::uint32_t known_octets<uncut_handshake> = UNCUT_STRUCT_SIZE(uncut_handshake, minor);
template <>
inline constexpr std::uint32_t known_octets<uncut_module> = UNCUT_STRUCT_SIZE(uncut_module, engine_in_flight);
template <>
inline constexpr std::uint32_t known_octets<uncut_message_info> = UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
template <>
inline constexpr std::uint32_t known_octets<uncut_classify_options> =
    UNCUT_STRUCT_SIZE(uncut_classify_options, kernel_cut);
template <>
inline constexpr std::uint32_t known_octets<uncut_clamp_options> = UNCUT_STRUCT_SIZE(uncut_clamp_options, edns);
template <>
inline constexpr std::uint32_t known_octets<uncut_clamp_result> = UNCUT_STRUCT_SIZE(uncut_clamp_result, error_offset);
template <>
inline constexpr std::uint32_t known_octets<uncut_fit_options> = UNCUT_STRUCT_SIZE(uncut_fit_options, rotate);
template <>
inline constexpr std::uint32_t known_octets<uncut_fit_result> = UNCUT_STRUCT_SIZE(uncut_fit_result, rebuilt);
template <>
inline constexpr std::uint32_t known_octets<uncut_policy> = UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s);
template <>
inline constexpr std::uint32_t known_octets<uncut_zone_policy> = UNCUT_STRUCT_SIZE(uncut_zone_policy, policy);
template <>
inline constexpr std::uint32_t known_octets<uncut_instance_config> = UNCUT_STRUCT_SIZE(uncut_instance_config, secret);
template <>
inline constexpr std::uint32_t known_octets<uncut_counter_info> = UNCUT_STRUCT_SIZE(uncut_counter_info, help);
template <>
inline constexpr std::uint32_t known_octets<uncut_exchange_query> = UNCUT_STRUCT_SIZE(uncut_exchange_query, entropy);
template <>
inline constexpr std::uint32_t known_octets<uncut_exchange_needs> =
    UNCUT_STRUCT_SIZE(uncut_exchange_needs, kept_octets);
template <>
inline constexpr std::uint32_t known_octets<uncut_exchange_storage> =
    UNCUT_STRUCT_SIZE(uncut_exchange_storage, kept_octets);
template <>
inline constexpr std::uint32_t known_octets<uncut_event> = UNCUT_STRUCT_SIZE(uncut_event, octets);
template <>
inline constexpr std::uint32_t known_octets<uncut_action> = UNCUT_STRUCT_SIZE(uncut_action, octets);
template <>
inline constexpr std::uint32_t known_octets<uncut_address> = UNCUT_STRUCT_SIZE(uncut_address, scope);
template <>
inline constexpr std::uint32_t known_octets<uncut_completion> = UNCUT_STRUCT_SIZE(uncut_completion, upstream);
template <>
inline constexpr std::uint32_t known_octets<uncut_engine_config> = UNCUT_STRUCT_SIZE(uncut_engine_config, trace);
template <>
inline constexpr std::uint32_t known_octets<uncut_trace_event> = UNCUT_STRUCT_SIZE(uncut_trace_event, octets);
template <>
inline constexpr std::uint32_t known_octets<uncut_submission> = UNCUT_STRUCT_SIZE(uncut_submission, token);

// What a struct had in its first release. When one grows, its old size is specialised here and stays.
template <class Struct>
inline constexpr std::uint32_t first_octets = known_octets<Struct>;

template <>
inline constexpr std::uint32_t first_octets<uncut_engine_config> = UNCUT_STRUCT_SIZE(uncut_engine_config, letter_case);

// A size beyond this is no struct of any release but memory that nobody initialised: its tail is not looked at,
// because it may lie outside what the host owns.
inline constexpr std::uint32_t struct_octets_max = 4096;

inline constexpr std::size_t array_alignment = 8;  // elements lie their size, rounded up to this, apart: types.h

inline std::uint32_t load_size(const void* from) noexcept {
    std::uint32_t size;
    std::memcpy(&size, from, sizeof size);
    return size;
}

inline bool all_zero(const void* from, std::size_t octets) noexcept {
    const auto* at = static_cast<const unsigned char*>(from);
    return std::all_of(at, at + octets, [](unsigned char octet) { return octet == 0; });
}

// Writes one value to where the host wants it; NULL: nowhere.
template <class Value>
void put(void* to, const Value& value) noexcept {
    if (to != nullptr) std::memcpy(to, &value, sizeof value);
}

// Writes one field of a struct, and nothing else of it.
template <class Value>
void put_field(void* to, std::size_t offset, const Value& value) noexcept {
    std::memcpy(static_cast<unsigned char*>(to) + offset, &value, sizeof value);
}

template <class Struct>
Status check_size(std::uint32_t size) noexcept {
    static_assert(known_octets<Struct> >= first_octets<Struct> && first_octets<Struct> >= sizeof(std::uint32_t));
    return size < first_octets<Struct> || size > struct_octets_max ? UNCUT_MISUSE_STRUCT_SIZE : UNCUT_OK;
}

// Copies what both sides know of the host's struct over the defaults in `to`. On misuse `to` is as it was.
template <class Struct>
Status copy_in(const void* from, Struct& to) noexcept {
    if (from == nullptr) return UNCUT_MISUSE_NULL;
    const std::uint32_t size = load_size(from);
    if (size == known_octets<Struct>) [[likely]] {
        std::memcpy(&to, from, known_octets<Struct>);
        return UNCUT_OK;
    }
    if (const Status wrong = check_size<Struct>(size)) return wrong;
    if (size > known_octets<Struct>) {
        const auto* tail = static_cast<const unsigned char*>(from) + known_octets<Struct>;
        if (!all_zero(tail, size - known_octets<Struct>)) return UNCUT_MISUSE_TAIL;
    }
    // Never the half of a member: short of this release it is the first one's.
    std::memcpy(&to, from, size < known_octets<Struct> ? first_octets<Struct> : known_octets<Struct>);
    return UNCUT_OK;
}

// Copies element `index` of an array in. All its elements are of one size, the first one's.
template <class Struct>
Status copy_in_element(const void* array, std::size_t index, Struct& to) noexcept {
    if (array == nullptr) return UNCUT_MISUSE_NULL;
    const std::uint32_t size = load_size(array);
    if (const Status wrong = check_size<Struct>(size)) return wrong;
    const std::size_t apart = (size + array_alignment - 1) / array_alignment * array_alignment;
    const auto* element = static_cast<const unsigned char*>(array) + index * apart;
    if (load_size(element) != size) return UNCUT_MISUSE_STRUCT_SIZE;
    return copy_in(element, to);
}

// Whether a struct can take results.
template <class Struct>
Status check_out(const Struct* to) noexcept {
    return to == nullptr ? Status{UNCUT_MISUSE_NULL} : check_size<Struct>(load_size(to));
}

// Copies as much of a result as the host has room for; its size field stays. `to` passed check_out.
template <class Struct>
void copy_out(void* to, const Struct& from) noexcept {
    constexpr std::size_t begin = sizeof(std::uint32_t);
    const std::uint32_t size = load_size(to);
    auto* out = static_cast<unsigned char*>(to) + begin;
    const auto* in = reinterpret_cast<const unsigned char*>(&from) + begin;
    if (size >= known_octets<Struct>) [[likely]] {
        std::memcpy(out, in, known_octets<Struct> - begin);
    } else {
        std::memcpy(out, in, size - begin);
    }
}

// Where results are written before they are shown: into the host's struct, where that is aligned and has room for all
// of them; else into a copy, of which the host gets as much as it has room for. The size field is never written.
template <class Struct>
class Result {
  public:
    // `to` passed check_out.
    explicit Result(Struct* to) noexcept
        : host_(to),
          in_place_(load_size(to) >= known_octets<Struct> &&
                    reinterpret_cast<std::uintptr_t>(to) % alignof(Struct) == 0) {}

    Struct& operator*() noexcept { return in_place_ ? *host_ : copy_; }
    void show() noexcept {
        if (!in_place_) [[unlikely]]
            copy_out(host_, copy_);
    }

  private:
    Struct* host_;
    bool in_place_;
    Struct copy_;
};

// Octets that the host lends: NULL is allowed where there are none.
inline Status check_octets(const void* at, std::size_t octets) noexcept {
    return at == nullptr && octets != 0 ? UNCUT_MISUSE_NULL : UNCUT_OK;
}

// A message that the host lends.
inline Status check_message(const void* at, std::size_t octets) noexcept {
    if (const Status wrong = check_octets(at, octets)) return wrong;
    return octets > UNCUT_MESSAGE_OCTETS_MAX ? UNCUT_LIMIT_OCTETS : UNCUT_OK;
}

inline bool is_misuse(Status status) noexcept {
    return status / 100 == 1;
}

}  // namespace uncut::entry
