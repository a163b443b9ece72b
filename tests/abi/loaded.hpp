// SPDX-License-Identifier: Apache-2.0
// The module as a stranger sees it: opened with dlopen, reached through its table, given memory that ends at a page
// that nobody may touch.
#pragma once

#include <uncut.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace uncut::abi_test {

using Octets = std::vector<std::uint8_t>;

// The one exported function, and the table that it gives for this header's version. Throws std::runtime_error.
uncut_module_open_fn open_function();
const uncut_module& table();

// How a struct crosses: its size to the end of its last member.
constexpr std::uint32_t crosses(const uncut_handshake*) {
    return UNCUT_STRUCT_SIZE(uncut_handshake, minor);
}
constexpr std::uint32_t crosses(const uncut_message_info*) {
    return UNCUT_STRUCT_SIZE(uncut_message_info, edns_version);
}
constexpr std::uint32_t crosses(const uncut_classify_options*) {
    return UNCUT_STRUCT_SIZE(uncut_classify_options, kernel_cut);
}
constexpr std::uint32_t crosses(const uncut_clamp_options*) {
    return UNCUT_STRUCT_SIZE(uncut_clamp_options, edns);
}
constexpr std::uint32_t crosses(const uncut_clamp_result*) {
    return UNCUT_STRUCT_SIZE(uncut_clamp_result, error_offset);
}
constexpr std::uint32_t crosses(const uncut_fit_options*) {
    return UNCUT_STRUCT_SIZE(uncut_fit_options, rotate);
}
constexpr std::uint32_t crosses(const uncut_fit_result*) {
    return UNCUT_STRUCT_SIZE(uncut_fit_result, rebuilt);
}
constexpr std::uint32_t crosses(const uncut_policy*) {
    return UNCUT_STRUCT_SIZE(uncut_policy, learned_ttl_s);
}
constexpr std::uint32_t crosses(const uncut_zone_policy*) {
    return UNCUT_STRUCT_SIZE(uncut_zone_policy, policy);
}
constexpr std::uint32_t crosses(const uncut_instance_config*) {
    return UNCUT_STRUCT_SIZE(uncut_instance_config, secret);
}
constexpr std::uint32_t crosses(const uncut_counter_info*) {
    return UNCUT_STRUCT_SIZE(uncut_counter_info, help);
}
constexpr std::uint32_t crosses(const uncut_exchange_query*) {
    return UNCUT_STRUCT_SIZE(uncut_exchange_query, entropy);
}
constexpr std::uint32_t crosses(const uncut_exchange_needs*) {
    return UNCUT_STRUCT_SIZE(uncut_exchange_needs, kept_octets);
}
constexpr std::uint32_t crosses(const uncut_exchange_storage*) {
    return UNCUT_STRUCT_SIZE(uncut_exchange_storage, kept_octets);
}
constexpr std::uint32_t crosses(const uncut_event*) {
    return UNCUT_STRUCT_SIZE(uncut_event, octets);
}
constexpr std::uint32_t crosses(const uncut_action*) {
    return UNCUT_STRUCT_SIZE(uncut_action, octets);
}
constexpr std::uint32_t crosses(const uncut_address*) {
    return UNCUT_STRUCT_SIZE(uncut_address, scope);
}
constexpr std::uint32_t crosses(const uncut_trace_event*) {
    return UNCUT_STRUCT_SIZE(uncut_trace_event, octets);
}
constexpr std::uint32_t crosses(const uncut_engine_config*) {
    return UNCUT_STRUCT_SIZE(uncut_engine_config, trace);
}
constexpr std::uint32_t crosses(const uncut_submission*) {
    return UNCUT_STRUCT_SIZE(uncut_submission, token);
}

// A zeroed struct with its size set.
template <class T>
T sized() {
    T value{};
    value.size = crosses(&value);
    return value;
}

// Memory that ends at a page without access: a read or a write one octet behind it ends the process. Its first octet is
// as misaligned as its size makes it, so odd sizes give odd addresses.
class Guarded {
  public:
    explicit Guarded(std::size_t octets, std::uint8_t fill = 0);
    explicit Guarded(std::span<const std::uint8_t> content);
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;
    ~Guarded();

    std::uint8_t* data() { return data_; }
    std::size_t size() const { return octets_; }
    std::span<const std::uint8_t> octets() const { return {data_, octets_}; }
    bool holds_only(std::uint8_t value) const;
    // From here on any access to it, not only one behind it, ends the process.
    void take_away();

  private:
    void* pages_ = nullptr;
    std::size_t mapped_ = 0;
    std::uint8_t* data_ = nullptr;
    std::size_t octets_ = 0;
};

// Messages. Names are given in presentation form without escapes.
Octets name(const std::string& text);
Octets query(const std::string& qname, int bufsize = 0, std::uint16_t id = 0x1234);  // bufsize 0: no OPT
// Answers `query` with `addresses` A records at its name, and with its OPT if it has one.
Octets response(const Octets& query, std::size_t addresses, bool tc = false);

bool same(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right);

}  // namespace uncut::abi_test
