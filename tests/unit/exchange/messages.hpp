// SPDX-License-Identifier: Apache-2.0
// Messages said in few words, for stories: Make("www.example.").edns(1232), answer_to(asked).a(22).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "module/wire/opt.hpp"

namespace uncut::story {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& to, std::uint32_t value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value));
}

inline void put32(Bytes& to, std::uint32_t value) {
    put16(to, value >> 16);
    put16(to, value & 0xffff);
}

// Labels between dots, no escapes; "" and "." are the root.
inline void put_name(Bytes& to, std::string_view name) {
    while (!name.empty() && name != ".") {
        const std::size_t dot = std::min(name.find('.'), name.size());
        to.push_back(static_cast<std::uint8_t>(dot));
        to.insert(to.end(), name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dot));
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    to.push_back(0);
}

inline Bytes option(std::uint16_t code, const Bytes& value) {
    Bytes made;
    put16(made, code);
    put16(made, static_cast<std::uint32_t>(value.size()));
    made.insert(made.end(), value.begin(), value.end());
    return made;
}

// A message under construction. Records go in the order of the calls, which is that of the sections.
class Make {
  public:
    explicit Make(std::string_view name, std::uint16_t type = wire::type::a, std::uint16_t rclass = wire::class_in)
        : octets_(wire::header_octets) {
        set(wire::flag::rd);
        put_name(octets_, name);
        put16(octets_, type);
        put16(octets_, rclass);
        wire::set_count(octets_.data(), wire::question, 1);
    }
    // Header and question of another message; records follow.
    static Make from(const Bytes& message) {
        Make made("");
        made.octets_.assign(message.begin(), message.begin() + wire::header_octets);
        for (int section = wire::answer; section <= wire::additional; ++section)
            wire::set_count(made.octets_.data(), section, 0);
        if (wire::count(message.data(), wire::question) != 0) {
            std::size_t end = wire::header_octets;
            while (message[end] != 0) end += message[end] + 1u;
            made.octets_.insert(made.octets_.end(), message.begin() + wire::header_octets,
                                message.begin() + static_cast<std::ptrdiff_t>(end + 5));
        }
        return made;
    }

    Make& id(std::uint16_t value) {
        wire::set_id(octets_.data(), value);
        return *this;
    }
    Make& set(std::uint32_t flags) {
        wire::set_flags(octets_.data(), wire::flags(octets_.data()) | flags);
        return *this;
    }
    Make& clear(std::uint32_t flags) {
        wire::set_flags(octets_.data(), wire::flags(octets_.data()) & ~flags);
        return *this;
    }
    Make& opcode(std::uint32_t value) { return clear(wire::flag::opcode_mask).set(value << 11); }
    Make& rcode(std::uint32_t value) { return clear(wire::flag::rcode_mask).set(value); }
    Make& tc() { return set(wire::flag::tc); }
    Make& without_question() {
        octets_.resize(wire::header_octets);
        wire::set_count(octets_.data(), wire::question, 0);
        return *this;
    }

    // Any record; an owner of "" is the question's name, by a pointer.
    Make& record(int section, std::string_view owner, std::uint16_t type, const Bytes& rdata,
                 std::uint16_t rclass = wire::class_in, std::uint32_t ttl = 300) {
        if (owner.empty())
            put16(octets_, 0xc00c);
        else
            put_name(octets_, owner);
        put16(octets_, type);
        put16(octets_, rclass);
        put32(octets_, ttl);
        put16(octets_, static_cast<std::uint32_t>(rdata.size()));
        octets_.insert(octets_.end(), rdata.begin(), rdata.end());
        wire::set_count(octets_.data(), section, wire::count(octets_.data(), section) + 1u);
        return *this;
    }
    // Addresses 192.0.2.0 and up in the answer; 16 octets each behind a pointer.
    Make& a(std::uint32_t count, std::string_view owner = "") {
        for (std::uint32_t host = 0; host < count; ++host) {
            Bytes address;
            put32(address, 0xc0000200u + host);
            record(wire::answer, owner, wire::type::a, address);
        }
        return *this;
    }
    Make& cname(std::string_view target, std::string_view owner = "") {
        Bytes name;
        put_name(name, target);
        return record(wire::answer, owner, wire::type::cname, name);
    }
    Make& soa(int section = wire::authority) {
        Bytes rdata;
        put_name(rdata, "ns.example.");
        put_name(rdata, "host.example.");
        for (std::uint32_t number = 1; number <= 5; ++number) put32(rdata, number);
        return record(section, "example.", wire::type::soa, rdata);
    }
    Make& edns(std::uint16_t payload_size, bool dnssec_ok = false, const Bytes& options = {},
               std::uint32_t extended_rcode = 0, std::uint32_t version = 0) {
        const std::uint32_t ttl = extended_rcode << 24 | version << 16 | (dnssec_ok ? 0x8000u : 0u);
        return record(wire::additional, ".", wire::type::opt, options, payload_size, ttl);
    }
    Make& tsig() {
        Bytes rdata;
        put_name(rdata, "hmac-sha256.");
        rdata.insert(rdata.end(), {0, 0, 0x60, 0, 0, 0, 1, 44});  // time signed, fudge
        put16(rdata, 32);
        rdata.insert(rdata.end(), 32, 0xaa);
        put16(rdata, 0);
        put16(rdata, 0);
        put16(rdata, 0);
        return record(wire::additional, "key.example.", wire::type::tsig, rdata, wire::type::any, 0);
    }
    // An UPDATE's record that deletes: class ANY, no RDATA.
    Make& deletes(std::string_view owner) {
        return record(wire::authority, owner, wire::type::a, {}, wire::type::any, 0);
    }
    Make& octets(std::initializer_list<std::uint8_t> more) {
        octets_.insert(octets_.end(), more);
        return *this;
    }
    Make& counts(int section, std::uint32_t value) {
        wire::set_count(octets_.data(), section, value);
        return *this;
    }
    Make& cut_to(std::size_t octets) {
        octets_.resize(octets);
        return *this;
    }

    std::size_t size() const { return octets_.size(); }
    operator const Bytes&() const { return octets_; }  // a story passes what it makes
    const Bytes& bytes() const { return octets_; }

  private:
    Bytes octets_;
};

// The response that an upstream which knows what it does begins with: the query's ID and question, QR, RD and RA.
inline Make answer_to(const Bytes& query) {
    return Make::from(query).set(wire::flag::qr | wire::flag::ra);
}

}  // namespace uncut::story
