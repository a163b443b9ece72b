// SPDX-License-Identifier: Apache-2.0
// The messages that are measured, built octet by octet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace uncut::bench {

using Message = std::vector<std::uint8_t>;

enum Section { question, answer, authority, additional };

namespace type {
inline constexpr std::uint16_t a = 1, ns = 2, cname = 5, soa = 6, null = 10, minfo = 14, mx = 15, txt = 16, aaaa = 28,
                               srv = 33, naptr = 35, opt = 41;
}

// Appends to a message and keeps its counts.
class Builder {
  public:
    explicit Builder(std::uint16_t flags);

    std::size_t size() const { return octets_.size(); }
    std::size_t room() const;  // octets left up to 65,535

    Builder& octet(std::size_t value);
    Builder& number16(std::size_t value);
    Builder& fill(std::size_t octets, std::uint8_t value);
    Builder& label(std::string_view text);
    Builder& labels(std::string_view dotted);  // without the root label
    Builder& root() { return octet(0); }
    Builder& pointer(std::size_t offset);

    // Behind a question's name: type and class IN.
    Builder& question(std::uint16_t qtype);
    // Behind an owner name: type, class IN, TTL; the data follows, then end_record.
    Builder& begin_record(Section section, std::uint16_t record_type);
    Builder& end_record();
    Builder& address(std::uint32_t ipv4);  // the data of an A, and the end of the record
    Builder& opt(std::uint16_t udp_payload_size);

    Message take() { return std::move(octets_); }

  private:
    void count(Section section);

    Message octets_;
    std::size_t rdata_ = 0;
};

inline constexpr std::uint16_t flags_query = 0x0100;      // RD
inline constexpr std::uint16_t flags_response = 0x8180;   // QR, RD, RA
inline constexpr std::uint16_t flags_truncated = 0x8380;  // and TC

inline constexpr std::size_t message_octets_max = 65535;
inline constexpr std::size_t pointer_reach = 0x4000;  // a pointer has 14 bits

// (a) 392 octets: 22 A records whose owner is a pointer to the question, and an OPT.
Message response_22();
// (b) 3,296 octets: the story's second name, a CNAME to 200 A records, and an OPT.
Message response_200();
// (c) 512 octets: a chain of CNAMEs, TC set, no address.
Message cname_chain();
// (d) 52 octets: a query with an OPT that advertises 4,096.
Message query_with_opt();
// Plain shape, of a length within one record of `octets`: one RRset of A records, or small RRsets of several types
// below several owners, as a server writes them.
Message plain_rrset(std::size_t octets);
Message plain_mixed(std::size_t octets);

}  // namespace uncut::bench
