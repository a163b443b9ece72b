// SPDX-License-Identifier: Apache-2.0
// Messages for tests, octet by octet: what a test wants on the wire is what it writes down.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "module/wire/header.hpp"

namespace uncut::test {

using Bytes = std::vector<std::uint8_t>;

// The octets of a name in presentation form, uncompressed. No escapes.
inline Bytes name(std::string_view text) {
    Bytes octets;
    while (!text.empty() && text != ".") {
        const std::size_t dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        octets.push_back(static_cast<std::uint8_t>(label.size()));
        octets.insert(octets.end(), label.begin(), label.end());
        text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    }
    octets.push_back(0);
    return octets;
}

// A compression pointer.
inline Bytes pointer(std::size_t offset) {
    return {static_cast<std::uint8_t>(0xc0 | offset >> 8), static_cast<std::uint8_t>(offset)};
}

inline Bytes operator+(Bytes one, const Bytes& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

inline Bytes u16(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

// `labels` labels before a name, e.g. to make a name of a certain length.
inline Bytes label(std::size_t octets, char fill = 'x') {
    return Bytes{static_cast<std::uint8_t>(octets)} + Bytes(octets, static_cast<std::uint8_t>(fill));
}

class Builder {
  public:
    explicit Builder(std::uint16_t id = 0x1234, std::uint16_t flags = wire::flag::qr | wire::flag::rd | wire::flag::ra)
        : octets_(wire::header_octets) {
        wire::set_id(octets_.data(), id);
        wire::set_flags(octets_.data(), flags);
    }

    std::size_t offset() const { return octets_.size(); }

    Builder& raw(const Bytes& octets) {
        octets_.insert(octets_.end(), octets.begin(), octets.end());
        return *this;
    }

    Builder& question(const Bytes& owner, std::uint16_t type = wire::type::a, std::uint16_t rclass = wire::class_in) {
        return count(wire::question).raw(owner).raw(u16(type)).raw(u16(rclass));
    }

    Builder& record(wire::Section section, const Bytes& owner, std::uint16_t type, const Bytes& rdata,
                    std::uint16_t rclass = wire::class_in, std::uint32_t ttl = 60) {
        return count(section)
            .raw(owner)
            .raw(u16(type))
            .raw(u16(rclass))
            .raw(u16(ttl >> 16))
            .raw(u16(ttl & 0xffff))
            .raw(u16(rdata.size()))
            .raw(rdata);
    }

    // `number` A records of one owner, each with its own address.
    Builder& addresses(wire::Section section, const Bytes& owner, std::size_t number) {
        for (std::size_t at = 0; at != number; ++at)
            record(section, owner, wire::type::a,
                   {192, 0, static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at)});
        return *this;
    }

    Builder& opt(std::uint16_t size = 1232, bool dnssec_ok = false, const Bytes& options = {},
                 std::uint8_t extended_rcode = 0, std::uint8_t version = 0) {
        const std::uint32_t ttl = static_cast<std::uint32_t>(extended_rcode) << 24 |
                                  static_cast<std::uint32_t>(version) << 16 | (dnssec_ok ? 0x8000u : 0u);
        return record(wire::additional, {0}, wire::type::opt, options, size, ttl);
    }

    // Says a number of records that is not so.
    Builder& claim(wire::Section section, std::uint16_t records) {
        wire::set_count(octets_.data(), section, records);
        return *this;
    }

    Bytes build() const { return octets_; }

  private:
    Builder& count(wire::Section section) {
        wire::set_count(octets_.data(), section, wire::count(octets_.data(), section) + 1u);
        return *this;
    }

    Bytes octets_;
};

inline Bytes option(std::uint16_t code, const Bytes& data) {
    return u16(code) + u16(data.size()) + data;
}

}  // namespace uncut::test
