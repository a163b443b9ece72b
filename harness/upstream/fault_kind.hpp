// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace uncut::harness::upstream {

/// What the upstream does wrong. The table says what each does and with which parameters.
enum class FaultKind : std::uint8_t {
    tc_partial,
    tc_empty,
    tc_lost,
    dangling_cname,
    oversize,
    cut,
    atr,
    size_max,
    tc_over_tcp,

    rcode,

    lying_counts,
    pointer_loop,
    pointer_forward,
    long_name,
    bad_rdlength,
    trailing_octets,

    formerr_edns,
    two_opts,
    opt_version,
    opt_size,
    opt_options,

    drop,
    delay,
    duplicate,
    wrong_id,
    wrong_question,
    wrong_source,
    garbage,
    empty_datagram,

    tcp_refused,
    tcp_reset,
    tcp_stall,
    tcp_close,
    tcp_one_octet,
    tcp_wrong_length,
    tcp_coalesce,
    tcp_reorder,
    tcp_close_burst,
};

/// size: what becomes of an answer that is too long. content: what is answered. shape: the answer, malformed. edns: its
/// OPT. way: what happens to it on the way. tcp: what TCP does.
enum class FaultGroup : std::uint8_t { size, content, shape, edns, way, tcp };

/// The parameters that kinds have; which kind has which is in the table. All of them fit 32 bits, with a sign.
struct FaultParameters {
    std::optional<std::int32_t> octets{};
    std::optional<std::int32_t> delay_ms{};
    std::optional<std::int32_t> count{};
    std::optional<std::int32_t> rcode{};
    std::optional<std::int32_t> version{};
    std::optional<std::int32_t> difference{};

    bool operator==(const FaultParameters&) const = default;
};

using FaultParameter = std::optional<std::int32_t> FaultParameters::*;

/// One parameter of one kind.
struct FaultParameterInfo {
    FaultParameter member = nullptr;
    std::string_view name{};
    std::string_view unit{};  ///< "octets", "ms" or ""
    std::int32_t minimum = 0;
    std::int32_t maximum = 0;
    std::optional<std::int32_t> standard{};  ///< what it is if it is left out
    bool required = false;                   ///< false without a standard: what is then in force is in the meaning
    std::string_view meaning{};
};

/// One row of the table of faults: all that code, errors, forms and documentation need to know of a kind.
struct FaultKindInfo {
    FaultKind kind;
    std::string_view name;
    FaultGroup group;
    bool udp;              ///< it can act over UDP
    bool tcp;              ///< over TCP
    bool matches_queries;  ///< false: it acts before a query is seen, so it cannot be told which queries it strikes
    FaultParameterInfo parameter;  ///< no name: it has none. No kind needs two
    std::string_view meaning;
};

/// In the order of FaultKind.
std::span<const FaultKindInfo> fault_kinds();
const FaultKindInfo& fault_info(FaultKind kind);
/// nullptr if no kind has this name.
const FaultKindInfo* find_fault_kind(std::string_view name);
std::string_view fault_group_name(FaultGroup group);

/// Every parameter that any kind has, by name.
struct FaultParameterName {
    std::string_view name;
    FaultParameter member;
};
std::span<const FaultParameterName> fault_parameter_names();

}  // namespace uncut::harness::upstream
