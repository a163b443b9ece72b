// SPDX-License-Identifier: Apache-2.0
#include "module/wire/opt.hpp"

namespace uncut::wire {

namespace {

constexpr std::uint32_t option_fixed_octets = 4;  // code, length

// Calls `take` with each option that passes on to the next hop: its whole octets.
template <typename Take>
void for_each_forwarded(const Message& from, Take take) noexcept {
    if (!from.has(UNCUT_FACT_OPT)) return;
    const std::uint8_t* at = from.data + from.opt_offset + opt_octets_min;
    const std::uint8_t* end = from.data + from.opt_offset + from.opt_octets;
    while (at != end) {
        const std::uint32_t octets = option_fixed_octets + load16(at + 2);
        if (!is_hop_by_hop(load16(at))) take(Octets{at, octets});
        at += octets;
    }
}

std::uint8_t* write_fixed(const OptFields& fields, std::uint32_t options_octets, std::uint8_t* out) noexcept {
    out[0] = 0;
    store16(out + 1, type::opt);
    store16(out + 3, fields.udp_payload_size);
    out[5] = static_cast<std::uint8_t>(fields.rcode >> 4);
    out[6] = 0;  // the version that we speak
    store16(out + 7, fields.dnssec_ok ? edns_do : 0u);
    store16(out + 9, options_octets);
    return out + opt_octets_min;
}

}  // namespace

bool is_hop_by_hop(std::uint16_t option_code) noexcept {
    return option_code == option::cookie || option_code == option::tcp_keepalive || option_code == option::padding;
}

std::uint32_t forwarded_opt_octets(const Message& from) noexcept {
    std::uint32_t octets = opt_octets_min;
    for_each_forwarded(from, [&](Octets option) { octets += static_cast<std::uint32_t>(option.size()); });
    return octets;
}

std::uint8_t* write_forwarded_opt(const Message& from, const OptFields& fields, std::uint8_t* out) noexcept {
    out = write_fixed(fields, forwarded_opt_octets(from) - opt_octets_min, out);
    for_each_forwarded(from, [&](Octets option) {
        std::memcpy(out, option.data(), option.size());
        out += option.size();
    });
    return out;
}

std::uint8_t* write_opt(const OptFields& fields, std::uint16_t extended_error, std::uint8_t* out) noexcept {
    if (extended_error == no_extended_error) return write_fixed(fields, 0, out);
    out = write_fixed(fields, extended_error_octets, out);
    store16(out, option::extended_error);  // RFC 8914 2: code, length, INFO-CODE, no EXTRA-TEXT
    store16(out + 2, extended_error_octets - option_fixed_octets);
    store16(out + 4, extended_error);
    return out + extended_error_octets;
}

}  // namespace uncut::wire
