// SPDX-License-Identifier: Apache-2.0
// Well-formed responses of every shape, from a seed: chains, RRsets, referrals, OPTs in odd places, odd compression.
#pragma once

#include <random>
#include <vector>

#include "tests/unit/builder.hpp"

namespace uncut::test {

class RandomMessage {
  public:
    explicit RandomMessage(std::uint32_t seed) : random_(seed), builder_(static_cast<std::uint16_t>(seed)) {}

    Bytes build() {
        const bool referral = chance(4);
        const std::uint16_t asked = chance(3) ? wire::type::aaaa : wire::type::a;
        note_labels(builder_.offset(), name("WwW.quote.example.test"));
        builder_.question(name("WwW.quote.example.test"), asked);
        if (!referral) rrsets(wire::answer, 1 + below(4), asked);
        if (referral)
            delegation();
        else if (chance(2))
            rrsets(wire::authority, below(3), wire::type::ns);
        const std::size_t additional = below(4);
        const std::size_t opt_before = chance(2) ? additional : below(additional + 1);
        const bool opt = chance(2);
        for (std::size_t at = 0; at != additional; ++at) {
            if (opt && at == opt_before) put_opt();
            rrsets(wire::additional, 1, wire::type::a);
        }
        if (opt && opt_before == additional) put_opt();
        Bytes octets = builder_.build();
        if (chance(4)) octets[2] = static_cast<std::uint8_t>(octets[2] | wire::flag::tc >> 8);
        return octets;
    }

    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }

  private:
    // One draw a statement, here and below: the order of arguments is the compiler's, and a seed says the same to all.
    void put_opt() {
        const auto size = static_cast<std::uint16_t>(random_());
        const bool dnssec_ok = chance(2);
        const bool bare = chance(2);
        const std::size_t octets = below(40);
        builder_.opt(size, dnssec_ok, bare ? Bytes{} : option(65'001, Bytes(octets, 5)));
    }

    // Remembers where the labels of a name stand, so that later names can point there.
    void note_labels(std::size_t offset, const Bytes& octets) {
        for (std::size_t at = 0; octets[at] != 0 && octets[at] < 0xc0; at += octets[at] + 1u)
            if (offset + at < 0x3fff) targets_.push_back(offset + at);
    }

    Bytes owner(std::size_t offset) {
        Bytes octets;
        if (chance(3)) {
            const std::size_t length = 1 + below(12);
            const auto letter = static_cast<char>((chance(2) ? 'a' : 'A') + static_cast<int>(below(3)));
            octets = label(length, letter);
        }
        const Bytes rest = chance(8) ? name("spelled.Example.test") : pointer(targets_[below(targets_.size())]);
        octets = octets + rest;
        note_labels(offset, octets);
        return octets;
    }

    std::uint8_t octet() { return static_cast<std::uint8_t>(random_()); }

    Bytes rdata(std::uint16_t type, std::size_t offset) {
        switch (type) {
            case wire::type::a:
                return {10, 0, octet(), octet()};  // in braces the order is that of the text
            case wire::type::aaaa:
                return Bytes(15, 0x20) + Bytes{octet()};
            case wire::type::ns:
            case wire::type::cname:
                return owner(offset);
            case wire::type::mx:
                return Bytes{0, 5} + owner(offset + 2);
            case wire::type::soa:
                return pointer(12) + pointer(16) + Bytes(20, 3);
            case wire::type::srv:
                return Bytes(6) + name("target.example.test");
            default:
                return Bytes{static_cast<std::uint8_t>(60)} + Bytes(60, 't');
        }
    }

    void rrsets(wire::Section section, std::size_t number, std::uint16_t last) {
        constexpr std::uint16_t others[] = {wire::type::cname, wire::type::txt, wire::type::mx, wire::type::soa,
                                            wire::type::srv,   wire::type::a,   wire::type::ns};
        for (; number != 0; --number) {
            const std::uint16_t type = number == 1 ? last : others[below(std::size(others))];
            const Bytes shared = owner(builder_.offset());
            for (std::size_t records = chance(4) ? 1 + below(60) : 1 + below(4); records != 0; --records)
                builder_.record(section, shared, type, rdata(type, builder_.offset() + shared.size() + 10));
        }
    }

    void delegation() {
        const Bytes cut = pointer(targets_[1]);
        std::vector<std::size_t> servers;
        for (std::size_t number = 1 + below(12); number != 0; --number) {
            const std::size_t at = builder_.offset() + 2 + 10;
            const Bytes host = label(1 + below(20), static_cast<char>('a' + number));
            const bool sibling = chance(3);
            builder_.record(wire::authority, cut, wire::type::ns, host + (sibling ? name("elsewhere.test") : cut));
            servers.push_back(at);
        }
        // What nobody requires may stand before the glue.
        if (chance(2)) rrsets(wire::additional, 1, wire::type::txt);
        for (const std::size_t server : servers)
            if (!chance(4)) builder_.record(wire::additional, pointer(server), wire::type::a, {10, 1, 1, 1});
    }

    std::mt19937 random_;
    Builder builder_;
    std::vector<std::size_t> targets_;
};

}  // namespace uncut::test
