// SPDX-License-Identifier: Apache-2.0
#include "bench/parse/messages.hpp"

#include <string>

namespace uncut::bench {

namespace {

constexpr std::size_t header_octets = 12;
constexpr std::uint32_t ttl_s = 300;
constexpr std::uint32_t network = 0x0a000000;  // 10.0.0.0

}  // namespace

Builder::Builder(std::uint16_t flags) : octets_(header_octets) {
    octets_[0] = 0x12;
    octets_[1] = 0x34;
    octets_[2] = static_cast<std::uint8_t>(flags >> 8);
    octets_[3] = static_cast<std::uint8_t>(flags);
}

std::size_t Builder::room() const {
    return message_octets_max - octets_.size();
}

Builder& Builder::octet(std::size_t value) {
    octets_.push_back(static_cast<std::uint8_t>(value));
    return *this;
}

Builder& Builder::number16(std::size_t value) {
    return octet(value >> 8).octet(value & 0xff);
}

Builder& Builder::fill(std::size_t octets, std::uint8_t value) {
    octets_.insert(octets_.end(), octets, value);
    return *this;
}

Builder& Builder::label(std::string_view text) {
    octet(text.size());
    octets_.insert(octets_.end(), text.begin(), text.end());
    return *this;
}

Builder& Builder::labels(std::string_view dotted) {
    while (!dotted.empty()) {
        const std::size_t dot = dotted.find('.');
        label(dotted.substr(0, dot));
        dotted = dot == dotted.npos ? std::string_view{} : dotted.substr(dot + 1);
    }
    return *this;
}

Builder& Builder::pointer(std::size_t offset) {
    return number16(0xc000 | offset);
}

void Builder::count(Section section) {
    const std::size_t at = 4 + 2 * static_cast<std::size_t>(section);
    const unsigned value = (unsigned{octets_[at]} << 8 | octets_[at + 1]) + 1;
    octets_[at] = static_cast<std::uint8_t>(value >> 8);
    octets_[at + 1] = static_cast<std::uint8_t>(value);
}

Builder& Builder::question(std::uint16_t qtype) {
    count(Section::question);
    return number16(qtype).number16(1);
}

Builder& Builder::begin_record(Section section, std::uint16_t record_type) {
    count(section);
    number16(record_type).number16(1).number16(ttl_s >> 16).number16(ttl_s).number16(0);
    rdata_ = size();
    return *this;
}

Builder& Builder::end_record() {
    const std::size_t length = size() - rdata_;
    octets_[rdata_ - 2] = static_cast<std::uint8_t>(length >> 8);
    octets_[rdata_ - 1] = static_cast<std::uint8_t>(length);
    return *this;
}

Builder& Builder::address(std::uint32_t ipv4) {
    return number16(ipv4 >> 16).number16(ipv4 & 0xffff).end_record();
}

Builder& Builder::opt(std::uint16_t udp_payload_size) {
    count(additional);
    return root().number16(type::opt).number16(udp_payload_size).fill(6, 0);
}

Message response_22() {
    Builder builder(flags_response);
    builder.labels("example.com").root().question(type::a);
    for (std::uint32_t i = 0; i < 22; ++i)
        builder.pointer(header_octets).begin_record(answer, type::a).address(network + i);
    return builder.opt(1232).take();
}

Message response_200() {
    Builder builder(flags_response);
    builder.labels("quote-redis-cluster.default.svc.cluster.local").root().question(type::a);
    builder.pointer(header_octets).begin_record(answer, type::cname);
    const std::size_t target = builder.size();
    constexpr std::size_t default_svc = header_octets + 20;  // behind the first label
    builder.label("backend").pointer(default_svc).end_record();
    for (std::uint32_t i = 0; i < 200; ++i) builder.pointer(target).begin_record(answer, type::a).address(network + i);
    return builder.opt(1232).take();
}

Message cname_chain() {
    constexpr std::size_t zone = header_octets + 4;  // behind "www"
    Builder builder(flags_truncated);
    builder.labels("www.example.com").root().question(type::a);
    std::size_t owner = header_octets;
    for (int i = 0; i < 26; ++i) {
        builder.pointer(owner).begin_record(answer, type::cname);
        owner = builder.size();
        std::string label = "to" + std::string(1, static_cast<char>('a' + i));
        if (i < 11) label += "x";  // 512 octets in all
        builder.label(label).pointer(zone).end_record();
    }
    return builder.take();
}

Message query_with_opt() {
    Builder builder(flags_query);
    return builder.labels("lookups.dns.example.com").root().question(type::a).opt(4096).take();
}

Message plain_rrset(std::size_t octets) {
    Builder builder(flags_response);
    builder.labels("addresses.example.com").root().question(type::a);
    for (std::uint32_t i = 0; builder.size() + 16 + 11 <= octets; ++i)
        builder.pointer(header_octets).begin_record(answer, type::a).address(network + i);
    return builder.opt(1232).take();
}

Message plain_mixed(std::size_t octets) {
    constexpr std::size_t owner_octets_max = 160;  // of one owner's records, below
    Builder builder(flags_response);
    builder.labels("mixed.example.com").root().question(type::a);
    constexpr std::size_t zone = header_octets + 6;  // behind "mixed"
    for (std::uint32_t i = 0; builder.size() + owner_octets_max <= octets; ++i) {
        const std::size_t owner = builder.size();
        // Beyond a pointer's reach a server repeats the owner.
        const auto name = [&] {
            if (owner < pointer_reach && builder.size() != owner) return void(builder.pointer(owner));
            builder.label("host-" + std::to_string(1000 + i % 9000)).pointer(zone);
        };
        name();
        builder.begin_record(answer, type::a).address(network + i);
        name();
        builder.begin_record(answer, type::aaaa).fill(16, 0x20).end_record();
        name();
        builder.begin_record(answer, type::mx).number16(10).label("mail").pointer(zone).end_record();
        name();
        builder.begin_record(answer, type::txt).label("v=spf1 -all").end_record();
    }
    return builder.opt(1232).take();
}

}  // namespace uncut::bench
